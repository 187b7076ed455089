// The object of one subject: its sessions, each with a counter that says which refresh token is not spent.

import { DurableObject } from "cloudflare:workers";
import { now } from "./tokens.mjs";

const TABLES = `
  CREATE TABLE IF NOT EXISTS subject (
    one INTEGER PRIMARY KEY CHECK (one = 1), email TEXT, first_name TEXT, last_name TEXT);
  CREATE TABLE IF NOT EXISTS session (
    sid TEXT PRIMARY KEY, counter INTEGER NOT NULL, rotated_at INTEGER NOT NULL, expires_at INTEGER NOT NULL,
    claims TEXT NOT NULL, ended_at INTEGER) WITHOUT ROWID;`;

// A spent token that comes so soon is another tab's, later it is a thief's.
const RACE_SECONDS = 10;
const MAX_SESSIONS = 100;

export class SubjectObject extends DurableObject {
  #sql;

  constructor(ctx, env) {
    super(ctx, env);
    this.#sql = ctx.storage.sql;
    this.#sql.exec(TABLES);
  }

  /** Opens a session, and remembers whose it is if that is told. */
  async open(lifetime, claims, profile) {
    const sid = crypto.randomUUID();
    const opened = this.ctx.storage.transactionSync(() => {
      const [{ live }] = this.#sql.exec("SELECT count(*) AS live FROM session WHERE ended_at IS NULL").toArray();
      if (live >= MAX_SESSIONS) return undefined;
      const at = now();
      this.#sql.exec("INSERT INTO session VALUES (?, 0, ?, ?, ?, NULL)", sid, at, at + lifetime, JSON.stringify(claims));
      if (profile) this.#remember(profile);
      return { sid, counter: 0, claims };
    });
    if (opened && (await this.ctx.storage.getAlarm()) === null) await this.ctx.storage.setAlarm(Date.now() + lifetime * 1000);
    return opened;
  }

  /** Spends the refresh token with this counter: the next one, or why there is none and whether the session ended by it. */
  exchange(sid, counter, lifetime) {
    return this.ctx.storage.transactionSync(() => {
      const session = this.#session(sid);
      if (!session || session.ended_at !== null) return { refused: true };
      if (counter !== session.counter) return { refused: true, ended: this.#reused(session, counter) };
      const at = now();
      this.#sql.exec(
        "UPDATE session SET counter = ?, rotated_at = ?, expires_at = ? WHERE sid = ?",
        counter + 1,
        at,
        at + lifetime,
        sid,
      );
      return { sid, counter: counter + 1, claims: JSON.parse(session.claims) };
    });
  }

  /** Whether a session lives, and whose it is. */
  check(sid) {
    const session = this.#session(sid);
    if (!session || session.ended_at !== null) return { live: false };
    const [profile] = this.#sql.exec("SELECT email, first_name, last_name FROM subject").toArray();
    return { live: true, profile };
  }

  /** Ends a session; whether it was there to be ended. */
  end(sid) {
    return this.ctx.storage.transactionSync(() => this.#end(sid));
  }

  async alarm() {
    this.#sql.exec("DELETE FROM session WHERE expires_at <= ?", now());
    const [{ next }] = this.#sql.exec("SELECT min(expires_at) AS next FROM session").toArray();
    if (next !== null) await this.ctx.storage.setAlarm(next * 1000);
  }

  #session(sid) {
    return this.#sql.exec("SELECT * FROM session WHERE sid = ?", sid).toArray()[0];
  }

  #reused({ sid, counter: newest, rotated_at }, counter) {
    const isRace = counter === newest - 1 && now() < rotated_at + RACE_SECONDS;
    return !isRace && this.#end(sid);
  }

  #end(sid) {
    return this.#sql.exec("UPDATE session SET ended_at = ? WHERE sid = ? AND ended_at IS NULL", now(), sid).rowsWritten > 0;
  }

  #remember({ email, first_name = "", last_name = "" }) {
    this.#sql.exec("INSERT OR REPLACE INTO subject VALUES (1, ?, ?, ?)", email, first_name, last_name);
  }
}
