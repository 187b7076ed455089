// A server of Django and Simple JWT that shares its SIGNING_KEY with Hallpass, as while somebody moves over: it takes our access
// tokens, and its refresh tokens go on here, each exactly once. It is the one that the contract was recorded from.

import assert from "node:assert/strict";
import test, { after, before, describe } from "node:test";
import { findPython } from "../../tools/python.mjs";
import { startReference } from "../contract/reference.mjs";
import {
  atOnce,
  blacklist,
  BLACKLISTED,
  info,
  PASSWORD,
  refresh,
  register,
  resetAll,
  statuses,
  verify,
} from "../support/client.mjs";
import { CLIENTS, openSession } from "../support/clients.mjs";
import { request } from "../support/request.mjs";
import { decodeToken } from "../support/token.mjs";
import { startWorker } from "../support/worker.mjs";

const KEY = "the key that Django and Hallpass share, as long as HS256 wants";
const VARS = { ALGORITHM: "HS256", SIGNING_KEY: KEY, ADOPT_FOREIGN_TOKENS: "true", CLIENTS };

const python = findPython();

describe("beside Django", { skip: python ? false : "no Python with Django on this machine" }, () => {
  let django, worker;
  before(async () => {
    [django, worker] = await Promise.all([startReference(python, { signingKey: KEY }), startWorker({ vars: VARS })]);
  });
  after(() => Promise.all([django?.stop(), worker?.stop()]));

  const atDjango = () => django.baseUrl;
  const newcomer = async () => {
    const user = await register(atDjango(), `${Math.random()}@example.com`.slice(2));
    return { ...user, id: String(decodeToken(user.access).payload.user_id) };
  };
  const signIn = async ({ email }, path = "/api/token/") => {
    const { status, json, text } = await request(atDjango(), "POST", path, { json: { email, password: PASSWORD } });
    assert.equal(status, 200, text);
    return json;
  };

  test("Django takes the access tokens of our sessions, of the next pair too", async () => {
    const user = await newcomer();
    const pair = await openSession(worker, user.id);
    const next = (await refresh(worker, pair.refresh)).json;
    for (const { access } of [pair, next]) {
      const { status, json } = await info(atDjango(), access);
      assert.deepEqual([status, json.email], [200, user.email]);
    }
    for (const { refresh } of [pair, next]) assert.equal((await info(atDjango(), refresh)).status, 401, "a refresh token");
    const forged = next.access.replace(/.(?=[^.]*$)/, (first) => (first === "A" ? "Q" : "A"));
    assert.equal((await info(atDjango(), forged)).status, 401);
    const nobody = await openSession(worker, "999999");
    assert.equal((await info(atDjango(), nobody.access)).json.code, "user_not_found");
  });

  test("we take Django's access tokens", async () => {
    const { access } = await newcomer();
    assert.equal((await verify(worker, access)).status, 200);
    assert.equal((await verify(atDjango(), access)).status, 200);
  });

  test("each of Django's refresh tokens is exchanged once, and Django takes what it is exchanged for", async () => {
    const user = await newcomer();
    for (let nth = 0; nth < 10; nth += 1) {
      const { refresh: theirs } = await signIn(user);
      const answers = await atOnce(5, () => refresh(worker, theirs));
      assert.deepEqual(statuses(answers), { 200: 1, 401: 4 }, `of token ${nth}`);
      const { json: pair } = answers.find(({ status }) => status === 200);
      assert.equal((await info(atDjango(), pair.access)).json.email, user.email);
      assert.deepEqual((await refresh(worker, theirs)).json, BLACKLISTED);
      assert.equal((await refresh(worker, pair.refresh)).status, 200, "the session goes on here");
    }
  });

  test("what was called back here was never exchanged and never will be", async () => {
    const user = await newcomer();
    const { refresh: theirs } = await signIn(user);
    assert.equal((await blacklist(worker, theirs)).status, 200);
    assert.deepEqual((await refresh(worker, theirs)).json, BLACKLISTED);
  });

  test("whoever ends all sessions here ends those that Django began", async () => {
    const user = await newcomer();
    const [seen, unseen] = [await signIn(user), await signIn(user)];
    const pair = (await refresh(worker, seen.refresh)).json;
    assert.equal((await resetAll(worker, pair.access)).status, 205);
    for (const token of [seen.refresh, unseen.refresh, pair.refresh]) {
      assert.deepEqual((await refresh(worker, token)).json, BLACKLISTED);
    }
  });

  test("a sliding token of Django's slides on here, with its id", async () => {
    const { token } = await signIn(await newcomer(), "/api/token/sliding/");
    const { status, json, text } = await request(worker, "POST", "/api/token/sliding/refresh/", { json: { token } });
    assert.equal(status, 200, text);
    const [theirs, ours] = [token, json.token].map((token) => decodeToken(token).payload);
    assert.deepEqual([ours.jti, ours.refresh_exp, ours.user_id], [theirs.jti, theirs.refresh_exp, String(theirs.user_id)]);
    assert.equal((await verify(atDjango(), json.token)).status, 200);
  });
});
