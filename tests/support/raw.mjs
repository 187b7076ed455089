// A request as bytes, for what no HTTP client would send.

import { connect } from "node:net";

const PATIENCE = 10_000;

/**
 * Writes `parts` (text is taken as Latin-1) and reads until the other side closes, so send
 * `Connection: close`. Resolves to `{ status, text }`, the status being undefined when the
 * connection was closed without an answer.
 */
export function sendRaw(worker, ...parts) {
  const { hostname, port } = new URL(worker.url);
  return new Promise((resolve, reject) => {
    let received = "";
    const socket = connect({ host: hostname, port: Number(port) });
    const done = () => resolve({ status: statusOf(received), text: received });
    socket.setEncoding("latin1").on("data", (text) => (received += text));
    socket.once("close", done);
    // Whoever refuses a body early closes while we still write.
    socket.once("error", (error) => (["EPIPE", "ECONNRESET"].includes(error.code) ? done() : reject(error)));
    socket.setTimeout(PATIENCE, () => socket.destroy(new Error(`no answer within ${PATIENCE} ms: ${received}`)));
    for (const part of parts) socket.write(typeof part === "string" ? Buffer.from(part, "latin1") : part);
  });
}

function statusOf(received) {
  const status = /^HTTP\/1\.1 (\d{3})/.exec(received)?.[1];
  return status && Number(status);
}
