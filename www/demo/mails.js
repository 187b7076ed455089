// Mail that nobody sends: on a laptop the Worker shows it instead.

import { byId, el, fill } from "../lib/dom.js";

/** A mail is written after the answer that it follows from. */
const LOOKS = 10;
const APART_MS = 300;

/** Shows the last mails, where there are any to be seen, and those that come within the next seconds. */
export async function showMails() {
  for (let look = 0; look < LOOKS; look++) {
    const mails = await mailsHere();
    if (mails === undefined) return;
    show(mails);
    await new Promise((resolve) => setTimeout(resolve, APART_MS));
  }
}

/** `undefined`: this Worker has its mail sent, or none at all. */
async function mailsHere() {
  try {
    const answer = await fetch("/api/development/mail/", { headers: { accept: "application/json" } });
    return answer.ok ? (await answer.json()).mails : undefined;
  } catch {
    return undefined;
  }
}

function show(mails) {
  byId("mails").hidden = false;
  fill(byId("mails-list"), ...mails.map(item));
}

const item = ({ to, code, link }) => el("li", {}, `To ${to}: `, el("code", {}, code ?? link));
