// What a part of the page has to say.

/** `state` is "good", "warn" or "bad"; without a text there is nothing to say, and nothing to see. */
export function say(node, text = "", state = "") {
  node.dataset.state = state;
  node.textContent = text;
}

/** What went wrong, in words: the issuer's own where it has said something. */
export function wordsOf(error) {
  if (error?.code === "issuer_unreachable") return "No sensible answer came from the issuer. Nothing is known to have changed; try again.";
  const { detail } = Object(error?.answer);
  return typeof detail === "string" ? detail : String(error?.reason ?? error?.message ?? error);
}
