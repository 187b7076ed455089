// A folder served over HTTP on a free port of 127.0.0.1, which browsers hold for a secure context.

import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, sep } from "node:path";

const TYPES = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".mjs": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};

/** `{ url, asked, close }`; `headers` come with every answer, `asked` are the paths that were asked for so far. */
export async function serveSite(folder, { headers = {} } = {}) {
  const asked = [];
  const server = createServer(async (request, response) => {
    const path = new URL(request.url, "http://127.0.0.1").pathname;
    asked.push(path);
    const { status, type, body } = await fileAt(folder, path);
    response.writeHead(status, { "Content-Type": type, "Cache-Control": "no-store", ...headers }).end(body);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    asked,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

async function fileAt(folder, path) {
  const file = join(folder, decodeURIComponent(path.endsWith("/") ? `${path}index.html` : path));
  try {
    if (!file.startsWith(join(folder, sep))) throw new Error("outside of the folder");
    return { status: 200, type: TYPES[extname(file)] ?? "application/octet-stream", body: await readFile(file) };
  } catch {
    return { status: 404, type: "text/plain; charset=utf-8", body: `there is no ${path}\n` };
  }
}
