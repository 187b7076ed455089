// One connection that is kept, and asked one thing after another. It does as little as can be done, for whoever makes the load
// takes of the same processors as whoever is measured.

import { connect } from "node:net";

const ANSWERED_WITHIN = 30_000;
const END_OF_HEAD = Buffer.from("\r\n\r\n");
const END_OF_CHUNKS = Buffer.from("0\r\n\r\n");

export class Connection {
  #host;
  #port;
  #socket;
  #received = Buffer.alloc(0);
  #waiting;

  constructor(url) {
    const { hostname, port } = new URL(url);
    [this.#host, this.#port] = [hostname, Number(port)];
  }

  /** Sends a request as `requestText` writes it; `{ status, text }`. */
  ask(request) {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#socket ??= this.#connected();
      this.#socket.write(request);
    });
  }

  close() {
    this.#socket?.destroy();
  }

  #connected() {
    const socket = connect(this.#port, this.#host).setNoDelay(true);
    socket.setTimeout(ANSWERED_WITHIN, () => socket.destroy(new Error("no answer")));
    socket.on("data", (bytes) => this.#take(bytes));
    socket.on("error", (error) => this.#fail(error));
    socket.on("close", () => {
      this.#socket = undefined;
      this.#fail(new Error("the connection was closed"));
    });
    return socket;
  }

  #fail(error) {
    this.#waiting?.reject(error);
    this.#waiting = undefined;
  }

  #take(bytes) {
    this.#received = this.#received.length === 0 ? bytes : Buffer.concat([this.#received, bytes]);
    const answer = answerIn(this.#received);
    if (!answer) return;
    this.#received = Buffer.alloc(0);
    const { resolve } = this.#waiting;
    this.#waiting = undefined;
    // A server may want to see the connection no more.
    if (answer.isLast) {
      this.#socket.removeAllListeners("close").destroy();
      this.#socket = undefined;
    }
    resolve(answer);
  }
}

/** A whole answer, if it is all there. */
function answerIn(bytes) {
  const end = bytes.indexOf(END_OF_HEAD);
  if (end < 0) return undefined;
  const head = bytes.latin1Slice(0, end).toLowerCase();
  const body = bytes.subarray(end + END_OF_HEAD.length);
  const text = head.includes("\r\ntransfer-encoding: chunked") ? chunked(body) : counted(body, head);
  if (text === undefined) return undefined;
  return { status: Number(head.slice(9, 12)), text, isLast: head.includes("\r\nconnection: close") };
}

function counted(body, head) {
  const at = head.indexOf("\r\ncontent-length:");
  const length = at < 0 ? 0 : Number.parseInt(head.slice(at + 17), 10);
  return body.length < length ? undefined : body.utf8Slice(0, length);
}

function chunked(body) {
  if (!body.subarray(-END_OF_CHUNKS.length).equals(END_OF_CHUNKS)) return undefined;
  let [text, at] = ["", 0];
  for (;;) {
    const start = body.indexOf("\r\n", at) + 2;
    const length = Number.parseInt(body.latin1Slice(at, start), 16);
    if (length === 0) return text;
    text += body.utf8Slice(start, start + length);
    at = start + length + 2;
  }
}

/** A request as it goes over the wire. The body is `json` or `form`. */
export function requestText({ method, path, headers = {}, json, form }) {
  const [type, body] = json === undefined ? ["application/x-www-form-urlencoded", form] : ["application/json", JSON.stringify(json)];
  const lines = [`${method} ${path} HTTP/1.1`, "Host: 127.0.0.1"];
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
  if (body !== undefined) lines.push(`Content-Type: ${type}`, `Content-Length: ${Buffer.byteLength(body)}`);
  return `${lines.join("\r\n")}\r\n\r\n${body ?? ""}`;
}
