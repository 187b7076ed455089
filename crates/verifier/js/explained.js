/** What `attempt()` comes to; what it throws becomes the cause of an error that says in plain words what did not work. */
export async function explained(words, attempt) {
  try {
    return await attempt();
  } catch (cause) {
    throw new Error(words, { cause });
  }
}
