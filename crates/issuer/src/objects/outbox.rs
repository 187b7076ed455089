//! What an object has decided and the blacklist lacks.
//!
//! A decision is committed together with a row in the object's outbox, and with an alarm. The
//! blacklist is then told at once; whatever does not get through is told again, later and later,
//! until it does or until no verifier could accept the token any more.
//!
//! A write that nobody has heard of may still arrive, after later ones. An entry that says less than
//! its successor, a lower cutoff, would undo that; so where another write of a key may be under way,
//! a cutoff is told once more when that one must have arrived.

use std::cell::Cell;
use std::time::Duration;

use futures_util::future::{Either, select};
use hallpass_core::revocation::keep_until;

use crate::adapters::blacklist_kv::{Entry, Facts};
use crate::fault::Fault;
use crate::ground::Ground;
use crate::ground::sql::{Row, Sql, integer};

/// The table of an object's first step, one row for each entry. It was released: never edit it.
pub(super) const TABLE: &str = "CREATE TABLE outbox (
    key TEXT PRIMARY KEY, rank INTEGER NOT NULL, facts TEXT NOT NULL, exp INTEGER NOT NULL,
    attempts INTEGER NOT NULL, not_before INTEGER NOT NULL,
    unheard_until INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID";

/// How long after a decision the alarm looks whether the blacklist has it, in seconds.
pub(super) const FIRST_RETRY: u64 = 5;

/// The longest wait between two tries, in seconds, jitter not counted.
pub(super) const LONGEST_RETRY: u64 = 300;

/// By when a write has arrived that nobody has heard of, in seconds.
const ARRIVED: u64 = 65;

/// How long a write may take before it counts as failed.
const PUT_TIMEOUT: Duration = Duration::from_secs(20);

/// For how many seconds one thing is told before somebody else may begin: longer than a write that is
/// waited for may take.
const OVERTAKEN_AFTER: u64 = 2 * PUT_TIMEOUT.as_secs();

/// The outbox of an object whose tables are there.
pub(super) struct Outbox<'a>(pub(super) &'a Sql);

/// An entry that the blacklist lacks.
struct Pending {
    key: String,
    facts: Facts,
    facts_text: String,
    /// The latest `exp` of what it calls back.
    exp: u64,
    attempts: u32,
    /// Until then a write may arrive that nobody has heard of.
    unheard_until: u64,
}

/// What became of one attempt to tell the blacklist something.
pub(super) enum Told {
    /// It knows, or need not any more.
    Done,
    /// Try again later.
    Failed(Fault),
    /// The same, but it may have got through, or still do so.
    Unheard(Fault),
}

impl Outbox<'_> {
    /// Remembers that the blacklist lacks this. An entry for the same key says more than the one it
    /// replaces, for what is called back stays so.
    pub(super) fn enqueue(
        &self,
        rank: u8,
        key: &str,
        facts: &Facts,
        exp: u64,
    ) -> Result<(), Fault> {
        self.0.run(
            "INSERT INTO outbox (key, rank, facts, exp, attempts, not_before) VALUES (?, ?, ?, ?, 0, 0)
             ON CONFLICT (key) DO UPDATE SET facts = excluded.facts,
             exp = max(exp, excluded.exp), attempts = 0, not_before = 0",
            vec![key.into(), integer(rank.into()), serde_json::to_string(facts)?.into(), integer(exp)],
        )
    }

    /// When the next entry is due.
    pub(super) fn next_due(&self) -> Result<Option<u64>, Fault> {
        let row = self.0.row("SELECT min(not_before) FROM outbox", vec![])?;
        row.map_or(Ok(None), |row| row.optional(0, Row::integer))
    }

    /// The most important entry that is due.
    fn pending(&self, now: u64) -> Result<Option<Pending>, Fault> {
        let statement =
            "SELECT key, facts, exp, attempts, unheard_until FROM outbox WHERE not_before <= ?
             ORDER BY rank, not_before LIMIT 1";
        let Some(row) = self.0.row(statement, vec![integer(now)])? else {
            return Ok(None);
        };
        let facts_text = row.text(1)?;
        Ok(Some(Pending {
            key: row.text(0)?,
            facts: serde_json::from_str(&facts_text)?,
            facts_text,
            exp: row.integer(2)?,
            attempts: row.small(3)?,
            unheard_until: row.integer(4)?,
        }))
    }

    /// The object has just woken: in the life before, a write of a cutoff may have been begun.
    pub(super) fn woke(&self, now: u64) -> Result<(), Fault> {
        let statement = "UPDATE outbox SET unheard_until = ? WHERE rank = 0";
        self.0.run(statement, vec![integer(now + ARRIVED)])
    }

    /// A write of this key was begun that nobody hears of, whatever is to be written next.
    fn unheard(&self, pending: &Pending, now: u64) -> Result<(), Fault> {
        let statement = "UPDATE outbox SET unheard_until = ? WHERE key = ?";
        let key = pending.key.as_str().into();
        self.0.run(statement, vec![integer(now + ARRIVED), key])
    }

    /// Forgets an entry the blacklist has, unless it says something newer by now or has to stay
    /// longer, or another write could undo it.
    fn done(&self, pending: &Pending, now: u64) -> Result<(), Fault> {
        if now < pending.unheard_until && pending.facts.may_grow() {
            return self.postpone(pending, pending.unheard_until);
        }
        self.0.run(
            "DELETE FROM outbox WHERE key = ? AND facts = ? AND exp = ?",
            vec![
                pending.key.as_str().into(),
                pending.facts_text.as_str().into(),
                integer(pending.exp),
            ],
        )
    }

    fn postpone(&self, pending: &Pending, until: u64) -> Result<(), Fault> {
        self.0.run(
            "UPDATE outbox SET attempts = attempts + 1, not_before = ? WHERE key = ? AND facts = ?",
            vec![
                integer(until),
                pending.key.as_str().into(),
                pending.facts_text.as_str().into(),
            ],
        )
    }
}

