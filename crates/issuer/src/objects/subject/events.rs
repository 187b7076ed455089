//! Telling the directory what has happened.
//!
//! An event is committed with the decision that it tells of, delivered after the blacklist has been
//! told, and deleted when the directory has it. The directory knows an event by its id, so one that
//! is delivered twice counts once.
//!
//! An event alone sets no alarm: it is delivered right after the answer, and when that fails, then an
//! alarm is set. If the machine dies in between, the object finds the event when it wakes, for its
//! next command or to sweep the session away.

use std::time::Duration;

use futures_util::future::{Either, select};
use hallpass_core::event::{EventKind, QUIET_SECONDS, ReuseKind};
use hallpass_core::jti::hex;
use hallpass_core::rotation::Reuse;
use worker::SqlStorageValue;

use super::SubjectKeeper;
use super::decide::Scene;
use super::message::{By, Profile};
use super::store::Store;
use crate::fault::Fault;
use crate::ground::Ground;
use crate::ground::sql::{Row, integer};
use crate::log;
use crate::objects::directory::{Event, ReuseFacts};
use crate::objects::outbox::{FIRST_RETRY, LONGEST_RETRY};

/// Ids begin with the time, so this is the order of events. It was released: never edit it.
pub(super) const TABLE: &str = "CREATE TABLE event (
    id TEXT PRIMARY KEY, weight INTEGER NOT NULL, at INTEGER NOT NULL, body TEXT NOT NULL)
    WITHOUT ROWID";

/// How many events wait at most: while the directory is down, nobody can make an object grow. At
/// 700 bytes an event, most of them the client label, this is 70 KB.
const MOST_WAITING: u64 = 100;

/// How long a delivery may take before it counts as failed.
const DELIVERY_TIMEOUT: Duration = Duration::from_secs(10);

/// Something that has just happened.
pub(super) struct Noted {
    kind: EventKind,
    sub: Option<String>,
    sid: Option<String>,
    by: By,
    reuse: Option<Reuse>,
    profile: Option<Profile>,
}

impl Noted {
    pub(super) fn of(kind: EventKind, sub: Option<&str>) -> Self {
        Self {
            kind,
            sub: sub.map(Into::into),
            sid: None,
            by: By::Holder,
            reuse: None,
            profile: None,
        }
    }

    pub(super) fn in_session(self, sid: &str) -> Self {
        Self {
            sid: Some(sid.to_owned()),
            ..self
        }
    }

    pub(super) fn with_profile(self, profile: Option<Profile>) -> Self {
        Self { profile, ..self }
    }

    pub(super) fn by(self, by: By) -> Self {
        Self { by, ..self }
    }
}

impl Scene<'_> {
    /// Remembers an event for the directory. The tables are there.
    pub(super) fn note(&self, noted: Noted) -> Result<(), Fault> {
        let client = match &noted.sid {
            Some(sid) => self.store.client(sid)?,
            None => None,
        };
        self.note_of(noted, client)
    }

    /// Remembers a reuse, unless one of this session was a moment ago that changed as little.
    /// Whether there is one to deliver.
    pub(super) fn note_reuse(
        &self,
        reuse: Option<(ReuseKind, Reuse)>,
        sub: Option<&str>,
        sid: &str,
    ) -> Result<bool, Fault> {
        let Some((kind, reuse)) = reuse else {
            return Ok(false);
        };
        let noted = Noted {
            reuse: Some(reuse),
            ..Noted::of(EventKind::Reuse(kind), sub).in_session(sid)
        };
        match kind {
            ReuseKind::Stale => self.note(noted)?,
            ReuseKind::Race | ReuseKind::Ended => {
                let Some(client) = self.store.break_quiet(sid, self.now)? else {
                    return Ok(false);
                };
                self.note_of(noted, Some(client))?;
            }
        }
        Ok(true)
    }

    fn note_of(&self, noted: Noted, client: Option<String>) -> Result<(), Fault> {
        let kind = noted.kind;
        let reuse = match (kind, noted.reuse) {
            (EventKind::Reuse(kind), Some(reuse)) => Some(ReuseFacts {
                kind: kind.as_str().to_owned(),
                behind: reuse.behind,
                seconds_since_rotation: reuse.since_rotation,
            }),
            _ => None,
        };
        let event = Event {
            id: self.event_id()?,
            kind: kind.as_str().to_owned(),
            at: self.now,
            sub: noted.sub,
            sid: noted.sid,
            client: client.filter(|client| !client.is_empty()),
            by_admin: noted.by == By::Admin,
            reuse,
            profile: noted.profile,
        };
        if kind == EventKind::Reuse(ReuseKind::Stale) {
            // Somebody holds a copy of a refresh token.
            log::notice("reuse", &event);
        }
        self.store.put_event(kind.weight(), &event)
    }

    /// 32 hex digits: the time in milliseconds (12) and random ones.
    fn event_id(&self) -> Result<String, Fault> {
        let milliseconds = self
            .ground
            .milliseconds()
            .max(self.now.saturating_mul(1000));
        Ok(format!(
            "{milliseconds:012x}{}",
            hex(&self.ground.bytes::<10>()?)
        ))
    }
}

