// A user's session in a browser.

export { HallpassError } from "./errors.js";
export { SessionError } from "./session_error.js";
export { browserStorage, memoryStorage } from "./session_storage.js";

import { Session } from "./session_client.js";
import { sessionOptions } from "./session_options.js";

export function createSession(options) {
  return new Session(sessionOptions(options));
}
