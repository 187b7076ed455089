// Where credentials and registration are looked at otherwise: an e-mail is one account in every spelling of its case.

import { answer, any, fieldError, inFull } from "./answers.mjs";

const emailCase = "e-mail case";
const taken = fieldError("email", "user with this email already exists.");

export const accountDifferences = [
  ...["login", "sliding login"].map((place) => ({
    scenario: `${place} looks at letters' cases`,
    step: /upper case/,
    reason: emailCase,
    expect: inFull(`${place} takes credentials and refuses others`, "the right ones"),
  })),
  {
    scenario: /login compares passwords as they are spelled$/,
    step: "the power of ten as a number",
    reason: "a JSON number is taken as its text",
    open: "as its text in the JSON, or as Python writes it?",
    expect: [(recorded) => recorded, answer(401, { detail: "No active account found with the given credentials" })],
  },
  {
    scenario: "an e-mail registers once",
    step: "the domain in another case",
    reason: `its 500s; ${emailCase}`,
    expect: taken,
  },
  { scenario: "an e-mail registers once", step: "the local part in another case", reason: emailCase, expect: taken },
  {
    scenario: "an e-mail registers once",
    step: "who logs in with it as typed",
    reason: emailCase,
    expect: (recorded, { steps }) => steps["who logs in with it as answered"],
  },
  {
    scenario: "registration looks at e-mail addresses",
    step: "taken: letters outside ASCII in the domain",
    reason: "e-mails compare case-insensitively and after NFC",
    open: "is a domain outside ASCII taken, and shown as typed or in its ASCII form?",
    expect: [
      (recorded) => recorded,
      (recorded) => ({ ...recorded, body: { ...recorded.body, email: any("string") } }),
      fieldError("email", "Enter a valid email address."),
    ],
  },
];
