// How the guard reaches what a verifier keeps to itself: nobody outside the package has these symbols.

export const VERIFY_BEARER = Symbol();
export const CALLS_BACK = Symbol();
export const LEEWAY = Symbol();