/// Whether somebody, the blacklist say, is being told: one thing at a time, so that there is never a
/// second write to a key under way.
#[derive(Default)]
pub(super) struct Telling {
    /// Since this second the same thing.
    since: Cell<Option<u64>>,
    turns: Cell<u32>,
    /// Until then a write may arrive that nobody has heard of, whatever its row says: to write that down
    /// may fail.
    unheard_until: Cell<u64>,
}

/// Whose turn it is to tell.
pub(super) struct Turn(u32);

impl Telling {
    /// Begins, unless somebody is at it. A write the runtime forgot about must not keep all that
    /// follow from being told: whoever waits for it too long is overtaken.
    pub(super) fn begin(&self, now: u64) -> Option<Turn> {
        let under_way = self.since.get();
        if under_way.is_some_and(|since| now < since + OVERTAKEN_AFTER) {
            return None;
        }
        self.since.set(Some(now));
        self.turns.set(self.turns.get().wrapping_add(1));
        Some(Turn(self.turns.get()))
    }

    /// Whether somebody has heard back and may tell the next thing. Who was overtaken may not.
    pub(super) fn goes_on(&self, turn: &Turn, now: u64) -> bool {
        let goes_on = turn.0 == self.turns.get();
        if goes_on {
            self.since.set(Some(now));
        }
        goes_on
    }

    /// Leaves it to others. Who was overtaken has nothing to leave.
    pub(super) fn end(&self, turn: &Turn) {
        if turn.0 == self.turns.get() {
            self.since.set(None);
        }
    }

    /// Tells the blacklist the most important entry that is due; whether there was one. One that does
    /// not get through is postponed.
    pub(super) async fn tell_next(
        &self,
        ground: &dyn Ground,
        outbox: &Outbox<'_>,
        now: impl Fn() -> u64,
    ) -> Result<bool, Fault> {
        let Some(mut pending) = outbox.pending(now())? else {
            return Ok(false);
        };
        pending.unheard_until = pending.unheard_until.max(self.unheard_until.get());
        let (key, facts) = (pending.key.clone(), pending.facts.clone());
        match self.tell(ground, key, facts, pending.exp, now()).await {
            Told::Done => outbox.done(&pending, now())?,
            Told::Unheard(fault) => {
                self.unheard_until.set(now() + ARRIVED);
                outbox.unheard(&pending, now())?;
                let wait = backoff(ground, pending.attempts)?;
                outbox.postpone(&pending, now() + wait)?;
                return Err(fault);
            }
            Told::Failed(fault) => {
                outbox.postpone(&pending, now() + backoff(ground, pending.attempts)?)?;
                return Err(fault);
            }
        }
        Ok(true)
    }

    /// Tells the blacklist one thing.
    pub(super) async fn tell(
        &self,
        ground: &dyn Ground,
        key: String,
        facts: Facts,
        exp: u64,
        now: u64,
    ) -> Told {
        let Some(until) = keep_until(exp, now) else {
            return Told::Done;
        };
        self.since.set(Some(now));
        let entry = Entry { key, facts, until };
        match select(ground.put(entry), ground.sleep(PUT_TIMEOUT)).await {
            Either::Left((Ok(()), _)) => Told::Done,
            Either::Left((Err(fault), _)) => Told::Failed(fault.during("KV put")),
            Either::Right(_) => Told::Unheard(Fault::new("KV put: no answer")),
        }
    }
}

/// How long to wait after so many failures, in seconds: doubling, with jitter, so that objects that
/// failed together do not come back together.
pub(super) fn backoff(ground: &dyn Ground, attempts: u32) -> Result<u64, Fault> {
    let base = 2_u64.saturating_pow(attempts.min(16)).min(LONGEST_RETRY);
    let [jitter] = ground.bytes::<1>()?;
    Ok(base + u64::from(jitter) % base.max(2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_tells_at_a_time_and_who_waits_too_long_is_overtaken_for_good() {
        let telling = Telling::default();
        let slow = telling.begin(100).unwrap();
        assert!(telling.begin(100).is_none());
        assert!(telling.goes_on(&slow, 139));
        assert!(
            telling.begin(139 + OVERTAKEN_AFTER - 1).is_none(),
            "it has heard back"
        );
        let next = telling.begin(139 + OVERTAKEN_AFTER).unwrap();
        assert!(!telling.goes_on(&slow, 200));
        telling.end(&slow);
        assert!(telling.begin(200).is_none(), "the other one is still at it");
        telling.end(&next);
        assert!(telling.begin(200).is_some());
    }
}
