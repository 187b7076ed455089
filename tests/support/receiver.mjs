// A receiver of webhooks on a free port of 127.0.0.1, for a Worker that was started with
// `reaches: "receiver"`. It checks every signature by itself and keeps what arrives.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { eventually } from "./faults.mjs";

export const WEBHOOK_SECRET = "what the receiver and Hallpass share";

/** Starts one. `answers(message, nth)` gives the status of an answer, or a function that is given the response to answer by itself. */
export async function startReceiver(answers = () => 204) {
  const receiver = new Receiver(answers);
  await receiver.listen();
  return receiver;
}

class Receiver {
  /** `{ id, at, body, headers, path }` of every request, in its order; `body` parsed. */
  received = [];
  #server = createServer((request, response) => this.#take(request, response));

  constructor(answers) {
    this.answers = answers;
  }

  async listen() {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    this.#server.unref();
    this.url = `http://127.0.0.1:${this.#server.address().port}`;
  }

  /** The first message that fits and was not taken before, waited for. */
  async next(fits = () => true, within = 10_000) {
    return eventually(() => {
      const at = this.received.findIndex((message) => !message.taken && fits(message));
      if (at < 0) return undefined;
      this.received[at].taken = true;
      return this.received[at];
    }, within);
  }

  stop() {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #take(request, response) {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString("utf8");
    const message = { path: request.url, method: request.method, headers: request.headers, text };
    try {
      Object.assign(message, verified(message));
    } catch (error) {
      message.wrong = error;
    }
    this.received.push(message);
    const answer = this.answers(message, this.received.length);
    if (typeof answer === "function") return answer(response);
    response.writeHead(message.wrong ? 400 : answer).end();
  }
}

/** What a message says, if it is signed as the README has it. */
function verified({ method, headers, text }) {
  assert.equal(method, "POST");
  assert.equal(headers["content-type"], "application/json");
  const { "webhook-id": id, "webhook-timestamp": at, "webhook-signature": signature } = headers;
  const mac = createHmac("sha256", WEBHOOK_SECRET).update(`${id}.${at}.${text}`).digest("base64");
  assert.equal(signature, `v1,${mac}`);
  assert.match(at, /^\d+$/);
  return { id, at: Number(at), body: JSON.parse(text) };
}
