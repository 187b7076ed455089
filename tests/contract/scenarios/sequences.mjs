// What a session lives through, told as sequences: rotation, reuse, logout, and what is left afterwards.

import { mint } from "../mint.mjs";

export const signIn = (user, saved = { access: "access", refresh: "refresh" }, name = `${user} logs in`) => ({
  name,
  path: "/api/token/",
  json: { email: `{{${user}.email}}`, password: `{{${user}.password}}` },
  save: saved,
});
export const refresh = (name, token, save) => ({
  name,
  path: "/api/token/refresh/",
  json: { refresh: `{{${token}}}` },
  save,
});
export const verify = (name, token) => ({ name, path: "/api/token/verify/", json: { token: `{{${token}}}` } });
export const blacklist = (name, token) => ({ name, path: "/api/token/blacklist/", json: { refresh: `{{${token}}}` } });
export const info = (name, token) => ({ name, method: "GET", path: "/api/v1/users/info/", bearer: `{{${token}}}` });
export const logout = (name, token, json) => ({ name, path: "/logout_token/", bearer: `{{${token}}}`, json });
export const resetAll = (name, token) => ({ name, path: "/api/v1/users/reset-all-token/", bearer: `{{${token}}}` });
export const slidingIn = (user, save) => ({
  name: `${user} gets a sliding token`,
  path: "/api/token/sliding/",
  json: { email: `{{${user}.email}}`, password: `{{${user}.password}}` },
  save,
});
export const slide = (name, token, save) => ({
  name,
  path: "/api/token/sliding/refresh/",
  json: { token: `{{${token}}}` },
  save,
});

// What a pair's answer is kept as: `access2` and `refresh2`.
const next = (number) => ({ [`access${number}`]: "access", [`refresh${number}`]: "refresh" });

