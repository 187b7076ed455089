// docs/operating.md: what it reckons is reckoned again, what it tells to type is typed.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import test from "node:test";
import { inProject } from "../tools/project.mjs";
import { commandsOf, fencedBlocks, tableRows } from "./support/markdown.mjs";
import { ADMIN_KEY, admin, login, registered } from "./support/people.mjs";
import { assertHelp, bash } from "./support/shell.mjs";
import { startWorker } from "./support/worker.mjs";

const page = readFileSync(inProject("docs", "operating.md"), "utf8");
const readme = readFileSync(inProject("README.md"), "utf8");

const COUNTS = ["Requests to objects", "Rows written", "Rows read", "KV writes"];
const OPERATION = ["Operation", "Requests to objects", "Rows written", "Rows read", "KV keys read", "KV writes", "$ a million"];
const USE = ["", "Times", "Requests", ...COUNTS];
const SIZES = [10_000, 1_000_000];
const BILL = ["", "Included", "$ a million", ...["10,000", "1,000,000"].flatMap((people) => [`${people}: millions`, `${people}: $`])];

const number = (text) => Number(text.replace(/[,*]/g, ""));

/** All tables of a page with these columns. */
function tables(columns) {
  const header = `| ${columns.join(" | ")} |`.replace("|  |", "| |");
  const [, ...found] = page.split(header);
  assert.ok(found.length > 0, `no table ${header}`);
  return found.map((rest) => tableRows(`${header}${rest}`, columns));
}

test("what a thousand people cost follows from what the README says of each operation", () => {
  const one = Object.fromEntries(tableRows(readme, OPERATION).map((row) => [row.Operation, row]));
  for (const rows of tables(USE)) {
    const sum = Object.fromEntries(USE.slice(1).map((column) => [column, 0]));
    for (const row of rows) {
      if (row[""] === "Sum") {
        for (const column of Object.keys(sum)) assert.equal(number(row[column]), sum[column], `the sum of ${column}`);
        continue;
      }
      assert.equal(row.Requests, row.Times, row[""]);
      for (const column of COUNTS) assert.equal(number(row[column]), number(row.Times) * number(one[row[""]][column]), `${row[""]}: ${column}`);
      for (const column of Object.keys(sum)) sum[column] += number(row[column]);
    }
  }
});

test("the bills follow from what a thousand people cost", () => {
  const uses = tables(USE).map((rows) => rows.find((row) => row[""] === "Sum"));
  const bills = tables(BILL);
  assert.equal(bills.length, uses.length);
  for (const [at, rows] of bills.entries()) {
    for (const [size, column] of SIZES.map((size) => [size, size.toLocaleString("en")])) {
      let sum = 0;
      for (const row of rows) {
        const dollars = number(row[`${column}: $`]);
        if (row[""] === "**Sum**") {
          assert.equal(dollars.toFixed(2), sum.toFixed(2), `the sum for ${column}`);
          continue;
        }
        if (row.Included !== "") {
          const millions = number(row[`${column}: millions`]);
          assert.equal(millions, (number(uses[at][row[""]]) * size) / 1000 / 1e6, `${row[""]} for ${column}`);
          const billed = Math.max(0, millions - number(row.Included));
          assert.equal(dollars.toFixed(2), (billed * number(row["$ a million"])).toFixed(2), `${row[""]} for ${column}`);
        }
        sum += dollars;
      }
    }
  }
});

test("the prices are those that the README gives", () => {
  const [, said] = /prices on the paid plan.*?: ([^;]*)/.exec(readme);
  const told = Object.fromEntries([...said.matchAll(/([\w ]+) \$([\d.]+)/g)].map(([, name, price]) => [name.trim().toLowerCase(), price]));
  const priced = tables(BILL).flat().filter((row) => row.Included !== "");
  for (const row of priced) assert.equal(number(row["$ a million"]), number(told[row[""].toLowerCase()]), row[""]);
});

