// An HTTP client that sends exactly what a test says: no normalised path, no default header, no
// retry, no redirect.

import { Agent, request as send } from "node:http";

// workerd closes a connection that nobody has used for five seconds, and whoever uses it in that moment is cut off.
const agent = new Agent({ keepAlive: true, timeout: 4000 });

/**
 * `base` is a worker or a URL. The body is one of `json` (any value), `form` (an object) or `body`
 * (text or bytes, with your own Content-Type). Resolves to `{ status, headers, text, json }`, `json`
 * being undefined when the text is none.
 */
export function request(base, method, path, { json, form, body, headers = {} } = {}) {
  const { hostname, port } = new URL(base.url ?? base);
  const [type, content] = encode({ json, form, body });
  const length = content === undefined ? {} : { "content-length": Buffer.byteLength(content) };
  return new Promise((resolve, reject) => {
    const options = { agent, hostname, port, method, path, headers: { ...type, ...length, ...headers } };
    const outgoing = send(options, async (incoming) => {
      try {
        resolve(await read(incoming));
      } catch (error) {
        reject(error);
      }
    });
    outgoing.once("error", reject);
    outgoing.end(content);
  });
}

function encode({ json, form, body }) {
  if (json !== undefined) return [{ "content-type": "application/json" }, JSON.stringify(json)];
  if (form !== undefined) {
    return [{ "content-type": "application/x-www-form-urlencoded" }, new URLSearchParams(form).toString()];
  }
  return [{}, body];
}

async function read(incoming) {
  const chunks = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString("utf8");
  return { status: incoming.statusCode, headers: incoming.headers, text, json: parsed(text) };
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The header for a token. */
export const bearer = (token) => ({ authorization: `Bearer ${token}` });
