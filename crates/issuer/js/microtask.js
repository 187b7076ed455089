// How Rust's futures are woken: wasm-bindgen asks for a microtask each time. The runtime's own queueMicrotask costs as much as a statement
// of SQL, for it remembers whose request asks; a promise that is settled costs nothing. What is thrown in there, as by a panic, has to be
// reported all the same: by that the Worker knows that it has to begin anew.

const settled = Promise.resolve();

export const queueMicrotask = (task) => {
  settled.then(task).catch(reportError);
};
