// A `fetch` that tells what was asked and what the answer was; never what was in it.

/** `tell(asked, status)`: "POST /api/token/", and the status or undefined when nothing came. */
export function toldFetch(tell) {
  return async (input, init) => {
    const { pathname } = new URL(input.url ?? input, location.href);
    const asked = `${init?.method ?? input.method ?? "GET"} ${pathname}`;
    try {
      const answer = await fetch(input, init);
      tell(asked, answer.status);
      return answer;
    } catch (error) {
      tell(asked, undefined);
      throw error;
    }
  };
}
