// Whose session it is: the first thing that its access token is good for.

import { byId, el, fill } from "../lib/dom.js";

/** Asks by `fetch` with the access token; where the Worker keeps no account of them, what the token says has to do. */
export async function showWho(session, fetch) {
  const { sid, sub } = session.claims;
  const person = await askedFor(session, fetch);
  if (session.claims?.sid !== sid) return;
  const name = person && [person.first_name, person.last_name].filter(Boolean).join(" ");
  fill(byId("who"), "Signed in as ", name && el("strong", {}, name), name && ", ", el("span", {}, person?.email || sub), ".");
}

/** Not by the session's own `fetch`: the 401 for who has no account here is no reason to refresh. */
async function askedFor(session, fetch) {
  try {
    const headers = { accept: "application/json", authorization: `Bearer ${await session.accessToken()}` };
    const answer = await fetch("/api/v1/users/info/", { headers });
    return answer.ok ? await answer.json() : undefined;
  } catch {
    // Whatever is wrong, somebody else will tell.
    return undefined;
  }
}
