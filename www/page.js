// What the page cannot know by itself: its own address, and whether the Worker behind it runs.
// Without this script the page still stands, with the address that `npm start` serves on.

const element = (id) => document.getElementById(id);

for (const origin of document.querySelectorAll(".origin")) origin.textContent = location.origin;
for (const command of document.querySelectorAll("pre")) command.before(copyButton(command));
showHealth();

async function showHealth() {
  show("unknown", "Asking /healthz …");
  try {
    const answer = await fetch("/healthz", { headers: { accept: "application/json" } });
    if (answer.status === 503) return show("bad", "Not set up: it answers 503. Its log names what is missing or wrong.");
    if (!answer.ok) return show("bad", `Something else answers here: status ${answer.status}.`);
    const { version, algorithm } = await answer.json();
    show("good", "Running");
    showFacts(version, algorithm);
  } catch {
    show("bad", "No answer. Has it been stopped?");
  }
}

function show(state, text) {
  element("status").dataset.state = state;
  element("status").textContent = text;
}

function showFacts(version, algorithm) {
  element("version").textContent = version;
  element("algorithm").textContent = algorithm;
  element("facts").hidden = false;
  if (algorithm.startsWith("HS")) {
    element("keys").textContent = "It signs with a shared secret, so there are no public keys to verify its tokens with.";
  }
}

function copyButton(command) {
  const button = document.createElement("button");
  const name = command.previousElementSibling.textContent;
  button.type = "button";
  button.textContent = "Copy";
  button.setAttribute("aria-label", `Copy the command: ${name}`);
  button.addEventListener("click", async () => {
    const outcome = (await copied(command)) ? "Copied" : "Selected";
    button.textContent = outcome;
    element("copied").textContent = `${outcome}: ${name}`;
    setTimeout(() => (button.textContent = "Copy"), 2000);
  });
  return button;
}

/** Whether the text is on the clipboard; where there is none to write to, it is selected instead. */
async function copied(command) {
  try {
    // Absent on pages that came over plain HTTP, localhost apart.
    await navigator.clipboard.writeText(command.textContent);
    return true;
  } catch {
    getSelection().selectAllChildren(command);
    return false;
  }
}
