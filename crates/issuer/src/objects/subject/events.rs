//! What the [directory is told](crate::objects::events) of a subject.
//!
//! It is told after the blacklist. What is not delivered when the machine dies is found when the
//! object wakes, for its next command or to sweep the session away.

use hallpass_core::event::{EventKind, QUIET_SECONDS, ReuseKind};
use hallpass_core::rotation::Reuse;

use super::SubjectKeeper;
use super::decide::Scene;
use super::message::{By, Profile};
use super::store::Store;
use crate::fault::Fault;
use crate::ground::sql::{Sql, integer};
use crate::objects::directory::{Event, ReuseFacts};
use crate::objects::events::{self, Events};

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
            id: events::new_id(self.ground, self.now)?,
            kind: kind.as_str().to_owned(),
            at: self.now,
            sub: noted.sub,
            sid: noted.sid,
            client: client.filter(|client| !client.is_empty()),
            by_admin: noted.by == By::Admin,
            reuse,
            kid: None,
            profile: noted.profile,
        };
        Events(self.store.sql).put(kind.weight(), &event)
    }
}

impl Store<'_> {
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
    /// Tells the directory everything that waits; where it does not listen, the alarm tries again.
    pub(super) async fn deliver_events(&self) -> Result<(), Fault> {
        // One that comes in while others are told is told with them.
        while self.noted.replace(false) {
            let sql = Sql::of(&self.tables);
            let Some(events) = Store::open(&sql)?.events() else {
                return Ok(());
            };
            if let Err(fault) = events.deliver_all(&*self.ground).await {
                self.noted.set(true);
                if let Some(at) = events.retry_at(&*self.ground, self.now())? {
                    self.arm(at).await?;
                }
                return Err(fault);
            }
        }
        Ok(())
    }
}
