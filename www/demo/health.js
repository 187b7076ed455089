// Whether the Worker behind the page runs, and what it signs with.

import { byId } from "../lib/dom.js";

/** Asks and shows; resolves to what it says of itself, or to undefined where it does not run. */
export async function showHealth() {
  show("unknown", "Asking /healthz …");
  try {
    const answer = await fetch("/healthz", { headers: { accept: "application/json" } });
    if (answer.status === 503) return show("bad", "Not set up: it answers 503. Its log names what is missing or wrong.");
    if (!answer.ok) return show("bad", `Something else answers here: status ${answer.status}.`);
    const health = await answer.json();
    showFacts(health);
    show("good", "Running");
    return health;
  } catch {
    return show("bad", "No answer. Has it been stopped?");
  }
}

function show(state, text) {
  byId("status").dataset.state = state;
  byId("status").textContent = text;
}

function showFacts({ version, algorithm }) {
  byId("version").textContent = version;
  byId("algorithm").textContent = algorithm;
  byId("facts").hidden = false;
  if (algorithm.startsWith("HS")) {
    byId("keys").textContent = "It signs with a shared secret, so there are no public keys to verify its tokens with.";
  }
}
