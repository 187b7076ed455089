// What a program has in its hands.

import { HallpassError } from "./errors.js";
import { AheadOfTime } from "./session_ahead.js";
import { IssuerClock } from "./session_clock.js";
import { Issuer, unreachable } from "./session_issuer.js";
import { heldOf, keptIn, pairText, sameSession } from "./session_kept.js";
import { alone } from "./session_lock.js";
import { Renewal } from "./session_renewal.js";

/** How often an access token is exchanged before it is handed out as it is: an issuer may take longer than its tokens live. */
const TRIES = 2;

/** After a 401 that a refresh did not cure, others are not worth one either, for so long. */
const INCURABLE_MS = 30_000;

export class Session {
  #storage;
  #origins;
  #fetch;
  #cookie;
  #issuer;
  #renewal;
  #clock = new IssuerClock();
  #ahead;
  #listeners = new Set();
  #unsubscribe;
  /** What was kept when listeners were last told. */
  #told;
  #incurableUntil = 0;

  constructor({ storage, origins, ...asking }) {
    this.#storage = storage;
    this.#origins = origins;
    this.#fetch = asking.fetch;
    this.#cookie = asking.cookie;
    this.#issuer = new Issuer(asking);
    this.#renewal = new Renewal({ storage, issuer: this.#issuer, changed: () => this.#tell(true) });
    this.#told = this.#kept();
    this.#unsubscribe = storage.subscribe(() => this.#tell(false));
    this.#ahead = new AheadOfTime({ secondsUntilDue: () => this.#untilDue(), renew: () => this.refresh() });
  }

  get state() {
    const { pair, end } = this.#kept();
    return pair ? "signed_in" : end ? "ended" : "signed_out";
  }

  get end() {
    return this.#kept().end;
  }

  get claims() {
    return this.#kept().pair?.claims;
  }

  get secondsLeft() {
    const kept = this.#kept();
    return kept.pair ? Math.max(0, Math.floor(this.#clock.left(kept))) : 0;
  }

  async signIn(credentials) {
    await this.#open("api/token/", credentials);
  }

  async signInWithCode(answer) {
    await this.#open("api/token/otp/", answer);
  }

  async register(fields) {
    await this.#open("api/v1/users/registration/", fields);
  }

  begin(pair) {
    this.#begin(this.#cookie ? { ...pair, refresh: heldOf(pair.refresh, null) } : pair);
  }

  async signOut({ everywhere = false } = {}) {
    const { pair: former } = this.#kept();
    if (everywhere) await this.#endAll();
    const kept = this.#kept();
    this.#write(null);
    // Somebody may have signed in anew while all others ended.
    if (!kept.pair || (everywhere && sameSession(former, kept.pair))) return;
    await this.#issuer.giveBack(kept.pair, this.#clock.left(kept) <= 0);
  }

  async accessToken() {
    for (let tries = 0; ; tries += 1) {
      const kept = this.#signedIn();
      const left = this.#clock.left(kept);
      if (left > kept.pair.least || tries === TRIES) return kept.pair.access;
      try {
        await this.#renewal.of(kept.text);
      } catch (error) {
        // Offline, say. It will do a while longer, or not.
        if (left <= 0) throw error;
        return kept.pair.access;
      }
    }
  }

  async refresh() {
    await this.#renewal.of(this.#signedIn().text);
    this.#signedIn();
  }

  async fetch(input, init) {
    const request = new Request(input, init);
    if (!this.#origins.has(new URL(request.url).origin)) {
      throw new HallpassError("origin_not_allowed", `the token is not for ${new URL(request.url).origin}: see the option \`origins\``);
    }
    const access = await heeding(request.signal, this.accessToken());
    // Before it is sent: a body can be sent once.
    const again = request.clone();
    const answer = await this.#send(request, access);
    if (answer.status !== 401 || !(await this.#other(access))) return answer;
    answer.body?.cancel().catch(() => {});
    const second = await this.#send(again, await heeding(request.signal, this.accessToken()));
    this.#incurableUntil = second.status === 401 ? performance.now() + INCURABLE_MS : 0;
    return second;
  }

  onChange(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close() {
    this.#unsubscribe();
    this.#ahead.close();
    this.#listeners.clear();
  }

  #kept() {
    const text = this.#storage.read();
    // Read often, changed seldom.
    return text === this.#told?.text ? this.#told : this.#keptIn(text);
  }

  /** A pair of the other kind, from before `refresh` was changed, is nothing. */
  #keptIn(text) {
    const kept = keptIn(text);
    return kept.pair && (kept.pair.refresh === null) !== this.#cookie ? { text } : kept;
  }

  /** What is kept, if it is a pair. */
  #signedIn() {
    const kept = this.#kept();
    if (kept.pair) return kept;
    if (kept.end) throw new HallpassError("session_ended", `the issuer has ended the session: ${kept.end.reason}`);
    throw new HallpassError("signed_out", "nobody is signed in");
  }

  /** Begins with the pair that `ask()` comes to. */
  async #open(path, fields) {
    const open = async () => {
      const askedAt = Date.now();
      this.#begin(await this.#issuer.open(path, fields), askedAt);
    };
    // A refresh that is under way would put the former session's cookie in the place of this one's.
    await (this.#cookie ? alone(this.#storage.sharedAs, open) : open());
  }

  #begin(pair, askedAt) {
    const text = pairText(pair, askedAt);
    const former = this.#kept();
    this.#write(text);
    // Whoever signs in anew has no use for the session that was here. It ends by itself if that fails.
    if (former.pair && !sameSession(former.pair, keptIn(text).pair)) void this.#issuer.giveBack(former.pair).catch(() => {});
  }

  #write(text) {
    this.#storage.write(text);
    this.#tell(true);
  }

