// The admin console: signed out it asks for the key, signed in it shows the sections. Everything it does is a request to
// /admin/api/ that whoever has the key could also make by hand.

import { byId, fill } from "../lib/dom.js";
import { AdminApi } from "./api.js";
import { watchIdleness } from "./idleness.js";
import { openSections } from "./sections.js";
import { signInForm } from "./sign_in.js";

const WARNING = "Nothing has been done here for 14 minutes. In one minute this page locks; press any key to stay.";

const main = byId("content");
const api = new AdminApi(signedOut);
let open;

main.tabIndex = -1;
document.querySelector(".skip").addEventListener("click", skipToContent);
// A page that is left may be kept as it is, to be shown again when somebody goes back.
addEventListener("pagehide", () => open && signedOut("The key was forgotten when this page was left."));
askForKey();

function askForKey(words) {
  document.title = "Admin · Hallpass";
  const { nodes, focus } = signInForm({ open: (key) => api.open(key), onOpen: signedIn, words });
  fill(main, ...nodes);
  focus();
}

function signedIn() {
  const stay = new AbortController();
  const sections = openSections({ api, signal: stay.signal, onLock: () => signedOut("Locked. The key is forgotten.") });
  fill(main, ...sections.nodes);
  watchIdleness({
    signal: stay.signal,
    onWarning: () => sections.say(WARNING, "warn"),
    onReturn: () => sections.say(),
    onIdle: () => signedOut("Locked after 15 minutes without activity. The key is forgotten."),
  });
  open = stay;
  sections.start();
}

/** Forgets the key and takes everything from the screen that it has shown. */
function signedOut(words) {
  api.close();
  open?.abort();
  open = undefined;
  askForKey(words);
}

// By the hash, as the link does without a script, the section would be left.
function skipToContent(event) {
  event.preventDefault();
  main.focus();
}
