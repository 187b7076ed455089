// What clients and administrators do, one function each: what is asked, and what the history learns from
// the answer. Everybody asks through `asked`, which knows what it means that no answer came.

import { blacklist, changePassword, refresh, resetAll, trySignIn, verify } from "../support/client.mjs";
import { admin } from "../support/people.mjs";
import { bearer, request } from "../support/request.mjs";
import { decodeToken } from "../support/token.mjs";
import { judgeAlive, judgeDead, judgeEnded, judgeExchange, judgePassword, judgeSpent } from "./oracle.mjs";

/**
 * Asks, and takes the answer down: `means` maps statuses to outcomes. Resolves to the answer, or to
 * nothing where nobody can know what has happened.
 */
async function asked(world, operation, means, call) {
  const { history } = world;
  let answer;
  try {
    answer = await call(world.worker);
  } catch (error) {
    if (world.dying) return undefined;
    throw new Error(`no answer to "${operation.kind}" from a Worker that nobody has killed`, { cause: error });
  }
  world.onAnswer?.();
  const { status, text } = answer;
  if (status >= 500) {
    if (!world.mayFail) history.violated("unexpected", `${operation.kind}: ${status} ${text}`);
    history.answer(operation, "failed");
    return undefined;
  }
  history.answer(operation, means[status] ?? "refused");
  if (!(status in means)) history.violated("unexpected", `${operation.kind}: ${status} ${text}`);
  return answer;
}

const tokenOf = (text) => {
  const { jti, iat, sid, sub } = decodeToken(text).payload;
  return { jti, iat, sid, sub, text };
};

const givePair = (world, session, { access, refresh: token }) =>
  world.history.pair(session, tokenOf(access), tokenOf(token));

function openSession(world, user, operation, pair) {
  const session = world.history.session(user, operation, tokenOf(pair.access).sid);
  givePair(world, session, pair);
  return session;
}

export const newest = (session) => session.pairs.at(-1);

/** Registers a user, with one session. */
export async function register(world, nth) {
  const [email, password] = [`user${nth}@example.com`, `the first password of ${nth}`];
  const operation = world.history.ask("register");
  const call = (worker) => request(worker, "POST", "/api/v1/users/registration/", { json: { email, password } });
  const { json } = await asked(world, operation, { 201: "done" }, call);
  const { sub } = tokenOf(json.access_token);
  const user = world.history.user(email, { sub, firstPassword: password, passwords: [password] });
  openSession(world, user, operation, { access: json.access_token, refresh: json.refresh_token });
  return user;
}

export async function signIn(world, user, password = user.passwords[0]) {
  const operation = world.history.ask("sign in");
  user.openings = (user.openings ?? 0) + 1;
  const means = { 200: "done", 401: "refused" };
  const answer = await asked(world, operation, means, (worker) => trySignIn(worker, { email: user.name, password }));
  if (!answer) return;
  judgePassword(world.history, user, password, operation, answer.status === 200);
  if (answer.status === 200) openSession(world, user, operation, answer.json);
}

/** Exchanges a token: the newest of its session, or one that is spent. */
export async function present(world, session, token = newest(session).refresh) {
  const operation = world.history.ask("refresh");
  session.touched = operation.sent;
  token.presented.push(operation);
  const answer = await asked(world, operation, { 200: "done", 401: "refused" }, (worker) => refresh(worker, token.text));
  if (!answer) return;
  if (answer.status === 200) {
    judgeExchange(world.history, token, operation);
    givePair(world, session, answer.json);
  } else {
    learnRefusal(world, session, token, operation, answer.headers["hallpass-reason"]);
  }
}

function learnRefusal(world, session, token, operation, reason) {
  if (reason === "lost_race") return judgeSpent(world.history, token, operation);
  if (reason !== "reuse") return judgeEnded(world.history, session, operation);
  // By this token, or by another one before; a reuse stands in KV by the session's name in any case.
  judgeDead(world.history, token, operation);
  session.endedAt ??= operation.answered;
  session.ends.push({ ...operation, outcome: "done", ownEntry: true });
}

/** Ends a session in one of the ways there are. */
export async function end(world, session, how) {
  const { means, ownEntry, call } = WAYS_TO_END[how];
  const pair = newest(session);
  const operation = world.history.ask(`end by ${how}`, { ownEntry });
  session.touched = operation.sent;
  session.ends.push(operation);
  const answer = await asked(world, operation, means, (worker) => call(worker, session, pair));
  if (!answer || operation.outcome === "done") return;
  if (answer.json?.messages) return judgeDead(world.history, pair.access, operation);
  // Also where the token was spent only, for then its being given back has ended the session.
  if (answer.status === 401) judgeDead(world.history, pair.refresh, operation);
  else judgeEnded(world.history, session, operation);
  session.endedAt ??= operation.answered;
}

