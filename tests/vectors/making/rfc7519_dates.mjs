// RFC 7519 sections 2 and 4.1.4 to 4.1.6: exp, nbf and iat.

import { CLAIMS, hs256, NOW } from "./chapter.mjs";

export function dates(rfc7519) {
  exp(rfc7519);
  nbf(rfc7519);
  iat(rfc7519);
  age(rfc7519);
  numericDates(rfc7519);
}

function exp({ accepts, refuses }) {
  const section = "section 4.1.4";
  const vector = { token: hs256({ ...CLAIMS, exp: NOW }) };
  accepts(section, "a token holds in the last second before its exp", { ...vector, now: NOW - 1 });
  refuses(section, "a token has expired in the second of its exp", "expired", { ...vector, now: NOW });
  refuses(section, "a token has expired after its exp", "expired", { ...vector, now: NOW + 1 });
  refuses(section, "a token has expired at the end of the year 9999", "expired", { ...vector, now: 253402300799 });
  const leeway = { ...vector, options: { leeway: 10 } };
  accepts(section, "a leeway of 10 keeps a token for 9 seconds from its exp", { ...leeway, now: NOW + 9 });
  refuses(section, "a leeway of 10 does not keep a token for 10 seconds from its exp", "expired", { ...leeway, now: NOW + 10 });
  accepts(section, "a leeway of 300 is the longest", { ...vector, options: { leeway: 300 }, now: NOW + 299 });
  refuses(section, "a leeway of 301 is none", "bad_option", {
    ...vector,
    options: { leeway: 301 },
    now: NOW - 1,
    note: "Called-back tokens are remembered for 300 seconds past their exp.",
  });
  refuses(section, "a token without exp is refused", "missing_claim", {
    claim: "exp",
    token: hs256({ sub: "u7" }),
    note: "To the RFC exp is optional; a token that never ends could never be forgotten.",
  });
  refuses(section, "a claim called EXP is no exp", "missing_claim", {
    claim: "exp",
    token: hs256({ sub: "u7", EXP: CLAIMS.exp }),
  });
  refuses(section, "a clock that stands at 0 says nothing about any date", "clock_unset", { token: hs256(), now: 0 });
}

function nbf({ accepts, refuses }) {
  const section = "section 4.1.5";
  const vector = { token: hs256({ ...CLAIMS, nbf: NOW }) };
  accepts(section, "a token holds from the second of its nbf on", { ...vector, now: NOW });
  refuses(section, "a token does not hold in the last second before its nbf", "not_yet_valid", { ...vector, now: NOW - 1 });
  const leeway = { ...vector, options: { leeway: 10 } };
  accepts(section, "a leeway of 10 lets a token hold 10 seconds before its nbf", { ...leeway, now: NOW - 10 });
  refuses(section, "a leeway of 10 does not let a token hold 11 seconds before its nbf", "not_yet_valid", {
    ...leeway,
    now: NOW - 11,
  });
}

function iat({ accepts, refuses }) {
  const section = "section 4.1.6";
  const issued = (iat, options) => ({ token: hs256({ ...CLAIMS, iat }), options });
  const note = "The RFC has no rule for it; clocks differ by less.";
  accepts(section, "a token may be issued now", issued(NOW));
  accepts(section, "a token may be issued 60 seconds ahead", issued(NOW + 60));
  refuses(section, "a token may not be issued 61 seconds ahead", "issued_in_future", { ...issued(NOW + 61), note });
  accepts(section, "a leeway of 10 adds nothing to these 60 seconds", issued(NOW + 60, { leeway: 10 }));
  refuses(section, "a leeway of 10 adds not even one second to them", "issued_in_future", {
    ...issued(NOW + 61, { leeway: 10 }),
    note,
  });
  accepts(section, "a leeway of 120 lets a token be issued 120 seconds ahead", issued(NOW + 120, { leeway: 120 }));
  refuses(section, "a leeway of 120 does not let a token be issued 121 seconds ahead", "issued_in_future", {
    ...issued(NOW + 121, { leeway: 120 }),
    note,
  });
  accepts(section, "a token may be issued in 1970", issued(0));
}

function age({ accepts, refuses }) {
  const section = "section 4.1.6";
  const aged = (seconds, options) => ({ token: hs256({ ...CLAIMS, iat: NOW - seconds }), options: { maxAge: 60, ...options } });
  accepts(section, "a token as old as is accepted holds", aged(60));
  refuses(section, "a token a second older than is accepted is refused, long before its exp", "too_old", aged(61));
  accepts(section, "a leeway of 10 is added to the age that is accepted", aged(70, { leeway: 10 }));
  refuses(section, "a leeway of 10 adds no more than 10 seconds to the age", "too_old", aged(71, { leeway: 10 }));
  refuses(section, "a token without iat has no age and is refused where one is asked for", "missing_claim", {
    claim: "iat",
    token: hs256(),
    options: { maxAge: 60 },
  });
  accepts(section, "without an age that is asked for a token may be old", { token: hs256({ ...CLAIMS, iat: 1 }) });
}

function numericDates({ accepts, refuses }) {
  const section = "section 2";
  const raw = (text) => hs256(`{"sub":"u7",${text}}`);
  const cut = { note: "A fraction of a second is cut off." };
  accepts(section, "an exp with a fraction holds in the second before", { token: raw(`"exp":${NOW}.9`), now: NOW - 1 });
  refuses(section, "an exp with a fraction has expired in its second", "expired", {
    token: raw(`"exp":${NOW}.9`),
    now: NOW,
    ...cut,
  });
  accepts(section, "an exp with a fraction of zeros holds", { token: raw(`"exp":${NOW + 1}.000`) });
  accepts(section, "an nbf with a fraction has come in its second", { token: raw(`"exp":${NOW + 9},"nbf":${NOW}.9`), ...cut });
  accepts(section, "a token holds until the end of the year 9999", { token: raw('"exp":253402300799') });
  refuses(section, "an exp past the year 9999 is no date", "wrong_form", {
    claim: "exp",
    token: raw('"exp":253402300800'),
    note: "The RFC has no bound; milliseconds, taken for seconds, would hold for ages.",
  });
  for (const value of ["0", "-1", "-0.5", "-99999999999999999999999999"]) {
    refuses(section, `an exp of ${value} has expired long ago`, "expired", { token: raw(`"exp":${value}`) });
  }
  const exponent = "JSON allows it; nobody writes a date so, and what is refused is never misread.";
  for (const [value, note] of [
    [`"${CLAIMS.exp}"`],
    ['"2023-11-14T22:18:20Z"'],
    ["null"],
    ["true"],
    ["{}"],
    [`[${CLAIMS.exp}]`],
    ['""'],
    ["1.7000003e9", exponent],
    ["17000003E2", exponent],
    ["1e400", exponent],
    ["99999999999999999999999999"],
  ]) {
    for (const name of ["exp", "nbf", "iat"]) {
      const rest = name === "exp" ? "" : `,"exp":${CLAIMS.exp}`;
      refuses(section, `an ${name} of ${value} is no date`, "wrong_form", {
        claim: name,
        token: raw(`"${name}":${value}${rest}`),
        note,
      });
    }
  }
  for (const value of ["NaN", "Infinity", `0${NOW}`, `+${NOW}`, `0x65540000`, `${NOW}.`, ".5", "1_700_000_300"]) {
    refuses(section, `an exp of ${value} is not even JSON`, "malformed", { token: raw(`"exp":${value}`) });
  }
}
