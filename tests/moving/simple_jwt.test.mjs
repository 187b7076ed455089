// docs/moving-from-simple-jwt.md, done as it says, with the commands and files that stand there: a Django with users, sessions and
// a blacklist moves to Hallpass and back.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import test, { after, before } from "node:test";
import { promisify } from "node:util";
import { inProject, project } from "../../tools/project.mjs";
import { findPython } from "../../tools/python.mjs";
import { blacklist, BLACKLISTED, changePassword, info, PASSWORD, refresh, register, trySignIn, verify } from "../support/client.mjs";
import { admin, ADMIN_KEY } from "../support/people.mjs";
import { fencedBlocks } from "../support/markdown.mjs";
import { request } from "../support/request.mjs";
import { decodeToken, now } from "../support/token.mjs";
import { startWorker, temporaryFolder } from "../support/worker.mjs";
import { DjangoProject } from "./django.mjs";

const page = readFileSync(inProject("docs", "moving-from-simple-jwt.md"), "utf8");
const KEY = "the key that Django has, of thirty-two bytes or more";

const python = findPython();
const skip = python ? false : "no Python with Django on this machine";

/** The blocks of a language in a section of the page, known by the beginning of its heading. */
function blocks(section, language) {
  const [, text] = page.split(new RegExp(`^## ${section}.*$`, "m"));
  return fencedBlocks(text.split(/^## /m)[0]).filter((block) => block.language === language).map(({ text }) => text);
}

const settings = (toml) => Object.fromEntries([...toml.matchAll(/^(\w+) = "(.*)"$/gm)].map(([, name, value]) => [name, value]));

/** Runs a block in the clone, as with its two placeholders filled in; the key is in the environment and on no command line. */
async function inHallpass(script, env = { ADMIN_KEY }) {
  const filled = script
    .replace(/^read -rs ADMIN_KEY.*$/m, "")
    .replaceAll("../django/", `${django.folder}/`)
    .replaceAll("https://id.example.com", worker.url);
  const quiet = filled.replaceAll("npm run", "npm --silent run");
  // Line by line, as somebody pastes it: one that ends with 2 does not keep the next from being run.
  return promisify(execFile)("bash", ["--norc", "-c", `${quiet}\ntrue`], { cwd: project, env: { ...process.env, ...env } });
}

let django, worker;
const people = {};
before(() => {
  if (!skip) django = new DjangoProject(python, join(temporaryFolder(), "django"), { signingKey: KEY });
});
after(() => Promise.all([django?.stop(), worker?.stop()]));

const atDjango = (path, json) => request(django.url, "POST", path, { json });
const idOf = (token) => String(decodeToken(token).payload.user_id);
const signedIn = async (person) => {
  const { status, json, text } = await trySignIn(django.url, person);
  assert.equal(status, 200, text);
  return { ...person, ...json };
};
/** Registers in Django, under the name by which the test knows them. */
const newcomer = async (name) => (people[name] = await signedIn(await register(django.url, `${name}@example.com`)));

test("Django has users, a blacklist and sessions", { skip }, async () => {
  await django.start();
  for (const name of ["ann", "bob", "carl", "dora", "late"]) await newcomer(name);
  // Bob has logged out once, and has refreshed once.
  people.bob.revoked = people.bob.refresh;
  assert.equal((await blacklist(django.url, people.bob.revoked)).status, 200);
  const bob = await signedIn(people.bob);
  people.bob.spent = bob.refresh;
  people.bob.refresh = (await refresh(django.url, bob.refresh)).json.refresh;
  // Carl is not active any more, Dora is gone, Eve has another hash.
  await atDjango("/reference/standing/", { email: people.carl.email, standing: "inactive" });
  await atDjango("/reference/standing/", { email: people.dora.email, standing: "deleted" });
  django.bash(`python manage.py shell -v0 -c '
from accounts.models import User
User.objects.create(email="eve@example.com", password="bcrypt_sha256$$2b$12$abcdefg")
User.objects.create(email="ANN@example.com", password="!")
'`);
  const stored = JSON.parse(django.bash(`python manage.py shell -v0 -c '
from accounts.models import User
print("\\"" + User.objects.get(email="ann@example.com").password + "\\"")
'`));
  assert.match(stored, /^pbkdf2_sha256\$1000000\$/, "Django's own default");
});

test("1. Hallpass has Django's key and adopts nothing yet", { skip }, async () => {
  const [toml] = blocks("1\\.", "toml");
  worker = await startWorker({ vars: { ...settings(toml), SIGNING_KEY: KEY, ADMIN_KEY } });
  assert.equal((await refresh(worker, people.ann.refresh)).status, 401);
});

let exports, imports;
test("2. The exports are made, read and imported; what cannot be is told by its line", { skip }, async () => {
  const all = blocks("2\\.", "sh");
  exports = all.filter((text) => text.includes("manage.py"));
  const [dry, real, ...others] = all.filter((text) => text.includes("npm run"));
  assert.deepEqual([exports.length, others.length], [2, 0]);
  imports = real;
  for (const script of exports) django.bash(script);
  for (const name of ["users", "blacklist"]) assert.ok(existsSync(join(django.folder, `${name}.jsonl`)));

  const tried = await inHallpass(dry, {});
  assert.equal(tried.stderr, "");
  assert.equal(tried.stdout, "Nothing was sent. 6 read, 0 refused.\nNothing was sent. 5 read, 0 refused.\n");
  const { stdout, stderr } = await inHallpass(imports);
  assert.equal(stdout, "5 imported, 1 refused, as said above.\n5 called back, 0 refused.\n");
  assert.deepEqual(stderr.trim().split("\n"), [
    "line 5: has a password that is hashed by something else than pbkdf2_sha256: imported without one, it has to be reset",
    "line 6: email: The address is another user's.",
  ]);
  for (const file of ["users.jsonl", "blacklist.jsonl"]) assert.ok(!stderr.includes(file));
});

test("3. Django's endpoints close, with 503; what happened since is imported; Django's API goes on", { skip }, async () => {
  // The last things that Django does before it closes.
  people.ann.late = people.ann.refresh;
  assert.equal((await blacklist(django.url, people.ann.late)).status, 200);
  people.ann = { ...(await signedIn(people.ann)), late: people.ann.late };
  const [closed, setting] = blocks("3\\.", "python");
  django.write("closed.py", closed);
  django.configure(setting);
  await django.start();
  for (const answer of [await refresh(django.url, people.ann.refresh), await trySignIn(django.url, people.ann)]) {
    assert.deepEqual([answer.status, answer.headers["retry-after"]], [503, "60"]);
  }
  assert.equal((await info(django.url, people.ann.access)).json.email, "ann@example.com");
  for (const script of exports) django.bash(script);
  const { stdout } = await inHallpass(imports);
  assert.equal(stdout, "5 there before, 1 refused, as said above.\n1 called back, 5 called back before, 0 refused.\n");
});

test("3. Adoption is turned on: sessions go on, and what Django had revoked does not", { skip }, async () => {
  const [toml] = blocks("3\\.", "toml");
  const before = settings(blocks("1\\.", "toml")[0]);
  worker = await worker.restart({ vars: { ...before, ...settings(toml), SIGNING_KEY: KEY, ADMIN_KEY } });
  assert.equal(settings(toml).ADOPT_FOREIGN_TOKENS, "true");
  for (const token of [people.bob.revoked, people.bob.spent, people.ann.late, people.dora.refresh]) {
    assert.deepEqual((await refresh(worker, token)).json, BLACKLISTED);
    assert.equal((await verify(worker, token)).status, 400);
  }
  assert.equal((await refresh(worker, people.carl.refresh)).status, 401, "who is deactivated");
  for (const name of ["ann", "bob"]) {
    const person = people[name];
    const { status, json, text } = await refresh(worker, person.refresh);
    assert.equal(status, 200, text);
    assert.deepEqual((await refresh(worker, person.refresh)).json, BLACKLISTED, "once");
    person.spentHere = person.refresh;
    Object.assign(person, json);
    // Both know who that is, Hallpass by the import.
    for (const server of [worker, django.url]) assert.equal((await info(server, person.access)).json.email, person.email);
  }
});

test("3. People sign in with the password of before, as who they were", { skip }, async () => {
  for (const name of ["ann", "late"]) {
    const person = people[name];
    assert.equal((await trySignIn(worker, { ...person, password: "wrong password" })).status, 401);
    for (let nth = 0; nth < 2; nth += 1) {
      const { status, json, text } = await trySignIn(worker, person);
      assert.equal(status, 200, text);
      assert.equal(idOf(json.access), idOf(person.access));
      assert.equal((await info(django.url, json.access)).json.email, person.email);
    }
  }
  for (const email of ["carl@example.com", "dora@example.com", "eve@example.com"]) {
    assert.equal((await trySignIn(worker, { email, password: PASSWORD })).status, 401, email);
  }
  assert.equal((await admin(worker, "GET", `users/${idOf(people.carl.access)}/`)).json.standing, "deactivated");
  // A later import changes nothing for who has signed in here, and brings the others up to date.
  const { status } = await changePassword(worker, people.bob.access, PASSWORD, "the password of here");
  assert.equal(status, 200);
  await inHallpass(imports);
  assert.equal((await trySignIn(worker, people.bob)).status, 401);
  assert.equal((await trySignIn(worker, { ...people.bob, password: "the password of here" })).status, 200);
});

test("the way back: each session is given back once, and nothing that is dead here lives there", { skip }, async () => {
  const [giveBack, setting] = blocks("The way back", "python");
  django.write("give_back.py", giveBack);
  const filled = setting.replace("https://id.example.com", worker.url).replace(/(HALLPASS_UNTIL = )\d+/, `$1${now()}`);
  assert.match(filled, new RegExp(`HALLPASS_UNTIL = ${now().toString().slice(0, 6)}`));
  django.configure(`MIDDLEWARE.remove("closed.closed")\n${filled}`);
  await django.start();
  const { json: live } = await trySignIn(worker, people.ann);
  const { json: ended } = await trySignIn(worker, people.ann);
  const { json: spent } = await trySignIn(worker, people.ann);
  assert.equal((await blacklist(worker, ended.refresh)).status, 200);
  const { json: next } = await refresh(worker, spent.refresh);

  for (const token of [ended.refresh, people.ann.spentHere, people.bob.refresh]) {
    const { status, json } = await refresh(django.url, token);
    assert.deepEqual([status, json.code], [401, "token_not_valid"]);
  }
  const answers = await Promise.all(Array.from({ length: 5 }, () => refresh(django.url, live.refresh)));
  assert.equal(answers.filter(({ status }) => status === 200).length, 1, "once, whoever races");
  const { json: theirs } = answers.find(({ status }) => status === 200);
  assert.equal(decodeToken(theirs.refresh).payload.sid, undefined);
  assert.equal((await refresh(worker, live.refresh)).status, 401, "it has ended here");
  // From here on it is Django's, whether Hallpass runs or not.
  assert.equal((await refresh(django.url, next.refresh)).status, 200, "the successor of a spent one");
  await worker.stop();
  const again = await refresh(django.url, theirs.refresh);
  assert.equal(again.status, 200, again.text);
  assert.equal((await refresh(django.url, theirs.refresh)).status, 401);
  assert.equal((await info(django.url, again.json.access)).json.email, "ann@example.com");
});

for (const name of ["moving-from-simple-jwt", "bring-your-own-login"]) {
  test(`what docs/${name}.md links to is there`, () => {
    const text = readFileSync(inProject("docs", `${name}.md`), "utf8");
    const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target).filter((target) => !target.startsWith("https://"));
    assert.ok(links.length > 0);
    for (const [path, fragment] of links.map((target) => target.split("#"))) {
      const linked = inProject("docs", path);
      assert.ok(existsSync(linked), path);
      const headings = [...readFileSync(linked, "utf8").matchAll(/^#+ (.+)$/gm)].map(([, title]) => title);
      const anchors = headings.map((title) => title.toLowerCase().replace(/[^\w\- ]/g, "").replaceAll(" ", "-"));
      assert.ok(fragment === undefined || anchors.includes(fragment), `${path}#${fragment}`);
    }
  });
}
