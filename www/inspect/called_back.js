// Was it called back? Only the issuer knows, so the issuer is asked, when somebody presses the button and not before.

import { byId, fill, el } from "../lib/dom.js";

/** Why a token cannot be one of this issuer's, in words; undefined where it may be one. */
export function notOurs(claims, origin) {
  if (typeof claims.jti !== "string") return "It has no jti, by which tokens are called back.";
  const hasShape = Object.hasOwn(claims, "sid") || Object.hasOwn(claims, "token_type") || claims.iss === origin;
  return hasShape ? undefined : "It has neither a session (sid) nor a token_type, as tokens of Hallpass do.";
}

/** Whether other Workers take it for a bearer's: a refresh token is refused there for what it is. */
const isForBearers = ({ token_type }) => token_type !== "refresh";

/** The card that asks: `show(token, claims)` for a token to ask about, `show()` for none. */
export function calledBackCard() {
  const [issuer, others, answer, why, asking] = ["ask-issuer", "ask-others", "called-back-answer", "not-ours", "may-be-ours"].map(byId);
  let token;
  let turn = 0;
  issuer.addEventListener("click", () => ask(askIssuer));
  others.addEventListener("click", () => ask(askOthers));

  async function ask(question) {
    const mine = ++turn;
    tell({ words: "Asking…" });
    const said = await question(token);
    // Meanwhile there may be another token, or another question.
    if (mine === turn) tell(said);
  }

  function tell({ state, word, words }) {
    answer.dataset.state = state ?? "";
    fill(answer, word && el("strong", { class: state }, word), word && " ", words);
  }

  return {
    show(shown, claims) {
      token = shown;
      turn += 1;
      tell({});
      const trouble = claims && notOurs(claims, location.origin);
      asking.hidden = Boolean(trouble);
      why.hidden = !trouble;
      why.textContent = trouble ? `This token does not look like one of this Worker’s, so there is nobody here to ask. ${trouble}` : "";
      byId("others-part").hidden = !claims || !isForBearers(claims);
    },
  };
}

/** What `POST /api/token/verify/` says: `{ state, word, words }`. */
async function askIssuer(token) {
  const headers = { "Content-Type": "application/json" };
  const { status, detail } = await answered("/api/token/verify/", { method: "POST", headers, body: JSON.stringify({ token }) });
  if (status === 200) return { state: "good", word: "Good.", words: "This Worker takes it at this moment: it was not called back." };
  if (status === 400) return { state: "bad", word: "Called back.", words: "It would be good otherwise, but this Worker refuses it." };
  if (status === 401) return { state: "warn", word: "Not good here.", words: `Whether it was called back makes no difference: ${detail}` };
  return unknown(status, detail);
}

const LET_IN = "By what KV says here, it was not called back. News may take a minute to get there.";

/** What `GET /api/check/` says. */
async function askOthers(token) {
  const { status, detail } = await answered("/api/check/", { headers: { Authorization: `Bearer ${token}` } });
  if (status === 200) return { state: "good", word: "Let in.", words: LET_IN };
  if (status === 401) return { state: "bad", word: "Refused.", words: `A Worker that reads KV does not let it in: ${detail}` };
  return unknown(status, detail);
}

async function answered(path, init) {
  try {
    const answer = await fetch(path, { cache: "no-store", ...init });
    return { status: answer.status, detail: await detailOf(answer) };
  } catch {
    return { status: 0 };
  }
}

/** The reason that stands nearest to the token, with its code. */
async function detailOf(answer) {
  const body = await answer.json().catch(() => undefined);
  const reason = body?.messages?.[0]?.message ?? body?.detail ?? body?.non_field_errors?.[0];
  if (typeof reason !== "string") return `it answered ${answer.status}.`;
  return `“${reason}”${typeof body.code === "string" ? ` (${body.code})` : ""}.`;
}

function unknown(status, detail) {
  const words = status === 0 ? "This Worker could not be reached." : `This Worker answered ${status}: ${detail}`;
  return { state: "warn", word: "Not known.", words };
}
