//! What an object has to tell the directory.
//!
//! An event is committed with the decision that it tells of, delivered after the answer, and deleted
//! when the directory has it. The directory knows an event by its id, so one that is delivered twice
//! counts once.
//!
//! An event of a subject sets no alarm: it is delivered right after the answer, and when that fails,
//! then an alarm is set. If the machine dies in between, the object finds the event when it wakes. The
//! keyring's object may not be asked for long, so there the alarm is set with the decision.

use std::time::Duration;

use futures_util::future::{Either, select};
use hallpass_core::jti::hex;
use worker::SqlStorageValue;

use super::directory::Event;
use super::outbox::{FIRST_RETRY, LONGEST_RETRY};
use crate::fault::Fault;
use crate::ground::Ground;
use crate::ground::sql::{Row, Sql, integer};

/// Ids begin with the time, so this is the order of events. It was released: never edit it.
pub(super) const TABLE: &str = "CREATE TABLE event (
    id TEXT PRIMARY KEY, weight INTEGER NOT NULL, at INTEGER NOT NULL, body TEXT NOT NULL)
    WITHOUT ROWID";

/// How many events wait at most: while the directory is down, nobody can make an object grow. At
/// 700 bytes an event, most of them the client label, this is 70 KB.
const MOST_WAITING: u64 = 100;

/// How long a delivery may take before it counts as failed.
const DELIVERY_TIMEOUT: Duration = Duration::from_secs(10);

/// The events of an object whose table is there.
pub(super) struct Events<'a>(pub(super) &'a Sql);

impl Events<'_> {
    /// The lightest, of these the oldest, give way where there are too many.
    pub(super) fn put(&self, weight: u8, event: &Event) -> Result<(), Fault> {
        let body = serde_json::to_string(event)?;
        let values: Vec<SqlStorageValue> = vec![
            event.id.as_str().into(),
            integer(weight.into()),
            integer(event.at),
            body.into(),
        ];
        let insert = "INSERT INTO event (id, weight, at, body) VALUES (?, ?, ?, ?)";
        self.0.run(insert, values)?;
        let waiting = self.0.row("SELECT count(*) FROM event", vec![])?;
        if waiting.map_or(Ok(0), |row| row.integer(0))? > MOST_WAITING {
            let give_way =
                "DELETE FROM event WHERE id = (SELECT id FROM event ORDER BY weight, id LIMIT 1)";
            self.0.run(give_way, vec![])?;
        }
        Ok(())
    }

    /// Tells the directory everything that waits, until nothing does or it does not listen.
    pub(super) async fn deliver_all(&self, ground: &dyn Ground) -> Result<(), Fault> {
        loop {
            let waiting = self.waiting()?;
            if waiting.is_empty() {
                return Ok(());
            }
            let ids: Vec<_> = waiting.iter().map(|event| event.id.clone()).collect();
            deliver(ground, waiting).await?;
            self.delivered(&ids)?;
        }
    }

    /// All that wait, the oldest first.
    fn waiting(&self) -> Result<Vec<Event>, Fault> {
        let rows = self.0.rows("SELECT body FROM event ORDER BY id", vec![])?;
        let read = |row: &Row| Ok(serde_json::from_str(&row.text(0)?)?);
        rows.iter().map(read).collect()
    }

    /// The directory has these. By name and not by the last id, for one of the same millisecond may
    /// have come since.
    fn delivered(&self, ids: &[String]) -> Result<(), Fault> {
        let statement = "DELETE FROM event WHERE id IN (SELECT value FROM json_each(?))";
        self.0
            .run(statement, vec![serde_json::to_string(ids)?.into()])
    }

    /// When the oldest event that waits happened.
    fn oldest(&self) -> Result<Option<u64>, Fault> {
        let row = self.0.row("SELECT min(at) FROM event", vec![])?;
        row.map_or(Ok(None), |row| row.optional(0, Row::integer))
    }

    /// When to try again, if something waits.
    pub(super) fn retry_at(&self, ground: &dyn Ground, now: u64) -> Result<Option<u64>, Fault> {
        let oldest = self.oldest()?;
        oldest
            .map(|oldest| retry_at(ground, oldest, now))
            .transpose()
    }
}

/// When to tell the directory again what happened at `oldest`: as long from now as it has waited, so
/// that the waits double without a count being kept.
pub(super) fn retry_at(ground: &dyn Ground, oldest: u64, now: u64) -> Result<u64, Fault> {
    let waited = now.saturating_sub(oldest).clamp(FIRST_RETRY, LONGEST_RETRY);
    let [jitter] = ground.bytes::<1>()?;
    Ok(now + waited + u64::from(jitter) % FIRST_RETRY)
}

/// A new event's id, 32 hex digits: the time in milliseconds (12) and random ones. `now` is the
/// object's clock, seconds.
pub(super) fn new_id(ground: &dyn Ground, now: u64) -> Result<String, Fault> {
    let milliseconds = ground.milliseconds().max(now.saturating_mul(1000));
    Ok(format!(
        "{milliseconds:012x}{}",
        hex(&ground.bytes::<10>()?)
    ))
}

/// Tells the directory these, and waits no longer for its answer than is good.
async fn deliver(ground: &dyn Ground, events: Vec<Event>) -> Result<(), Fault> {
    match select(ground.record(events), ground.sleep(DELIVERY_TIMEOUT)).await {
        Either::Left((delivered, _)) => delivered,
        Either::Right(_) => Err(Fault::new("the directory: no answer")),
    }
}
