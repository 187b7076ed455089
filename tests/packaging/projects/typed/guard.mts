// `hallpass/edge`

import { Verifier } from "hallpass";
import {
  type BlacklistNamespace,
  type GuardOptions,
  type Introspection,
  type Pass,
  type ServiceBinding,
  createGuard,
} from "hallpass/edge";

interface Own {
  role: "admin" | "user";
}

const verifier = new Verifier({ issuer: "https://id.example.com" });
declare const blacklist: BlacklistNamespace;
declare const issuer: ServiceBinding;
const introspection: Introspection = { url: "https://id.example.com/oauth/introspect", clientId: "api", clientSecret: "…" };

const options: GuardOptions = {
  verifier,
  blacklist,
  cacheSeconds: 10,
  onKvError: "open",
  strict: issuer,
  strictFor: (request, claims) => request.method !== "GET" || claims.sub === "root",
  realm: "api",
};
const guard = createGuard<Own>(options);
export const remotely = createGuard({ verifier, strict: introspection });

export async function handle(request: Request): Promise<Response> {
  const pass = await guard(request);
  // @ts-expect-error it may be the Response to give
  pass.claims;
  if (pass instanceof Response) return pass;
  const known: Pass<Own> = pass;
  const role: "admin" | "user" = pass.claims.role;
  const checked: number | undefined = pass.checkedAt;
  // @ts-expect-error not known where KV failed
  const certain: number = pass.checkedAt;
  // @ts-expect-error no longer
  pass.status;
  return Response.json({ role, checked, certain, alg: known.header.alg, sub: pass.claims.sub });
}

// @ts-expect-error somebody has to verify
createGuard({ blacklist });
// @ts-expect-error closed or open
createGuard({ verifier, blacklist, onKvError: "ignore" });
// @ts-expect-error an option's wrong name
createGuard({ verifier, kv: blacklist });
// @ts-expect-error whom to ask, not whether
createGuard({ verifier, strict: true });
// @ts-expect-error with which secret
createGuard({ verifier, strict: { url: "https://id.example.com/oauth/introspect", clientId: "api" } });
// @ts-expect-error a header is no request
guard("Bearer a token");