impl Store<'_> {
    /// The lightest, of these the oldest, give way where there are too many.
    fn put_event(&self, weight: u8, event: &Event) -> Result<(), Fault> {
        let body = serde_json::to_string(event)?;
        let values: Vec<SqlStorageValue> = vec![
            event.id.as_str().into(),
            integer(weight.into()),
            integer(event.at),
            body.into(),
        ];
        let insert = "INSERT INTO event (id, weight, at, body) VALUES (?, ?, ?, ?)";
        self.sql.run(insert, values)?;
        let waiting = self.row("SELECT count(*) FROM event", vec![])?;
        if waiting.map_or(Ok(0), |row| row.integer(0))? > MOST_WAITING {
            let give_way =
                "DELETE FROM event WHERE id = (SELECT id FROM event ORDER BY weight, id LIMIT 1)";
            self.sql.run(give_way, vec![])?;
        }
        Ok(())
    }

    /// All that wait, the oldest first.
    fn events(&self) -> Result<Vec<Event>, Fault> {
        let rows = self.rows("SELECT body FROM event ORDER BY id", vec![])?;
        let read = |row: &Row| Ok(serde_json::from_str(&row.text(0)?)?);
        rows.iter().map(read).collect()
    }

    /// The directory has these. By name and not by the last id, for one of the same millisecond may
    /// have come since.
    fn delivered(&self, ids: &[String]) -> Result<(), Fault> {
        let statement = "DELETE FROM event WHERE id IN (SELECT value FROM json_each(?))";
        self.sql
            .run(statement, vec![serde_json::to_string(ids)?.into()])
    }

    /// When the oldest event that waits happened.
    pub(super) fn oldest_event(&self) -> Result<Option<u64>, Fault> {
        let row = self.row("SELECT min(at) FROM event", vec![])?;
        row.map_or(Ok(None), |row| row.optional(0, Row::integer))
    }

    fn client(&self, sid: &str) -> Result<Option<String>, Fault> {
        let row = self.row("SELECT client FROM session WHERE sid = ?", vec![sid.into()])?;
        row.map(|row| row.text(0)).transpose()
    }

    /// The client of a session of which no reuse was noted for a while; `None`: one was.
    fn break_quiet(&self, sid: &str, now: u64) -> Result<Option<String>, Fault> {
        let statement = "UPDATE session SET reuse_noted_at = ?
             WHERE sid = ? AND reuse_noted_at <= ? RETURNING client";
        let quiet_since = integer(now.saturating_sub(QUIET_SECONDS));
        let row = self.row(statement, vec![integer(now), sid.into(), quiet_since])?;
        row.map(|row| row.text(0)).transpose()
    }
}

impl SubjectKeeper {
    /// Tells the directory everything that waits, until nothing does or it does not listen.
    pub(super) async fn deliver_events(&self) -> Result<(), Fault> {
        loop {
            let events = self.with_store(|store, _| store.events())?;
            if events.is_empty() {
                return Ok(());
            }
            let ids: Vec<_> = events.iter().map(|event| event.id.clone()).collect();
            if let Err(fault) = self.deliver(events).await {
                let retry = |store: &Store<'_>, now| retry_at(&*self.ground, store, now);
                if let Some(at) = self.with_store(retry)? {
                    self.arm(at).await?;
                }
                return Err(fault);
            }
            self.with_store(|store, _| store.delivered(&ids))?;
        }
    }

    async fn deliver(&self, events: Vec<Event>) -> Result<(), Fault> {
        let record = self.ground.record(events);
        match select(record, self.ground.sleep(DELIVERY_TIMEOUT)).await {
            Either::Left((delivered, _)) => delivered,
            Either::Right(_) => Err(Fault::new("the directory: no answer")),
        }
    }
}

/// When to try again, if something waits: as long from now as it has waited, so that the waits
/// double without a count being kept.
pub(super) fn retry_at(
    ground: &dyn Ground,
    store: &Store<'_>,
    now: u64,
) -> Result<Option<u64>, Fault> {
    let Some(oldest) = store.oldest_event()? else {
        return Ok(None);
    };
    let waited = now.saturating_sub(oldest).clamp(FIRST_RETRY, LONGEST_RETRY);
    let [jitter] = ground.bytes::<1>()?;
    Ok(Some(now + waited + u64::from(jitter) % FIRST_RETRY))
}