  #send(request, access) {
    const headers = new Headers(request.headers);
    headers.set("authorization", `Bearer ${access}`);
    return this.#fetch(new Request(request, { headers }));
  }

  async #endAll() {
    const access = await this.accessToken();
    if (await this.#issuer.endAll(access)) return;
    await this.#other(access);
    if (!(await this.#issuer.endAll(await this.accessToken()))) throw unreachable({ status: 401 });
  }

  /** Whether there is another access token than this one, which was refused; asks for one if need be. */
  async #other(access) {
    const kept = this.#kept();
    if (kept.pair?.access === access && performance.now() >= this.#incurableUntil) {
      // What is wrong is told by the refusal itself.
      await this.#renewal.of(kept.text).catch(() => {});
    }
    const { pair } = this.#kept();
    return pair !== undefined && pair.access !== access;
  }

  #untilDue() {
    const kept = this.#kept();
    return kept.pair ? this.#clock.left(kept) - kept.pair.due : undefined;
  }

  /** Tells what has changed since the last time. */
  #tell(here) {
    const before = this.#told;
    const now = this.#keptIn(this.#storage.read());
    this.#told = now;
    this.#ahead.again();
    const kind = kindOf(before, now);
    if (kind === undefined) return;
    if (kind === "signed_in") this.#incurableUntil = 0;
    // One that throws is its own affair.
    for (const listener of this.#listeners) queueMicrotask(() => listener({ kind, here }));
  }
}

/** What `promise` comes to, unless `signal` is aborted first: others may go on waiting for it. */
function heeding(signal, promise) {
  return new Promise((resolve, reject) => {
    promise.then(resolve, reject);
    const giveUp = () => reject(signal.reason);
    if (signal.aborted) giveUp();
    signal.addEventListener("abort", giveUp, { once: true });
  });
}

/** What has happened between the two. */
function kindOf(before, now) {
  if (before.text === now.text) return undefined;
  if (now.pair) return before.pair && sameSession(before.pair, now.pair) ? "refreshed" : "signed_in";
  if (now.end) return "ended";
  return before.pair ? "signed_out" : undefined;
}
