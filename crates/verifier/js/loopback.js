/** The names of this very machine: what goes there over plain http is read by nobody on the way. */
export const LOOPBACK = /^(?:localhost|127\.0\.0\.1|\[::1\])$/;
