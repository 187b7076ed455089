// The commands for a terminal: with this Worker's address, and a button that copies each.

import { copyButton } from "../lib/copy.js";
import { byId } from "../lib/dom.js";

/** Without scripts the commands are all there is to do here, so they come open; with them they wait below. */
export function showCurl() {
  byId("curl").open = false;
  for (const origin of byId("curl").querySelectorAll(".origin")) origin.textContent = location.origin;
  for (const command of byId("curl").querySelectorAll("pre")) {
    const name = command.previousElementSibling.textContent;
    command.before(copyButton(command, `the command: ${name}`, (outcome) => (byId("copied").textContent = outcome)));
  }
}
