// Where the session keeps its tokens, for the page shows them. A storage that is full takes nothing: then the session has them
// in memory alone.

import { browserStorage } from "/hallpass/session.js";

/** The browser's storage for a session, with `latest()`: what it has written last, also where the storage did not take it. */
export function watchedStorage(storage = browserStorage()) {
  let untaken;
  return {
    ...storage,
    write(text) {
      untaken = text;
      storage.write(text);
      untaken = undefined;
    },
    // As the session does: what another tab has kept counts from then on.
    subscribe: (listener) =>
      storage.subscribe?.(() => {
        untaken = undefined;
        listener();
      }) ?? (() => {}),
    latest: () => (untaken === undefined ? storage.read() : untaken),
  };
}
