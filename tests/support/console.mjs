// The admin console in a browser, and what it has asked of the admin API.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { inProject } from "../../tools/project.mjs";
import { codes } from "./markdown.mjs";
import { watch } from "./pages.mjs";
import { admin, ADMIN_KEY, until } from "./people.mjs";

/** Every request of every console that this test file has opened: `{ method, path, query, body, key }`. */
export const asked = [];

/** The console, signed out: `{ page, watched, asked }`. `at` is a hash, `time` what the browser's clock shows (milliseconds). */
export async function openPage(browser, worker, { at = "", time } = {}) {
  const page = await browser.newPage();
  if (time !== undefined) await page.clock.install({ time });
  const watched = watch(page);
  const own = [];
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (!url.pathname.startsWith("/admin/api/")) return;
    const [path, query] = [url.pathname, [...url.searchParams.keys()]];
    const entry = { method: request.method(), path, query, body: request.postDataJSON(), search: url.search };
    own.push(entry);
    asked.push(entry);
  });
  await page.goto(`${worker.url}/admin/${at}`);
  return { page, watched, asked: own };
}

/** The same, signed in. */
export async function openConsole(browser, worker, options) {
  const opened = await openPage(browser, worker, options);
  await signIn(opened.page);
  await opened.page.getByRole("navigation", { name: "Sections" }).waitFor();
  return opened;
}

export async function signIn(page, key = ADMIN_KEY) {
  await page.getByLabel("Admin key").fill(key);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** Follows the link of a section and waits for its heading. */
export async function goTo(page, section) {
  await page.getByRole("navigation", { name: "Sections" }).getByRole("link", { name: section }).click();
  await page.getByRole("heading", { level: 1, name: section }).waitFor();
}

/** When the list of users has this person, which it has a moment after the first login. */
export const inList = (worker, { sub }) =>
  until(
    async () => (await admin(worker, "GET", `users/?query=${encodeURIComponent(sub)}`)).json.users,
    (users) => users.length > 0,
  );

/** Says yes in the dialog that is open. */
export async function confirm(page, verb) {
  await page.getByRole("dialog").getByRole("button", { name: verb, exact: true }).click();
}

/** The rows of the table with this caption, each a list of what its cells show. */
export function rowsOf(page, caption) {
  const rows = page.getByRole("table", { name: caption }).locator("tbody tr");
  return rows.evaluateAll((found) => found.map((row) => [...row.cells].map(({ innerText }) => innerText)));
}

/** Everything that was asked by this file's consoles stands in the README's table of the admin API. */
export function assertDocumented() {
  assert.ok(asked.length > 0, "nothing was asked");
  for (const { method, path, query, body } of asked) {
    const row = documented.find((one) => one.method === method && one.path.test(path));
    assert.ok(row, `${method} ${path} is not in the README`);
    assert.deepEqual(query.filter((name) => !row.query.includes(name)), [], `parameters of ${method} ${path}`);
    const fields = Object.keys(body ?? {}).filter((name) => !new RegExp(`[{ ]${name}\\b`).test(row.told));
    assert.deepEqual(fields, [], `fields of ${method} ${path}`);
  }
}

const documented = readFileSync(inProject("README.md"), "utf8")
  .split("\n")
  .filter((line) => /^\| `[A-Z]+ \/admin\/api\//.test(line))
  .map((line) => {
    const [, call, told] = line.split("|");
    const [method, address] = codes(call)[0].split(" ");
    const [path, search = ""] = address.split("?");
    const pattern = path.replace(/<\w+>/g, "[^/]+");
    return { method, path: new RegExp(`^${pattern}$`), query: [...search.matchAll(/(\w+)=/g)].map(([, name]) => name), told };
  });
