// What goes wrong between this page and the API, in words.

/** Its message is for people. `fields` are the words about single fields of a body; without a `status` there was no answer. */
export class Failure extends Error {
  constructor(words, { status, fields = {} } = {}) {
    super(words);
    this.status = status;
    this.fields = fields;
  }

  /** Whether the same request may come out otherwise the next time. */
  get mayPass() {
    return this.status === undefined || this.status >= 500;
  }
}

/** Of a request that came back with nothing. */
export function noAnswer(method) {
  const read = "No answer came from the server. The connection may be gone.";
  const written = "No answer came from the server, so it is not known whether this was done. Look before you do it again.";
  return new Failure(method === "GET" ? read : written);
}

/** Of an answer that is no 2xx; `json` is its body, undefined when that is no JSON. */
export function refusal(status, json) {
  const members = typeof json === "object" ? Object.entries(json ?? {}) : [];
  const fields = Object.fromEntries(members.map(([name, words]) => [name, plain(words)]));
  return new Failure(wordsFor(status, fields), { status, fields });
}

const WORDS = {
  401: "This is not the admin key.",
  404: "This Worker has no ADMIN_KEY, so there is no admin API here. Set the secret ADMIN_KEY, then sign in with it.",
  503: "Hallpass is not ready to answer (503): a setting or a binding is missing or wrong. Its log names it.",
};

function wordsFor(status, fields) {
  if (WORDS[status]) return WORDS[status];
  if (status >= 500) return `Something failed at the server (${status}). Its log says what.`;
  const told = Object.values(fields).join(" ");
  return told === "" ? `The server refused this (${status}).` : told;
}

const plain = (words) => [words].flat(3).map((word) => (typeof word === "string" ? word : JSON.stringify(word))).join(" ");
