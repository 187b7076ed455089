// What is posted to a webhook, and what counts as delivered.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test, { after, before, beforeEach } from "node:test";
import { inProject } from "../tools/project.mjs";
import { plan, startFaultyWorker } from "./support/faults.mjs";
import { fencedBlocks } from "./support/markdown.mjs";
import { startReceiver, WEBHOOK_SECRET } from "./support/receiver.mjs";
import { request } from "./support/request.mjs";
import { temporaryModule } from "./support/temporary_module.mjs";

const NOW = 1_795_000_000;

let receiver;
let worker;
before(async () => {
  receiver = await startReceiver();
  worker = await startFaultyWorker({
    vars: { MAIL_WEBHOOK_URL: `${receiver.url}/hook?key=in-the-address`, WEBHOOK_SECRET },
    reaches: "receiver",
  });
});
after(async () => {
  await worker?.stop();
  receiver?.stop();
});
beforeEach(() => {
  receiver.received.length = 0;
  receiver.answers = () => 204;
  return plan(worker);
});

const post = (body, id = "msg_1") => request(worker, "POST", `/__faults/webhook?${id}`, { body: JSON.stringify(body) });

test("a message arrives signed, with its id and its time, where the setting says", async () => {
  await plan(worker, { clock_ms: NOW * 1000 + 999 });
  const body = { to: "ann@example.com", name: "Ann Ümläut 😀", list: [1, 2] };
  const { status, text } = await post(body, "msg_7");
  assert.equal(status, 200, text);
  const [message, ...others] = receiver.received;
  assert.deepEqual(others, []);
  assert.ifError(message.wrong);
  assert.deepEqual(message.body, body);
  assert.deepEqual([message.id, message.at, message.path], ["msg_7", NOW, "/hook?key=in-the-address"]);
});

test("any 2xx is done, everything else is not", async () => {
  for (const done of [200, 201, 202, 204, 299]) {
    receiver.answers = () => done;
    assert.equal((await post({})).status, 200, `${done}`);
  }
  for (const failed of [400, 401, 404, 409, 410, 429, 500, 503]) {
    receiver.answers = () => failed;
    const { status, text } = await post({});
    assert.deepEqual([status, text], [502, `webhook: answered ${failed}`]);
  }
});

test("a redirect is not followed", async () => {
  const other = await startReceiver();
  try {
    for (const status of [301, 302, 303, 307, 308]) {
      receiver.answers = () => (response) => response.writeHead(status, { location: `${other.url}/` }).end();
      assert.equal((await post({})).text, `webhook: answered ${status}`);
    }
    assert.deepEqual(other.received, []);
  } finally {
    other.stop();
  }
});

test("a receiver that does not answer in time, breaks off or is not there has not got it", async () => {
  await plan(worker, { webhook_within_ms: 50 });
  receiver.answers = () => () => {};
  assert.equal((await post({})).text, "webhook: no answer in time");
  await plan(worker);
  receiver.answers = () => (response) => response.destroy();
  assert.equal((await post({})).text, "webhook: not reached");
  receiver.answers = () => 204;
  assert.equal((await post({})).status, 200, "afterwards it is reached as ever");
});

test("an answer's body is not waited for", async () => {
  receiver.answers = () => (response) => response.writeHead(200).write("and so on, without end");
  for (let nth = 0; nth < 10; nth++) assert.equal((await post({})).status, 200);
});

test("neither the address nor what was sent is told in a failure", async () => {
  receiver.answers = () => 500;
  const { text } = await post({ code: "123456" });
  assert.ok(!/123456|in-the-address|127\.0\.0\.1/.test(text + worker.log()), text);
});

test("the README's receiver takes what is ours and nothing else", async () => {
  const readme = readFileSync(inProject("README.md"), "utf8");
  const blocks = fencedBlocks(readme).filter(({ language, text }) => language === "js" && text.includes("isSigned(request.headers, body, env."));
  assert.equal(blocks.length, 1);
  const mailed = [];
  const { default: example } = await temporaryModule(`const send = (mail) => globalThis.mailed(mail);\n${blocks[0].text}`);
  globalThis.mailed = async (mail) => mailed.push(mail);
  await post({ type: "otp", to: "ann@example.com" });
  const [{ headers, text }] = receiver.received;
  const arrives = (changes = {}, body = text) =>
    example.fetch(new Request("https://mail.example.com/", { method: "POST", headers: { ...headers, ...changes }, body }), { WEBHOOK_SECRET });

  assert.equal((await arrives()).status, 204);
  assert.deepEqual(mailed, [{ type: "otp", to: "ann@example.com" }]);

  const hour = 3600;
  for (const [why, answer] of Object.entries({
    "another body": arrives({}, text.replace("ann", "eve")),
    "another id": arrives({ "webhook-id": "msg_2" }),
    "another time": arrives({ "webhook-timestamp": String(Number(headers["webhook-timestamp"]) - 1) }),
    "no time": arrives({ "webhook-timestamp": "" }),
    "no number": arrives({ "webhook-timestamp": "soon" }),
    "no signature": arrives({ "webhook-signature": "" }),
    "no Base64": arrives({ "webhook-signature": "v1,%%%" }),
  })) {
    assert.equal((await answer).status, 401, why);
  }
  // Genuine, but of an hour ago.
  await plan(worker, { clock_offset_ms: -hour * 1000 });
  await post({ type: "otp" });
  const late = receiver.received.at(-1);
  assert.equal((await arrives(late.headers, late.text)).status, 401, "a message that is sent again later");
  assert.equal(mailed.length, 1);
});
