// What the Worker's log says is wrong with its settings: lines of JSON, as crates/issuer/src/log.rs writes them.

/** What each line of level `error` says, each once; with none, that there was none. */
export function settingsIn(log) {
  const wrong = log
    .split("\n")
    .map(logged)
    .filter(({ level }) => level === "error")
    .map(({ detail }) => detail);
  return wrong.length > 0 ? [...new Set(wrong)] : ["/healthz answered 503; the log above says why"];
}

function logged(line) {
  try {
    return JSON.parse(line.slice(line.indexOf("{")));
  } catch {
    return {};
  }
}
