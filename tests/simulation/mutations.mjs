// Rules broken on purpose, each in a way that a hand might slip. The simulation has to notice every one.
//
// `from` stands once in `file`; with the mutation on, `to` is there instead. Both are expressions, or
// statements that end with a semicolon. Nothing of this is in what is shipped: tools/mutants.mjs
// writes copies of the sources with both in them. `caught` is the invariant that breaks first.

const CORE = "crates/core/src";
const ISSUER = "crates/issuer/src";

export const MUTATIONS = [
  {
    name: "the grace is anchored at the token's end, not at the rotation",
    file: `${CORE}/rotation.rs`,
    from: "now.saturating_sub(session.rotated_at)",
    to: "now.saturating_sub(session.access_expires_at)",
    caught: "I1",
  },
  {
    name: "a counter is compared off by one",
    file: `${CORE}/rotation.rs`,
    from: "session.counter.checked_sub(c)",
    to: "Some(session.counter.checked_sub(c)?.saturating_sub(1))",
    caught: "I1",
  },
  {
    name: "an ended session goes on",
    file: `${CORE}/rotation.rs`,
    from: "session.end_reason()",
    to: "None::<Reason>",
    caught: "I2",
  },
  {
    name: "a replay says when it was replayed",
    file: `${ISSUER}/objects/subject/exchange.rs`,
    from: "self.issuer(subject).current(&kept.session)",
    to: "self.issuer(subject).current(&Session { rotated_at: self.now, ..kept.session.clone() })",
    caught: "I5",
  },
  {
    name: "the version of the password is not compared",
    file: `${CORE}/subject.rs`,
    from: "credential < self.credential",
    to: "false",
    caught: "I2",
  },
  {
    name: "a late write about spent ids revives its session",
    file: `${ISSUER}/objects/subject/sessions.rs`,
    from: '"UPDATE session SET published = ? WHERE sid = ? AND published < ?"',
    to: '"UPDATE session SET ended_at = NULL, published = ? WHERE sid = ? AND published <= ?"',
    caught: "I2",
  },
  {
    name: "an entry lives from when it is sent, not until the token's end",
    file: `${CORE}/revocation.rs`,
    from: "exp.saturating_add(MAX_LEEWAY)",
    to: "exp.min(now).saturating_add(MAX_LEEWAY)",
    caught: "I3",
  },
  {
    name: "an entry lives as long as today's settings say",
    file: `${ISSUER}/objects/subject/ending.rs`,
    from: "kept.session.latest_bearer_exp",
    to: "self.now + self.config.lifetimes(kept.session.form).bearer",
    caught: "I3",
  },
  {
    name: "a cutoff spares the second in which it is made",
    file: `${CORE}/subject.rs`,
    from: "revocation::cutoff(self.cutoff, now)",
    to: "self.cutoff.max(now)",
    caught: "I3",
  },
  {
    name: "a lower cutoff that arrives late stays",
    file: `${ISSUER}/objects/outbox.rs`,
    from: "pending.facts.may_grow()",
    to: "false",
    caught: "I3",
  },
  {
    name: "the outbox forgets after the first failure",
    file: `${ISSUER}/objects/outbox.rs`,
    from: "outbox.postpone(&pending, now() + backoff(ground, pending.attempts)?)?;",
    to: "outbox.done(&pending, now())?;",
    caught: "I3",
  },
  {
    name: "a write that KV refuses, the second to a key in a second say, counts as done",
    file: `${ISSUER}/objects/outbox.rs`,
    from: 'Told::Failed(fault.during("KV put"))',
    to: "{ drop(fault); Told::Done }",
    caught: "I3",
  },
  {
    name: "an entry that was replaced while it was told is forgotten",
    file: `${ISSUER}/objects/outbox.rs`,
    from: '"DELETE FROM outbox WHERE key = ? AND facts = ? AND exp = ?"',
    to: '"DELETE FROM outbox WHERE key = ? OR facts = ? OR exp = ?"',
    caught: "I3",
  },
  {
    name: "the alarm is set a moment after the decision is committed",
    file: `${ISSUER}/objects/subject/mod.rs`,
    from: "self.arm(at).await?;",
    to: "self.ground.sleep(std::time::Duration::from_secs(1)).await; self.arm(at).await?;",
    caught: "I3",
  },
  {
    name: "a decision sets no alarm",
    file: `${ISSUER}/objects/subject/mod.rs`,
    from: "untold.then(|| now + FIRST_RETRY)",
    to: "None",
    caught: "I3",
  },
  {
    name: "an object's clock goes back",
    file: `${ISSUER}/objects/subject/mod.rs`,
    from: "last_seen.max(self.seen.get())",
    to: "last_seen.min(0)",
    caught: "I3",
  },
  {
    name: "spent ids are forgotten",
    file: `${ISSUER}/objects/subject/exchange.rs`,
    from: "self.config.blacklist_after_rotation",
    to: "false",
    caught: "I3",
  },
  {
    name: "a spent id that KV refuses counts as told",
    file: `${ISSUER}/objects/subject/spent.rs`,
    from: "self.ground.put(entry).await",
    to: "{ let _ = self.ground.put(entry).await; Ok(()) }",
    caught: "I3",
  },
  {
    name: "spent ids are written down as told before they are",
    file: `${ISSUER}/objects/subject/spent.rs`,
    from: "before.map_or(0, |before| before.lacking.kept.published)",
    to: "before.map_or(0, |before| before.lacking.kept.session.counter)",
    caught: "I3",
  },
  {
    name: "a token is taken for five minutes more than the leeway",
    file: `${CORE}/validation.rs`,
    from: "date.saturating_add(leeway.seconds())",
    to: "date.saturating_add(leeway.seconds() + MAX_LEEWAY)",
    caught: "I4",
  },
  {
    name: "a signature's last byte is not compared",
    file: `${CORE}/key.rs`,
    from: "keyed.clone().chain_update(input).verify_slice(tag).is_ok()",
    to: "keyed.clone().chain_update(input).verify_truncated_left(tag.split_last().map_or(tag, |(_, rest)| rest)).is_ok()",
    caught: "I6",
  },
  {
    name: "a payload without an id makes its object panic",
    file: `${ISSUER}/objects/subject/decide.rs`,
    from: 'Fault::new("a token without id was presented to an object")',
    to: 'panic!("a token without id")',
    caught: "I7",
  },
  {
    name: "a key signs before it is published",
    file: `${CORE}/ring.rs`,
    from: "second.max(next.ready_at())",
    to: "second + 1",
    caught: "I8",
  },
];
