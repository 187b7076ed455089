//! What an object has to do, read at one look: a statement costs more than what it finds.

use hallpass_core::MAX_LEEWAY;

use super::store::{Store, row_over, unpublished};
use crate::fault::Fault;
use crate::ground::Ground;
use crate::ground::sql::Row;
use crate::objects::events;
use crate::objects::outbox::FIRST_RETRY;

/// What there is to do. Dates are seconds.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Agenda {
    /// The latest second this object has written down; its clock does not go back behind it. No token
    /// of it has a later `iat`, on which the cutoffs rest: every row says when it was last written.
    pub(super) last_seen: u64,
    /// When the first row can go.
    pub(super) over: Option<u64>,
    /// When the first entry of the outbox is due.
    pub(super) due: Option<u64>,
    /// When the oldest event happened that the directory lacks.
    pub(super) event: Option<u64>,
    /// A live session has spent ids that the blacklist lacks.
    pub(super) lacks_spent: bool,
    /// The subject was deleted, and its address's account has yet to forget it.
    pub(super) forget: bool,
}

impl Agenda {
    /// Whether the blacklist lacks anything.
    pub(super) const fn lacks_something(&self) -> bool {
        self.due.is_some() || self.lacks_spent
    }

    /// Whether there is anybody to be told anything.
    pub(super) const fn tells(&self) -> bool {
        self.lacks_something() || self.event.is_some() || self.forget
    }

    /// When to look again: an entry falls due, a spent id waits (not before `spent_at`), a row can go.
    pub(super) fn next(
        &self,
        ground: &dyn Ground,
        now: u64,
        spent_at: u64,
    ) -> Result<Option<u64>, Fault> {
        let soon = now + FIRST_RETRY;
        // Spent ids come after everything else, so they wait with it.
        let due = self.due.or(self.lacks_spent.then_some(spent_at));
        let event = self
            .event
            .map(|oldest| events::retry_at(ground, oldest, now));
        let all = [
            due.map(|at| at.max(soon)),
            event.transpose()?,
            self.forget.then_some(soon),
            self.over,
        ];
        Ok(all.into_iter().flatten().min())
    }
}

impl Store<'_> {
    /// What there is to do; looks at all sessions.
    pub(super) fn agenda(&self) -> Result<Agenda, Fault> {
        let statement = concat!(
            "SELECT max(ifnull(seen, 0), ifnull((SELECT cutoff - 1 FROM subject), 0), 0),
             min(ifnull(first, revoked), ifnull(revoked, first)),
             (SELECT min(not_before) FROM outbox), (SELECT min(at) FROM event), ifnull(lacks, 0),
             EXISTS (SELECT 1 FROM subject WHERE standing = 'deleted' AND email IS NOT NULL AND sub IS NOT NULL)
             FROM (SELECT max(max(started_at, rotated_at, written_at, ifnull(ended_at, 0))) AS seen,
             min(",
            row_over!(),
            ") AS first, max(",
            unpublished!(),
            ") AS lacks FROM session),
             (SELECT min(exp) AS revoked FROM revoked)"
        );
        let row = self.row(statement, vec![])?;
        row.map_or_else(|| Ok(Agenda::default()), |row| read(&row))
    }
}

fn read(row: &Row) -> Result<Agenda, Fault> {
    let over = row.optional(1, Row::integer)?;
    Ok(Agenda {
        last_seen: row.integer(0)?,
        over: over.map(|exp| exp + MAX_LEEWAY),
        due: row.optional(2, Row::integer)?,
        event: row.optional(3, Row::integer)?,
        lacks_spent: row.integer(4)? > 0,
        forget: row.integer(5)? > 0,
    })
}
