// A KV namespace that fails when it is told to, and counts. `POST /` with `{"down": …}` says from now on how it is.

import { WorkerEntrypoint } from "cloudflare:workers";

let down = false;
let reads = 0;

export class Namespace extends WorkerEntrypoint {
  async get(keys) {
    reads++;
    if (down) throw new Error("KV GET failed: 503 Service Unavailable");
    return this.env.BEHIND.get(keys);
  }
}

export default {
  async fetch(request) {
    if (request.method === "POST") {
      ({ down } = await request.json());
      reads = 0;
    }
    return Response.json({ down, reads });
  },
};
