// The floor of a strict check: an object is asked for one row, and nobody looks at a token.

import { DurableObject } from "cloudflare:workers";

export class SubjectObject extends DurableObject {
  #sql;

  constructor(ctx, env) {
    super(ctx, env);
    this.#sql = ctx.storage.sql;
    this.#sql.exec("CREATE TABLE IF NOT EXISTS session (sid TEXT PRIMARY KEY, live INTEGER)");
    this.#sql.exec("INSERT OR IGNORE INTO session VALUES ('a', 1)");
  }

  check(sid) {
    return JSON.stringify(this.#sql.exec("SELECT sid, live FROM session WHERE sid = ?", sid).raw().toArray());
  }
}

export default {
  async fetch(request, env) {
    // As many objects as there are bearers, each of whom sends a token of his own.
    const name = request.headers.get("authorization") ?? "";
    return new Response(await env.SUBJECTS.getByName(name).check("a"));
  },
};
