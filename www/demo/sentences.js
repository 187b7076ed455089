// Why the issuer answered as it did, in a sentence each.

const REFUSED = "The access token is refused: it has expired, or it was called back.";

const SENTENCES = {
  "POST /api/v1/users/registration/": {
    201: "There is an account now, and its first session is open.",
    400: "The issuer did not take this; the form says why.",
    404: "This Worker has no accounts of its own.",
  },
  "POST /api/token/": {
    200: "The password is right, so a session was opened.",
    400: "The issuer did not take this; the form says why.",
    401: "No account has this address and this password. Which of the two is wrong is not told. Or both are right, and a code is asked for.",
    404: "This Worker has no accounts of its own.",
  },
  "POST /api/token/otp/": {
    200: "The code is the one that was mailed, so a session was opened.",
    400: "The issuer did not take this; the form says why.",
    401: "This is another code, or it is over.",
    429: "Too many codes were wrong. Even the right one is not looked at for a while.",
  },
  "POST /api/token/refresh/": {
    401: "The refresh token is good for nothing any more.",
  },
  "POST /api/token/blacklist/": {
    200: "The session has ended: its access token is refused from now on, too, though it has not expired.",
    401: "The session had ended before.",
  },
  "POST /api/v1/users/reset-all-token/": {
    205: "Every session of yours has ended, on every device, and every access token is refused from now on.",
    401: REFUSED,
  },
  "GET /api/sessions/": {
    401: REFUSED,
  },
  "GET /api/v1/users/info/": {
    200: "The access token was taken; it says whose it is.",
    401: "The access token is refused, or whose it is has no account here.",
  },
  "DELETE /api/sessions/…/": {
    204: "That session has ended, its access token with it, wherever it is.",
    401: REFUSED,
    404: "There is no such session any more.",
  },
  "GET /.well-known/jwks.json": {
    200: "The public keys. With them anybody can verify, and nobody can sign.",
  },
};

const REFRESHED = {
  true: "A new pair, as you asked.",
  false: "A new pair. The page asked by itself, since the access token was running out or was refused.",
};

const REPLAYED = {
  200: "A spent refresh token was answered all the same: this Worker gives the same pair again for a while (REFRESH_GRACE_SECONDS).",
  401: "A spent refresh token was presented again. It buys nothing.",
};

const NAMES_A_SESSION = /^(DELETE \/api\/sessions\/)[^/]+\/?$/;

/** An entry for the time line about an answer to this page, if it is worth one; `byHand`: its reader asked for it just now. */
export function entryOf(asked, status, byHand) {
  const path = asked.replace(NAMES_A_SESSION, "$1…/");
  // The list is read after everything else, and shows itself what it says.
  if (path === "GET /api/sessions/" && status === 200) return undefined;
  const isRefresh = path === "POST /api/token/refresh/" && status === 200;
  return entry(path, status, isRefresh ? REFRESHED[byHand] : SENTENCES[path]?.[status]);
}

/** The same about a spent refresh token that was presented again. */
export const entryOfReplay = (asked, status) => ({ ...entry(asked, status, REPLAYED[status]), state: "warn" });

const entry = (asked, status, why = inGeneral(status)) => ({ asked, status: status ?? "no answer", why, state: stateOf(status) });

const stateOf = (status) => (status < 300 ? "good" : "bad");

function inGeneral(status) {
  if (status === undefined) return "Nothing came back, so nothing is known of what the issuer did.";
  if (status < 300) return "Done.";
  if (status === 429) return "Too many requests; try again in a while.";
  return status < 500 ? "The issuer refused." : "The issuer could not answer. Its log says why.";
}

const ELSEWHERE = {
  signed_in: ["A session was opened there; this page uses it, too.", "good"],
  refreshed: ["The pair was exchanged there; this page has the new one.", "good"],
  signed_out: ["Somebody logged out there, so this page has no session any more.", "warn"],
};

/** An entry about a change that another page made, if there is something to say. */
export function entryOfElsewhere(kind) {
  const [why, state] = ELSEWHERE[kind] ?? [];
  return why && { asked: "Another tab", why, state };
}
