// Whose session it is: the first thing that its access token is good for.

import { byId, el, fill } from "/lib/dom.js";

/** Asks with the access token; where the Worker keeps no account of them, what the token says has to do. */
export async function showWho(session) {
  const { sid, sub } = session.claims;
  const person = await askedFor(session);
  if (session.claims?.sid !== sid) return;
  const name = person && [person.first_name, person.last_name].filter(Boolean).join(" ");
  fill(byId("who"), "Signed in as ", name && el("strong", {}, name), name && ", ", el("span", {}, person?.email || sub), ".");
}

async function askedFor(session) {
  try {
    const answer = await session.fetch("/api/v1/users/info/", { headers: { accept: "application/json" } });
    return answer.ok ? await answer.json() : undefined;
  } catch {
    // Whatever is wrong, somebody else will tell.
    return undefined;
  }
}