/** What cannot be run here, why, and what is looked at instead. */
const NOT_RUN = {
  "git diff --stat v1 -- 'crates/issuer/src/objects/*/store.rs' wrangler.toml": {
    reason: "it is about a release that ran before",
    look: () => {
      const objects = inProject("crates", "issuer", "src", "objects");
      const kinds = readdirSync(objects, { withFileTypes: true }).filter((entry) => entry.isDirectory());
      assert.equal(kinds.length, 4);
      for (const { name } of kinds) assert.match(readFileSync(`${objects}/${name}/store.rs`, "utf8"), /const STEPS/);
    },
  },
  "npm run deploy -- --env staging": {
    reason: "it makes something at Cloudflare; tests/deploy has it with a stand-in",
    look: () => assert.ok(JSON.parse(readFileSync(inProject("package.json"), "utf8")).scripts.deploy),
  },
  "npm run deploy": {
    reason: "it makes something at Cloudflare",
    look: () => assertHelp("wrangler deploy [path]"),
  },
  "openssl rand -base64 32 | tee /dev/tty | npx wrangler secret put KEYRING_SECRET --env production": {
    reason: "it makes something at Cloudflare; tests/keys_at_rest.test.mjs has what comes after it",
    look: () => assertHelp("wrangler secret put <key>"),
  },
  "openssl rand -base64 32 | tee /dev/tty | npx wrangler secret put ADMIN_KEY --env production": {
    reason: "it makes something at Cloudflare",
    look: () => assertHelp("wrangler secret put <key>"),
  },
};

const shell = fencedBlocks(page).filter(({ language }) => language === "sh").map(({ text }) => text);
const isRun = (text) => commandsOf(text).every((command) => !(command in NOT_RUN));

for (const [command, { reason, look }] of Object.entries(NOT_RUN)) {
  test(`"${command}" of the page exists; it is not run, since ${reason}`, async () => {
    assert.ok(shell.some((text) => commandsOf(text).includes(command)), "the page does not have it any more");
    await look();
  });
}

test("the commands of the incidents do what the page says", async (t) => {
  const worker = await startWorker({ vars: { ADMIN_KEY } });
  t.after(() => worker.stop());
  const ann = await registered(worker, { email: "ann@example.com" });
  const before = (await admin(worker, "GET", "keys/")).json;

  // One shell for all, so that variables live on; after each block a line that nobody else prints.
  const MARK = "~~ end of block ~~";
  const blocks = shell.filter(isRun);
  const script = ["set -e", ...blocks.map((text) => `${text}\necho '${MARK}'`)].join("\n");
  assert.ok(!script.includes(ADMIN_KEY));
  const { stdout, stderr } = await bash(script.replace("https://id.example.com", worker.url), {}, `${ADMIN_KEY}\n`);
  assert.equal(stderr, "");
  const printed = stdout.split(MARK).map((text) => text.trim().split("\n").filter(Boolean).map((line) => JSON.parse(line)));
  const outcome = (part) => printed[blocks.findIndex((text) => text.includes(part))];

  const dead = (keys) => keys.filter(({ state }) => state === "dead").map(({ kid }) => kid);
  const signing = (keys) => keys.find(({ state }) => state === "signing").kid;
  const [[listed, rolled], all] = [outcome("leaked=current"), outcome("for kid in")];
  assert.deepEqual(listed, before);
  assert.deepEqual(dead(rolled), [signing(before)]);
  for (const { kid } of rolled) assert.ok(dead(all.at(-1)).includes(kid), kid);

  const [{ users }, { sessions }, { events }] = outcome("SUB=");
  assert.deepEqual([users[0].sub, sessions.map(({ sid }) => sid)], [ann.sub, [ann.sid]]);
  assert.deepEqual(events.map(({ kind }) => kind), ["login"]);
  assert.deepEqual(outcome("/deactivate/"), [{ sub: ann.sub, standing: "deactivated" }]);
  assert.deepEqual(outcome("/reactivate/"), [{ sub: ann.sub, standing: "active" }]);
  assert.equal((await login(worker, ann)).status, 401, "deleted at last");
  const kinds = (await admin(worker, "GET", `events/?sub=${ann.sub}`)).json.events.map(({ kind }) => kind);
  assert.deepEqual(kinds.toReversed(), ["login", "end_all", "deactivated", "reactivated", "deleted"]);
});

test("a shell hears of a refusal, and that nothing is lost", async (t) => {
  const worker = await startWorker({ vars: { ADMIN_KEY } });
  t.after(() => worker.stop());
  const definition = shell.find((text) => text.includes("admin()")).replace("https://id.example.com", worker.url);
  const command = shell.flatMap(commandsOf).find((command) => command.includes("secret=lost"));
  const typed = (key) => bash(`${definition}\n${command}`, {}, `${key}\n`);
  await assert.rejects(typed("another key"), ({ code, stdout }) => code === 22 && /credentials|key/i.test(stdout));
  await assert.rejects(typed(ADMIN_KEY), ({ code, stdout }) => code === 22 && /nothing is lost/.test(stdout));
});
