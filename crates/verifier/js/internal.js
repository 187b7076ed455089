// How the guard reaches what a verifier keeps to itself: nobody outside the package has these symbols.

export const VERIFY_BEARER = Symbol("verifyBearer");
export const CALLS_BACK = Symbol("callsBack");
export const LEEWAY = Symbol("leeway");
export const NOW = Symbol("now");
