// The Inspector as a person uses it: what is pasted, pressed and read.

/** Opens the page; `{ paste, check, verdict, broken, kept, remarks, summary, choose }`. */
export async function inspector(page, origin) {
  await page.goto(new URL("/inspect/", origin).href);
  const verdict = page.getByRole("region", { name: "Verdict" });
  const texts = (name) => verdict.locator(`.${name} > li`).allInnerTexts();
  return {
    verdict,
    token: page.getByRole("textbox", { name: "Token" }),
    /** The sentence about what was pasted. */
    summary: page.locator("#summary"),
    /** What is wrong with the key; nothing at first, and then it is not to be seen. */
    trouble: page.locator("#key-trouble"),
    paste: (token) => page.getByRole("textbox", { name: "Token" }).fill(token),
    choose: (source) => page.getByRole("radio", { name: source }).check(),
    /** Opens the rules, and fills them: by their labels. */
    async ask(rules) {
      await page.getByText("What else to ask of it").click();
      for (const [label, value] of Object.entries(rules)) {
        if (label === "Kind of token") await page.getByLabel(label).selectOption(value);
        else await page.getByLabel(label).fill(value);
      }
    },
    check: () => page.getByRole("button", { name: "Check the signature" }).click(),
    /** Waits until the verdict begins with this word. */
    says: (word) => verdict.getByText(word, { exact: true }).waitFor(),
    /** The codes of the broken rules, in their order. */
    codes: () => verdict.locator(".broken .note > code:first-child").allInnerTexts(),
    broken: () => texts("broken"),
    kept: () => texts("kept"),
    remarks: () => texts("remarks"),
  };
}

export const ADDRESS = "Published keys, by their address";
export const PASTED = "A key I paste";
export const SECRET = "A shared secret";

/** A token of these texts as they stand, for what no library would write. */
export const rawToken = (...parts) => parts.map((part) => Buffer.from(part).toString("base64url")).join(".");
