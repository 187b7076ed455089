import { HallpassError } from "./errors.js";

/** What an issuer answered, or that it did not. Its words stay apart from ours: they are for a form to show, as text. */
export class SessionError extends HallpassError {
  constructor(code, reason, { status, answer, cause } = {}) {
    super(code, reason, { cause });
    this.status = status;
    this.answer = answer;
    this.challenge = answer?.challenge;
  }
}
