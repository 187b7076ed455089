// `hallpass/session`

import {
  type Session,
  type SessionChange,
  type SessionEnd,
  type SessionState,
  type SessionStorage,
  type TokenPair,
  SessionError,
  browserStorage,
  createSession,
  memoryStorage,
} from "hallpass/session";
import { HallpassError } from "hallpass";

const own: SessionStorage = { read: () => null, write: (text: string | null) => void text };

export const session: Session<{ role: string }> = createSession<{ role: string }>({
  issuer: "https://id.example.com",
  storage: browserStorage({ key: "mine" }),
  origins: ["https://api.example.com"],
  fetch: (input, init) => fetch(input, init),
  timeoutSeconds: 5,
});
createSession({ issuer: new URL("https://id.example.com"), storage: memoryStorage() });
createSession({ issuer: "https://id.example.com", storage: own });
createSession({ issuer: "https://id.example.com", refresh: "cookie" }).begin({ access: "a" });

await session.signIn({ email: "ann@example.com", password: "correct-horse" });
await session.signInWithCode({ challenge: "c", code: "042137" });
await session.register({ email: "ann@example.com", password: "correct-horse", first_name: "Ann" });
await session.signOut();
await session.signOut({ everywhere: true });
await session.refresh();
session.begin({ access: "a", refresh: "b" });

export const token: string = await session.accessToken();
export const answer: Response = await session.fetch("https://api.example.com/x", { method: "POST" });
export const state: SessionState = session.state;
export const end: SessionEnd | undefined = session.end;
export const reason: string | undefined = session.end?.reason;
export const role: string | undefined = session.claims?.role;
export const left: number = session.secondsLeft;
export const enough: () => void = session.onChange(({ kind, here }: SessionChange) => console.log(kind === "ended", here));
export const pair: TokenPair = { access: "a", refresh: "b" };

export function told(error: unknown): string {
  if (error instanceof SessionError && error.code === "sign_in_refused") return `${error.status} ${JSON.stringify(error.answer)}`;
  if (error instanceof SessionError && error.code === "otp_required") return error.challenge ?? "?";
  return error instanceof HallpassError ? error.code : "?";
}

// @ts-expect-error the issuer has to be named
createSession({});
// @ts-expect-error an option's wrong name
createSession({ issuer: "https://id.example.com", isuer: "" });
// @ts-expect-error a storage reads as well
createSession({ issuer: "https://id.example.com", storage: { write: () => {} } });
// @ts-expect-error there may be nobody
export const certain: string = session.claims.role;
// @ts-expect-error no such state
export const wrong: boolean = session.state === "logged_in";
// @ts-expect-error there is no third place
createSession({ issuer: "https://id.example.com", refresh: "memory" });
// @ts-expect-error a pair has an access token
session.begin({ refresh: "b" });
// @ts-expect-error a state is not set
session.state = "signed_out";
