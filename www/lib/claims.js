// The claims of a token as a table: its values as JSON has them, its dates in words.

import { el } from "./dom.js";
import { dateText, fromNow } from "./time.js";

const MEANINGS = {
  iss: "issuer",
  sub: "subject",
  aud: "audience",
  exp: "expires",
  nbf: "not before",
  iat: "issued at",
  jti: "id of this token",
  sid: "session",
  token_type: "kind of token",
  user_id: "user",
  refresh_exp: "can be refreshed until",
  scope: "scope",
};

const DATES = new Set(["exp", "nbf", "iat", "refresh_exp", "auth_time"]);

/** A table with a row for each claim; `caption` names it. */
export function claimTable(claims, caption) {
  const rows = Object.entries(claims).map(([name, value]) =>
    el("tr", {}, el("th", { scope: "row" }, el("code", {}, name), note(MEANINGS[name])), el("td", {}, ...shown(name, value))),
  );
  return el("table", { class: "claims" }, el("caption", {}, caption), el("tbody", {}, ...rows));
}

const note = (text) => text && el("span", { class: "note" }, text);

function shown(name, value) {
  const json = el("code", {}, typeof value === "string" ? value : JSON.stringify(value));
  const date = DATES.has(name) && typeof value === "number" ? dateText(value) : undefined;
  return date === undefined ? [json] : [json, el("span", { class: "note" }, `${date}, ${fromNow(value)}`)];
}
