// Cloudflare's own types: its bindings are what the guard asks for, and its middleware what Hono takes.

import { Verifier } from "hallpass";
import { type Pass, createGuard, forHono } from "hallpass/edge";
import { provide } from "hallpass/slim";
import { Hono } from "hono";
import wasm from "hallpass/verify.wasm";

interface Env {
  BLACKLIST: KVNamespace;
  ISSUER: Fetcher;
  DATABASE: D1Database;
}

const verifier = new Verifier({ issuer: "https://id.example.com" });

const app = new Hono<{ Bindings: Env; Variables: { pass: Pass<{ role: string }> } }>();
app.use(
  "/api/*",
  forHono((env: Env) => createGuard<{ role: string }>({ verifier, blacklist: env.BLACKLIST, strict: env.ISSUER })),
);
app.get("/api/me", (c) => c.text(c.get("pass").claims.role));

export default {
  async fetch(request, env, context) {
    provide(wasm);
    const guard = createGuard({ verifier, blacklist: env.BLACKLIST });
    const pass = await guard(request);
    if (pass instanceof Response) return pass;
    return app.fetch(request, env, context);
  },
} satisfies ExportedHandler<Env>;

export function wrong(env: Env) {
  // @ts-expect-error a database is no KV namespace
  createGuard({ verifier, blacklist: env.DATABASE });
  // @ts-expect-error nor is a service
  createGuard({ verifier, blacklist: env.ISSUER });
  // @ts-expect-error a guard, not its options
  forHono((own: Env) => ({ verifier, blacklist: own.BLACKLIST }));
}
