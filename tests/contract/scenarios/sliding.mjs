// Sliding tokens, and which refusal wins when several apply.

import { fromNow, mint } from "../mint.mjs";
import { blacklist, info, refresh, resetAll, slide, slidingIn, verify } from "./sequences.mjs";

export const sliding = [
  {
    name: "a sliding token slides and its predecessor goes on working",
    users: ["alice"],
    steps: [
      slidingIn("alice", { token1: "token" }),
      slide("slide", "token1", { token2: "token" }),
      slide("slide the new one", "token2", { token3: "token" }),
      slide("slide the first again", "token1", { token4: "token" }),
      verify("verify the first", "token1"),
      verify("verify the last", "token4"),
      info("info with a sliding token", "token2"),
    ],
  },
  {
    name: "a sliding token has a second end",
    users: ["alice"],
    tokens: {
      "both ahead": mint.sliding("alice"),
      "refresh_exp before exp": mint.sliding("alice", { claims: { refresh_exp: fromNow(100) } }),
      "refresh_exp passed": mint.sliding("alice", { claims: { refresh_exp: fromNow(-10) } }),
      "refresh_exp this second": mint.sliding("alice", { claims: { refresh_exp: fromNow(0) } }),
      "exp passed and refresh_exp ahead": mint.sliding("alice", { claims: { exp: fromNow(-10) } }),
      "no refresh_exp": mint.sliding("alice", { without: ["refresh_exp"] }),
      "refresh_exp a float": mint.sliding("alice", { claims: { refresh_exp: fromNow(1000.5) } }),
      "refresh_exp a word": mint.sliding("alice", { claims: { refresh_exp: "later" } }),
      "refresh_exp a numeric string": mint.sliding("alice", { claims: { refresh_exp: "9999999999" } }),
      "refresh_exp null": mint.sliding("alice", { claims: { refresh_exp: null } }),
      "refresh_exp an array": mint.sliding("alice", { claims: { refresh_exp: [] } }),
      "refresh_exp 1e15": mint.sliding("alice", { claims: { refresh_exp: 1e15 } }),
      "refresh_exp passed and the wrong type": mint.access("alice", { claims: { refresh_exp: fromNow(-10) } }),
    },
    steps: [
      "both ahead",
      "refresh_exp before exp",
      "refresh_exp passed",
      "refresh_exp this second",
      "exp passed and refresh_exp ahead",
      "no refresh_exp",
      "refresh_exp a float",
      "refresh_exp a word",
      "refresh_exp a numeric string",
      "refresh_exp null",
      "refresh_exp an array",
      "refresh_exp 1e15",
      "refresh_exp passed and the wrong type",
    ].map((name) => slide(name, name)),
  },
  {
    name: "a sliding token ends with all others of its user",
    users: ["alice"],
    steps: [
      slidingIn("alice", { token1: "token" }),
      slide("slide", "token1", { token2: "token" }),
      blacklist("it cannot be blacklisted by itself", "token2"),
      resetAll("reset", "alice.access"),
      slide("slide the first", "token1"),
      slide("slide the second", "token2"),
      verify("verify the first", "token1"),
      verify("verify the second", "token2"),
    ],
  },
  {
    name: "of several refusals the strongest is told",
    users: ["alice"],
    tokens: {
      original: mint.refresh("alice"),
      "expired too": sameJti({ claims: { exp: fromNow(-10) } }),
      "badly signed too": sameJti({ key: "another-key-of-more-than-32-bytes-length" }),
      "an access token too": sameJti({ claims: { token_type: "access" } }),
      "a sliding token too": sameJti({ claims: { token_type: "sliding" } }),
      "without token_type too": sameJti({ without: ["token_type"] }),
      "without exp too": sameJti({ without: ["exp"] }),
      "expired and of the wrong type": mint.access("alice", { claims: { exp: fromNow(-10) } }),
      "expired and without a jti": mint.refresh("alice", { claims: { exp: fromNow(-10) }, without: ["jti"] }),
      "without exp and of the wrong type": mint.access("alice", { without: ["exp"] }),
      "expired and of nobody": mint.refresh("alice", { claims: { exp: fromNow(-10), user_id: "987654321" } }),
      "of the wrong type and of nobody": mint.access("alice", { claims: { user_id: "987654321" } }),
    },
    steps: [
      blacklist("blacklist one", "original"),
      refresh("blacklisted", "original"),
      ...[
        "expired too",
        "badly signed too",
        "an access token too",
        "a sliding token too",
        "without token_type too",
        "without exp too",
      ].flatMap((name) => [refresh(`blacklisted and ${name}`, name), verify(`verify: blacklisted and ${name}`, name)]),
      refresh("expired and of the wrong type", "expired and of the wrong type"),
      refresh("expired and without a jti", "expired and without a jti"),
      refresh("without exp and of the wrong type", "without exp and of the wrong type"),
      refresh("expired and of nobody", "expired and of nobody"),
      refresh("of the wrong type and of nobody", "of the wrong type and of nobody"),
      verify("verify: of nobody", "of the wrong type and of nobody"),
      blacklist("blacklist: expired and of the wrong type", "expired and of the wrong type"),
      slide("slide: expired and of the wrong type", "expired and of the wrong type"),
    ],
  },
  {
    name: "a user who is gone is told after a blacklisted token",
    users: ["alice", "bob"],
    steps: [
      blacklist("blacklist one of alice", "alice.refresh"),
      blacklist("blacklist one of bob", "bob.refresh"),
      { standing: "inactive", user: "alice" },
      { standing: "deleted", user: "bob" },
      refresh("refresh of alice, inactive", "alice.refresh"),
      refresh("refresh of bob, deleted", "bob.refresh"),
      blacklist("blacklist that of alice again", "alice.refresh"),
      blacklist("blacklist that of bob again", "bob.refresh"),
    ],
  },
  {
    name: "claims of a signed token travel through every refresh",
    users: ["alice"],
    tokens: {
      refreshing: mint.refresh("alice", {
        claims: { role: "teacher", nbf: fromNow(-100), rooms: { 1: ["a", null, 1.5] } },
      }),
      sliding: mint.sliding("alice", { claims: { role: "pupil", nbf: fromNow(-100) } }),
      orphan: mint.refresh(undefined, { claims: { note: "nobody" } }),
    },
    steps: [
      refresh("refresh", "refreshing", { refresh1: "refresh" }),
      refresh("refresh the successor", "refresh1"),
      slide("slide", "sliding", { sliding1: "token" }),
      slide("slide the successor", "sliding1"),
      refresh("refresh one without a user", "orphan", { orphan1: "refresh" }),
      refresh("refresh its successor", "orphan1"),
      refresh("refresh the first without a user again", "orphan"),
    ],
  },
];

// Another token under the jti of the blacklisted one: only who signs can make it, and it tells the order of the checks.
function sameJti(spec) {
  return mint.refresh("alice", { ...spec, claims: { ...spec.claims, jti: "{{original.jti}}" } });
}