export const sequences = [
  {
    name: "a session is refreshed again and again",
    users: ["alice"],
    steps: [
      signIn("alice", next(1)),
      refresh("first refresh", "refresh1", next(2)),
      refresh("second refresh", "refresh2", next(3)),
      refresh("third refresh", "refresh3", next(4)),
      info("info with the newest access token", "access4"),
      info("info with the first access token", "access1"),
      verify("verify the newest refresh token", "refresh4"),
      verify("verify the newest access token", "access4"),
      verify("verify a rotated-out refresh token", "refresh1"),
      verify("verify the first access token", "access1"),
    ],
  },
  {
    name: "a refresh token just rotated out is refused and its successor lives on",
    users: ["alice"],
    steps: [
      signIn("alice", next(1)),
      refresh("rotate", "refresh1", next(2)),
      refresh("present the spent one", "refresh1"),
      refresh("present the spent one again", "refresh1"),
      info("info with the successor access token", "access2"),
      refresh("refresh with the successor", "refresh2", next(3)),
      info("info with the access token after that", "access3"),
    ],
  },
  {
    name: "a refresh token spent two rotations ago is refused",
    users: ["alice"],
    steps: [
      signIn("alice", next(1)),
      refresh("rotate", "refresh1", next(2)),
      refresh("rotate again", "refresh2", next(3)),
      refresh("present the first one", "refresh1"),
      refresh("refresh with the newest", "refresh3", next(4)),
      info("info with the newest access token", "access3"),
      verify("verify the newest access token", "access3"),
      verify("verify the newest refresh token", "refresh3"),
      signIn("alice", next(5), "alice logs in anew"),
      refresh("refresh in the new session", "refresh5"),
      info("info in the new session", "access5"),
    ],
  },
  {
    name: "a blacklisted refresh token is refused everywhere",
    users: ["alice"],
    steps: [
      signIn("alice", next(1)),
      blacklist("blacklist", "refresh1"),
      blacklist("blacklist a second time", "refresh1"),
      refresh("refresh", "refresh1"),
      verify("verify the refresh token", "refresh1"),
      verify("verify the access token", "access1"),
      info("info with the access token", "access1"),
      slide("sliding refresh", "refresh1"),
      info("info with the refresh token", "refresh1"),
      signIn("alice", next(2), "alice logs in anew"),
      info("info in the new session", "access2"),
    ],
  },
  {
    name: "a rotated-out refresh token cannot be blacklisted again",
    users: ["alice"],
    steps: [
      signIn("alice", next(1)),
      refresh("rotate", "refresh1", next(2)),
      blacklist("blacklist the spent one", "refresh1"),
      refresh("refresh with the successor", "refresh2"),
      info("info with the successor access token", "access2"),
    ],
  },
  {
    name: "blacklisting the successor ends the session",
    users: ["alice"],
    steps: [
      signIn("alice", next(1)),
      refresh("rotate", "refresh1", next(2)),
      blacklist("blacklist the successor", "refresh2"),
      refresh("refresh with the successor", "refresh2"),
      refresh("refresh with the first", "refresh1"),
      info("info with the first access token", "access1"),
      info("info with the second access token", "access2"),
      verify("verify the second access token", "access2"),
    ],
  },
  {
    name: "one session ends and the other of the same user lives",
    users: ["alice"],
    steps: [
      signIn("alice", next(1)),
      signIn("alice", next(2), "alice logs in on a second device"),
      blacklist("blacklist the first", "refresh1"),
      info("info in the second", "access2"),
      refresh("refresh in the second", "refresh2", next(3)),
      refresh("refresh in the first", "refresh1"),
      info("info in the second again", "access3"),
      info("info in the first", "access1"),
    ],
  },
  {
    name: "logging out with a refresh token ends its session",
    users: ["alice"],
    steps: [
      signIn("alice", next(1)),
      signIn("alice", next(2), "alice logs in on a second device"),
      logout("log out", "access1", { refresh_token: "{{refresh1}}" }),
      refresh("refresh", "refresh1"),
      verify("verify the refresh token", "refresh1"),
      info("info with the access token", "access1"),
      verify("verify the access token", "access1"),
      refresh("refresh in the other session", "refresh2"),
      info("info in the other session", "access2"),
      logout("log out everywhere, with the same access token", "access1", { all: true }),
      refresh("refresh in the other session after that", "refresh2"),
      info("info in the other session after that", "access2"),
    ],
  },
  {
    name: "logging out everywhere ends every session of the user and of nobody else",
    users: ["alice", "bob"],
    steps: [
      signIn("alice", next(1)),
      refresh("rotate", "refresh1", next(2)),
      signIn("alice", next(3), "alice logs in on a second device"),
      logout("log out everywhere", "access3", { all: true }),
      refresh("refresh in the first session", "refresh2"),
      refresh("refresh with the rotated-out token", "refresh1"),
      refresh("refresh in the second session", "refresh3"),
      refresh("refresh with the token from before", "alice.refresh"),
      verify("verify a refresh token", "refresh3"),
      verify("verify an access token", "access3"),
      info("info with an access token", "access2"),
      info("info of bob", "bob.access"),
      refresh("refresh of bob", "bob.refresh"),
      signIn("alice", next(4), "alice logs in anew"),
      info("info in the new session", "access4"),
      refresh("refresh in the new session", "refresh4"),
    ],
  },
  {
    name: "resetting all tokens ends every session of the user and of nobody else",
    users: ["alice", "bob"],
    steps: [
      signIn("alice", next(1)),
      slidingIn("alice", { sliding1: "token" }),
      signIn("alice", next(2), "alice logs in on a second device"),
      resetAll("reset", "access1"),
      refresh("refresh in the first session", "refresh1"),
      refresh("refresh in the second session", "refresh2"),
      slide("sliding refresh", "sliding1"),
      verify("verify the sliding token", "sliding1"),
      info("info with the access token", "access1"),
      verify("verify the access token", "access1"),
      info("info of bob", "bob.access"),
      refresh("refresh of bob", "bob.refresh"),
      signIn("alice", next(3), "alice logs in anew"),
      resetAll("reset again", "access3"),
      resetAll("reset with the same access token", "access3"),
      refresh("refresh after that", "refresh3"),
    ],
  },
  {
    name: "a token signed elsewhere is adopted at its first use and then spent like any other",
    users: ["alice"],
    tokens: { foreign: mint.refresh("alice", { claims: { role: "teacher" } }) },
    steps: [
      verify("verify it", "foreign"),
      refresh("first use", "foreign", next(1)),
      refresh("second use", "foreign"),
      verify("verify the spent one", "foreign"),
      blacklist("blacklist the spent one", "foreign"),
    ],
  },
  {
    name: "the successor of a token signed elsewhere goes on with its claims",
    users: ["alice"],
    tokens: { foreign: mint.refresh("alice", { claims: { role: "teacher", rooms: [1, 2] } }) },
    steps: [
      refresh("first use", "foreign", next(1)),
      info("info with the access token", "access1"),
      refresh("refresh with the successor", "refresh1", next(2)),
      info("info with the next access token", "access2"),
      blacklist("blacklist the next successor", "refresh2"),
      refresh("refresh with the blacklisted", "refresh2"),
    ],
  },
  {
    name: "a token signed elsewhere can be blacklisted before its first use",
    users: ["alice"],
    tokens: { foreign: mint.refresh("alice"), orphan: mint.refresh() },
    steps: [
      blacklist("blacklist it", "foreign"),
      blacklist("blacklist it again", "foreign"),
      refresh("refresh", "foreign"),
      verify("verify", "foreign"),
      blacklist("blacklist one without a user", "orphan"),
      refresh("refresh the one without a user", "orphan"),
      verify("verify the one without a user", "orphan"),
    ],
  },
  {
    name: "resetting all tokens reaches those signed elsewhere too",
    users: ["alice"],
    tokens: {
      used: mint.refresh("alice"),
      unused: mint.refresh("alice"),
      access: mint.access("alice"),
      sliding: mint.sliding("alice"),
    },
    steps: [
      refresh("use one before", "used", next(1)),
      verify("look at the other before", "unused"),
      info("info with the foreign access token before", "access"),
      verify("look at the foreign sliding token before", "sliding"),
      resetAll("reset", "alice.access"),
      refresh("refresh the successor", "refresh1"),
      refresh("refresh the one never used", "unused"),
      slide("slide the foreign sliding token", "sliding"),
      info("info with the foreign access token", "access"),
    ],
  },
];
