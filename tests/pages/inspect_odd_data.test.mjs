// The Inspector and data that is not what it should be.

import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import { openBrowser } from "../support/chromium.mjs";
import { inspector, PASTED, rawToken } from "../support/inspector.mjs";
import { watch } from "../support/pages.mjs";
import { serveSite } from "../support/site.mjs";
import { inProject } from "../../tools/project.mjs";

const browser = openBrowser();
const skip = browser.missing;
const SIGNATURE = Buffer.alloc(32, 7).toString("base64url");
const token = (claims) => `${rawToken('{"alg":"HS256"}', claims)}.${SIGNATURE}`;

let site;
before(async () => (site = await serveSite(inProject("www"))));
after(() => site?.close());

async function opened(t) {
  const page = await browser.newPage();
  t.after(() => page.close());
  return { page, watched: watch(page), tool: await inspector(page, site.url) };
}

for (const date of ["99999999999999999999", '{"toString":1}', '{"valueOf":1,"toString":1}']) {
  test(`a date that is ${date} is told to be none, and the page goes on`, { skip }, async (t) => {
    const { page, watched, tool } = await opened(t);
    await tool.paste(token(`{"exp":${date},"iat":${date}}`));
    await tool.says("Refused");
    assert.match(await tool.summary.innerText(), /When it expires cannot be read/);
    await tool.paste(token('{"exp":9999999999}'));
    await page.getByText("By its dates it is good.").waitFor();
    watched.assertQuiet();
  });
}

for (const kty of ["constructor", "toString", "__proto__"]) {
  test(`a key of the kind "${kty}" is not used, and does not keep others from being used`, { skip }, async (t) => {
    const { page, watched, tool } = await opened(t);
    await tool.paste(token('{"exp":9999999999}'));
    await tool.choose(PASTED);
    const good = { kty: "oct", k: Buffer.alloc(32, 1).toString("base64url"), alg: "HS256" };
    await page.getByLabel("JSON Web Key, or a set of them").fill(JSON.stringify({ keys: [{ kty, kid: "odd" }, good] }));
    await tool.check();
    await tool.says("Refused");
    assert.deepEqual(await tool.codes(), ["bad_signature"]);
    assert.match((await tool.remarks()).join(), /The key “odd” was not used/);
    watched.assertQuiet();
  });
}
