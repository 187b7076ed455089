// Where credentials and registration are looked at otherwise: an e-mail is one account in every spelling of its case.

import { fieldError, inFull } from "./answers.mjs";

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
];
