export class HallpassError extends Error {
  constructor(code, reason, { claim, cause } = {}) {
    super(claim === undefined ? reason : `${reason} (claim '${claim}')`, cause === undefined ? undefined : { cause });
    this.code = code;
    this.claim = claim;
    this.reason = reason;
  }
}
// On the prototype, as with the errors of the language: it is no property of each one.
HallpassError.prototype.name = "HallpassError";
