// Tabs of one person in a real browser, each with a session of the package on a page of the issuer's origin that does nothing else.

/**
 * A tab whose `session` counts what it asks: `asked` holds `{ path, status, bearer }`, `bearer` being by how many seconds the
 * token in it was good when it was sent.
 */
export async function openTab(context, worker, { prepare } = {}) {
  const page = await context.newPage();
  await prepare?.(page);
  await page.goto(`${worker.url}/base.css`);
  await page.evaluate(async () => {
    const { createSession } = await import("/hallpass/session.js");
    const asked = [];
    const secondsIn = (header) => header && JSON.parse(atob(header.split(".")[1].replace(/-/g, "+").replace(/_/g, "/"))).exp - Date.now() / 1000;
    const fetch = async (input, init) => {
      const { pathname } = new URL(input instanceof Request ? input.url : input);
      const note = { path: pathname, bearer: input instanceof Request ? secondsIn(input.headers.get("authorization")) : undefined };
      asked.push(note);
      const answer = await globalThis.fetch(input, init);
      note.status = answer.status;
      return answer;
    };
    const session = createSession({ issuer: location.origin, fetch });
    Object.assign(globalThis, { session, asked });
  });
  return new Tab(page);
}

class Tab {
  constructor(page) {
    this.page = page;
  }

  register(email) {
    return this.page.evaluate((email) => session.register({ email, password: "correct-horse" }), email);
  }

  /** The status of a request with the session's token. */
  info() {
    return this.page.evaluate(async () => (await session.fetch("/api/v1/users/info/")).status);
  }

  refresh() {
    return this.page.evaluate(() => session.refresh().then(() => "ok", ({ code }) => code));
  }

  look() {
    return this.page.evaluate(() => ({ state: session.state, reason: session.end?.reason, secondsLeft: session.secondsLeft }));
  }

  /** What it has asked so far of one path. */
  asked(path) {
    return this.page.evaluate((path) => asked.filter((one) => one.path === path), path);
  }
}

export const REFRESH = "/api/token/refresh/";
export const INFO = "/api/v1/users/info/";
