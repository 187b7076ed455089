// Many users' clients at once: each takes a user by chance, one of the user's sessions, and something to
// do with it. Sessions are shared, so it comes by itself that somebody ends what another one refreshes.

import { change, end, endAll, look, newest, present, revokeAccess, signIn, WAYS_TO_END, WAYS_TO_END_ALL } from "./deeds.mjs";

const CLIENTS = 24;
// A hundred and first session would put out the oldest, which nobody asked for.
const OPENINGS = 60;

/** How often what is done. A sign-in and a change of password hash, so there are few. */
const DEEDS = {
  refresh: 64,
  look: 8,
  race: 6,
  again: 2,
  end: 5,
  "revoke access": 5,
  "end all": 1,
  "sign in": 5,
  "sign in with an old password": 0.3,
  change: 0.8,
};

const doings = {
  refresh: (world, session) => present(world, session),
  look: (world, session) => look(world, newest(session)[world.random.of(["access", "refresh"])]),
  race: (world, session) => Promise.all([present(world, session), present(world, session)]),
  again: (world, session) => present(world, session, world.random.of(session.pairs).refresh),
  end: (world, session) => end(world, session, world.random.of(Object.keys(WAYS_TO_END))),
  "revoke access": (world, session) => revokeAccess(world, session),
  "end all": (world, session) => endAll(world, session, world.random.of(Object.keys(WAYS_TO_END_ALL))),
  "sign in": (world, { user }) => signIn(world, user),
  "sign in with an old password": (world, { user }) => signIn(world, user, user.firstPassword),
  change: (world, session) => change(world, session),
};

/**
 * Load until so many answers have come; then `end` is called, in the middle of all others. It resolves
 * when nobody asks any more.
 */
export async function load(world, { answers, end: ending = async () => {} }) {
  const reached = new Promise((resolve) => {
    let left = answers;
    world.onAnswer = () => --left === 0 && resolve();
  });
  world.tired = false;
  const clients = Array.from({ length: CLIENTS }, () => client(world));
  // Whoever finds the Worker wrong while it should be right ends the load.
  await Promise.race([reached, Promise.all(clients)]);
  await ending();
  world.tired = true;
  await Promise.all(clients);
  world.onAnswer = undefined;
}

async function client(world) {
  while (!world.tired && !world.dying) await somebodyDoesSomething(world);
}

async function somebodyDoesSomething(world) {
  const user = world.random.of(world.history.users);
  const session = chosenSession(world, user);
  if (!session) return signIn(world, user);
  if (user.passwords.length > 1) return change(world, session);
  if (user.openings > OPENINGS) return endAll(world, session, "admin");
  await doings[world.random.weighted(DEEDS)](world, session);
}

/** One that the client believes to live; now and then any, as of a device that was asleep. */
function chosenSession(world, user) {
  if (world.random.next() < 0.05) return world.random.of(user.sessions);
  return world.random.of(user.sessions.filter((session) => session.endedAt === undefined && !isGone(session)));
}

const isGone = (session) =>
  session.ends.some(({ outcome }) => outcome === "done") ||
  session.user.cutoffs.some((cutoff) => cutoff.outcome === "done" && cutoff.sent > session.opening.sent);
