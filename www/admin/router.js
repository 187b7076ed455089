// Where in the console one is: `#users`, `#users/<percent-encoded sub>`, `#events?kind=reuse`.

/** `{ section, id, params }` of a hash; the first of `sections` where it names none of them. */
export function routeOf(hash, sections) {
  const [, path, search] = /^#?([^?]*)\??(.*)$/.exec(hash);
  const [name, id] = path.split("/");
  if (!sections.includes(name)) return { section: sections[0], id: undefined, params: new URLSearchParams() };
  return { section: name, id: id ? decoded(id) : undefined, params: new URLSearchParams(search) };
}

/** The address of a place in the console. */
export function linkTo(section, { id, params = {} } = {}) {
  const given = Object.entries(params).filter(([, value]) => value);
  const search = given.length > 0 ? `?${new URLSearchParams(given)}` : "";
  return `#${section}${id === undefined ? "" : `/${encodeURIComponent(id)}`}${search}`;
}

// An address that somebody typed may be no percent-encoding at all.
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
