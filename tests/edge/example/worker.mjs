// A Worker beside Hallpass: it greets whoever comes with a token of Hallpass that was not called back.

import { Verifier } from "hallpass";
import { createGuard } from "hallpass/edge";

// Made at the first request, for bindings are not there before it, and kept: verifier and guards remember what they have fetched.
let guards;

function guardsOf(env) {
  const verifier = new Verifier({
    // Fetched from the Worker next door, whatever the host. Without a service binding: the issuer's address, and no `fetch`.
    jwksUrl: "https://hallpass/.well-known/jwks.json",
    fetch: (url, init) => env.ISSUER.fetch(url, init),
  });
  return {
    // Knows of a revocation once KV shows it here, and costs a read of KV at most every ten seconds.
    kv: createGuard({ verifier, blacklist: env.BLACKLIST, cacheSeconds: env.CACHE_SECONDS }),
    // Knows at once, and costs a request to the issuer each time.
    strict: createGuard({ verifier, strict: env.ISSUER }),
  };
}

export default {
  async fetch(request, env) {
    guards ??= guardsOf(env);
    const [, name] = new URL(request.url).pathname.split("/");
    const guard = { kv: guards.kv, strict: guards.strict }[name];
    if (!guard) return new Response("Not found.", { status: 404 });

    const pass = await guard(request);
    if (pass instanceof Response) return pass;
    return Response.json({ hello: pass.claims.sub });
  },
};
