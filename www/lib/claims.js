// The claims of a token as a table: its values as JSON has them, its dates in words.

import { el } from "./dom.js";
import { dateText, fromNow, nowSeconds } from "./time.js";

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

/** A table with a row for each claim; `caption` names it, `meanings` say what a name stands for, `now` is its readers' time. */
export function claimTable(claims, caption, { meanings = MEANINGS, now = nowSeconds() } = {}) {
  // A claim may have the name of something that every object has.
  const meaning = (name) => Object.hasOwn(meanings, name) && meanings[name];
  const rows = Object.entries(claims).map(([name, value]) =>
    el("tr", {}, el("th", { scope: "row" }, el("code", {}, name), note(meaning(name))), el("td", {}, ...shown(name, value, now))),
  );
  return el("table", { class: "claims" }, el("caption", {}, caption), el("tbody", {}, ...rows));
}

/** Tells the dates of a table anew, as time has passed. */
export function retellDates(table, now = nowSeconds()) {
  for (const date of table.querySelectorAll("[data-moment]")) date.textContent = dateWords(Number(date.dataset.moment), now);
}

const note = (text) => text && el("span", { class: "note" }, text);

function shown(name, value, now) {
  const json = el("code", {}, typeof value === "string" ? value : JSON.stringify(value));
  if (!DATES.has(name) || typeof value !== "number" || dateText(value) === undefined) return [json];
  return [json, el("span", { class: "note", "data-moment": value }, dateWords(value, now))];
}

const dateWords = (seconds, now) => `${dateText(seconds)}, ${fromNow(seconds, now)}`;
