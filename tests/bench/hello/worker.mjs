// The floor: what a request costs on this runtime before anybody does anything.

export default {
  fetch: () => new Response("hello\n"),
};
