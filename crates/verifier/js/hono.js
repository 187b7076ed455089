// The guard as middleware of Hono.

export function forHono(makeGuard) {
  // Made at the first request, for bindings are not there before it, and kept: the guard remembers what it has read.
  let guard;
  return async (context, next) => {
    guard ??= makeGuard(context.env);
    const answer = await guard(context.req.raw);
    // By what a pass has and not by what a Response is: some servers put a class of their own in place of the global one.
    if (!("claims" in answer)) return answer;
    context.set("pass", answer);
    await next();
  };
}
