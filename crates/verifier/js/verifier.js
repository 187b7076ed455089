import { read } from "./answer.js";
import { decodingBy, text } from "./decoding.js";
import { HallpassError } from "./errors.js";
import { CALLS_BACK, LEEWAY, VERIFY_BEARER } from "./internal.js";
import { opened } from "./opened.js";
import { RemoteJwks } from "./remote_jwks.js";
import { sorted } from "./verifier_options.js";
import { wasm } from "./verify_wasm.js";
import { WebCryptoKeys } from "./web_crypto.js";

const { decode } = decodingBy(wasm);

// Of a set that is fetched: another one might have the key.
const mayBeNew = (code) => code === "unknown_key" || code === "algorithm_not_allowed";

export class Verifier {
  #rules;
  #secret;
  #remote;
  #now;
  // The set of keys, as text for WebAssembly and as keys for WebCrypto; replaced as a whole.
  #set;
  #unusable = [];
  #opened;

  constructor(options) {
    const { rules, now, secret, jwks, remote } = sorted(options);
    this.#rules = rules;
    this.#now = now;
    this.#secret = secret;
    if (remote) this.#remote = new RemoteJwks(remote, { accept: (set) => this.#take(set, true) });
    this.#open();
    if (jwks !== undefined && this.#take(jwks, false) === 0) {
      const { index, reason } = this.#unusable[0] ?? { index: 0, reason: "is not there" };
      throw new HallpassError("bad_key", `none of the keys in \`jwks\` can be used; the one at ${index} ${reason}`);
    }
  }

  get unusableKeys() {
    return this.#unusable;
  }

  async load() {
    await this.#remote?.ready();
  }

  async verify(token) {
    const [header, claims] = await this.#verify(token, false);
    return { header, claims };
  }

  verifySync(token) {
    if (this.#remote && !this.#remote.available) {
      throw new HallpassError("needs_async", "no keys yet: await `load()`, or use `verify`");
    }
    const answer = this.#call("verify", text(token), false, this.#now());
    if (!Array.isArray(answer)) throw new HallpassError("needs_async", "WebCrypto checks this algorithm: use `verify`");
    const [header, claims] = answer;
    return { header, claims };
  }

  async explain(token) {
    if (typeof token !== "string") return { valid: false, failures: [{ code: "malformed", reason: "it is not a string" }] };
    await this.#remote?.ready();
    const explanation = await this.#explain(text(token));
    if (!(await this.#lookAgain(token, explanation.failures[0]?.code))) return explanation;
    return this.#explain(text(token));
  }

  async [VERIFY_BEARER](token) {
    const [header, claims, targets, issuedAt] = await this.#verify(token, true);
    return { header, claims, targets, issuedAt };
  }

  [CALLS_BACK](issuedAt, key, entry) {
    return read(wasm.call("calls_back", key, entry, issuedAt ?? undefined));
  }

  get [LEEWAY]() {
    return this.#rules.leeway ?? 0;
  }

  async #verify(token, bearer) {
    const checked = text(token);
    if (this.#remote) await this.#remote.ready();
    try {
      return await this.#judge(checked, bearer);
    } catch (error) {
      if (!(await this.#lookAgain(checked, error.code))) throw error;
      return this.#judge(checked, bearer);
    }
  }

  /** Whether a set was fetched that may have the key which this refusal is about. */
  async #lookAgain(token, code) {
    if (!this.#remote || !mayBeNew(code)) return false;
    const { alg, kid } = decode(token).header;
    if (kid === undefined || (this.#rules.algorithms && !this.#rules.algorithms.includes(alg))) return false;
    return this.#remote.lookAgain(kid);
  }

  async #judge(token, bearer) {
    const answer = this.#call("verify", token, bearer, this.#now());
    if (Array.isArray(answer)) return answer;
    const set = this.#set;
    const { key, holds } = await set.webCrypto.signer(token, answer.asks);
    // Keys are known by their place in the set. When that was replaced meanwhile, all is as if the token came now.
    if (set !== this.#set) return this.#judge(token, bearer);
    return this.#call("conclude", token, bearer, this.#now(), key, holds);
  }

  async #explain(token) {
    const explanation = this.#call("explain", token, this.#now(), undefined, false);
    if (!explanation.asks) return explanation;
    const set = this.#set;
    const { key, holds } = await set.webCrypto.signer(token, explanation.asks);
    if (set !== this.#set) return this.#explain(token);
    return this.#call("explain", token, this.#now(), key, holds);
  }

  /** Takes a set in place of the former; answers how many of its keys are used. */
  #take(set, remote) {
    const { used, unused } = this.#call("load_keys", set, remote);
    this.#set = { text: set, remote, webCrypto: new WebCryptoKeys(set) };
    this.#unusable = unused.map(({ index, kid, reason }) => (kid === null ? { index, reason } : { index, kid, reason }));
    return used;
  }

  #call(name, ...args) {
    if (!this.#opened.isOpen) this.#open();
    return read(wasm.call(name, this.#opened.number, ...args));
  }

  /** Makes itself known to WebAssembly: at first, after a trap, and when it had to give way to others. */
  #open() {
    this.#opened = opened(this.#rules, this.#secret);
    if (this.#set) read(wasm.call("load_keys", this.#opened.number, this.#set.text, this.#set.remote));
  }
}
