// How a user is shown in tables and headings.

import { el } from "../lib/dom.js";
import { linkTo } from "./router.js";
import { standingClass } from "./words.js";

/** A link to the page of a user; `text` is the id unless given. */
export const userLink = (sub, text = sub) =>
  el("a", { href: linkTo("users", { id: sub }), class: text === sub && "mono short", title: sub }, text);

export const fullName = ({ first_name: first, last_name: last }) => [first, last].filter(Boolean).join(" ");

export const standingBadge = (standing) => el("span", { class: `badge ${standingClass(standing)}` }, standing);

/** What a client has called itself; few say much. */
export const clientText = (client) => (client ? el("span", { class: "client" }, client) : el("span", { class: "quiet" }, "did not say"));