export const WAYS_TO_END = {
  blacklist: {
    means: { 200: "done", 401: "refused" },
    ownEntry: true,
    call: (worker, session, { refresh: token }) => blacklist(worker, token.text),
  },
  logout: {
    means: { 200: "done", 401: "refused" },
    ownEntry: true,
    call: (worker, session, { access, refresh: token }) =>
      request(worker, "POST", "/logout_token/", { headers: bearer(access.text), json: { refresh_token: token.text } }),
  },
  list: {
    means: { 204: "done", 404: "refused", 401: "refused" },
    ownEntry: true,
    call: (worker, { sid }, { access }) =>
      request(worker, "DELETE", `/api/sessions/${sid}/`, { headers: bearer(access.text) }),
  },
  // Says 200 to everybody, also where it was an end of all that came first.
  revocation: {
    means: { 200: "done" },
    ownEntry: false,
    call: (worker, session, { refresh: token }) => request(worker, "POST", "/oauth/revoke", { form: { token: token.text } }),
  },
  admin: {
    means: { 204: "done", 404: "refused" },
    ownEntry: true,
    call: (worker, { sid, user }) => admin(worker, "DELETE", `users/${user.sub}/sessions/${sid}/`),
  },
};

/** Calls an access token back by itself. */
export async function revokeAccess(world, session) {
  const { access } = newest(session);
  const operation = world.history.ask("revoke an access token");
  session.touched = operation.sent;
  access.revocations.push(operation);
  const call = (worker) => request(worker, "POST", "/oauth/revoke", { form: { token: access.text } });
  await asked(world, operation, { 200: "done" }, call);
}

/** Ends all sessions of a user in one of the ways there are. */
export async function endAll(world, session, how) {
  const { user } = session;
  const { access } = newest(session);
  const operation = world.history.ask(`end all by ${how}`);
  user.touched = operation.sent;
  user.cutoffs.push(operation);
  const { done, call } = WAYS_TO_END_ALL[how];
  const answer = await asked(world, operation, { [done]: "done", 401: "refused" }, (worker) => call(worker, access, user));
  if (operation.outcome === "done") user.openings = 0;
  else if (answer) judgeDead(world.history, access, operation);
}

export const WAYS_TO_END_ALL = {
  reset: { done: 205, call: (worker, { text }) => resetAll(worker, text) },
  logout: {
    done: 200,
    call: (worker, { text }) => request(worker, "POST", "/logout_token/", { headers: bearer(text), json: { all: true } }),
  },
  admin: { done: 204, call: (worker, access, { sub }) => admin(worker, "DELETE", `users/${sub}/sessions/`) },
};

/**
 * Changes the password from the first that may be the user's. Who got no answer does not know which it is
 * and tries the other one next time; a change that is acknowledged settles all before it.
 */
export async function change(world, session) {
  const { user } = session;
  if (user.changing) return;
  user.changing = true;
  const { access } = newest(session);
  const [from] = user.passwords;
  const to = `password ${world.history.tick()} of ${user.name}`;
  const operation = world.history.ask("change the password", { from, to, late: true });
  user.touched = operation.sent;
  user.cutoffs.push(operation);
  user.changes.push(operation);
  const means = { 200: "done", 400: "refused", 401: "refused" };
  const answer = await asked(world, operation, means, (worker) => changePassword(worker, access.text, from, to));
  user.changing = false;
  if (!answer) user.passwords = [...user.passwords, to];
  else if (answer.status === 200) changed(world, user, operation, answer.json);
  else if (answer.status === 401) judgeDead(world.history, access, operation);
  else wrongPassword(world, user, operation);
}

function changed(world, user, operation, pair) {
  user.passwords = [operation.to];
  user.openings = 1;
  for (const before of user.changes) before.settled ??= operation.answered;
  openSession(world, user, operation, pair);
}

function wrongPassword(world, user, operation) {
  judgePassword(world.history, user, operation.from, operation, false);
  user.passwords.shift();
  if (user.passwords.length === 0) throw new Error(`nobody knows the password of ${user.name}`);
}

/** Asks whether a token is good, which changes nothing. */
export async function look(world, token) {
  const operation = world.history.ask("verify");
  const answer = await asked(world, operation, { 200: "done", 400: "done" }, (worker) => verify(worker, token.text));
  if (!answer) return;
  if (answer.status === 200) judgeAlive(world.history, token, operation);
  else judgeDead(world.history, token, operation);
}
