//! The hook: whoever stands at `EVENTS_WEBHOOK_URL` is told of every urgent event.
//!
//! A message is queued in the transaction in which the directory takes its event, with the alarm behind
//! it, and posted after that. Until its receiver has it, it is posted again, later and later, with the
//! same id and the same body, for [`GIVEN_UP_AFTER`]; so it arrives at least once.
//!
//! One is posted at a time, the oldest of those that are due. One that fails waits by itself: a message
//! that its receiver does not take keeps no other back for longer than a try.

use hallpass_core::event::EventKind;
use serde::Serialize;
use worker::SqlStorageValue;

use super::Inner;
use super::message::{Event, ReuseFacts};
use crate::adapters::webhook;
use crate::fault::Fault;
use crate::ground::sql::{Row, Sql, integer};
use crate::log;
use crate::objects::outbox::{FIRST_RETRY, LONGEST_RETRY};

/// Ids begin with the time, so this is the order of events. It was released: never edit it.
pub(super) const TABLE: &str = "CREATE TABLE hook (
    id TEXT PRIMARY KEY, weight INTEGER NOT NULL, queued_at INTEGER NOT NULL, body TEXT NOT NULL,
    tries INTEGER NOT NULL, not_before INTEGER NOT NULL) WITHOUT ROWID";

/// How many messages wait at most. At 700 bytes each, most of them the client label, this is 700 KB.
const MOST_WAITING: u64 = 1000;

/// For how long a message is posted again, in seconds: over a weekend.
const GIVEN_UP_AFTER: u64 = 3 * 86_400;

/// The messages of a directory whose tables are there.
pub(super) struct Hook<'a>(pub(super) &'a Sql);

/// A message that its receiver lacks.
struct Message {
    id: String,
    body: String,
    /// How often it did not arrive.
    tries: u32,
}

/// What is posted: the event as administrators see it.
#[derive(Serialize)]
struct Body<'a> {
    r#type: &'a str,
    id: &'a str,
    at: u64,
    sub: Option<&'a str>,
    sid: Option<&'a str>,
    client: Option<&'a str>,
    by_admin: bool,
    reuse: Option<&'a ReuseFacts>,
    kid: Option<&'a str>,
}

impl<'a> Body<'a> {
    fn of(event: &'a Event) -> Self {
        let Event {
            id,
            kind,
            at,
            sub,
            sid,
            client,
            by_admin,
            reuse,
            kid,
            // An address is for the user's row alone.
            profile: _,
        } = event;
        Self {
            r#type: kind,
            id,
            at: *at,
            sub: sub.as_deref(),
            sid: sid.as_deref(),
            client: client.as_deref(),
            by_admin: *by_admin,
            reuse: reuse.as_ref(),
            kid: kid.as_deref(),
        }
    }
}

impl Hook<'_> {
    /// Queues an event, if it is urgent; whether it is. Where too many wait the lightest, of these the
    /// oldest, is given up.
    pub(super) fn queue(&self, event: &Event, now: u64) -> Result<bool, Fault> {
        let met = event.reuse.as_ref().map_or("", |reuse| &reuse.kind);
        let kind = EventKind::named(&event.kind, met);
        let Some(kind) = kind.filter(|kind| kind.is_urgent()) else {
            return Ok(false);
        };
        let values: Vec<SqlStorageValue> = vec![
            event.id.as_str().into(),
            integer(kind.weight().into()),
            integer(now),
            serde_json::to_string(&Body::of(event))?.into(),
        ];
        let insert = "INSERT INTO hook (id, weight, queued_at, body, tries, not_before)
             VALUES (?, ?, ?, ?, 0, 0)";
        self.0.run(insert, values)?;
        let waiting = self.0.row("SELECT count(*) FROM hook", vec![])?;
        if waiting.map_or(Ok(0), |row| row.integer(0))? > MOST_WAITING {
            let give_way = "DELETE FROM hook WHERE id =
                 (SELECT id FROM hook ORDER BY weight, id LIMIT 1) RETURNING id";
            self.give_up(give_way, vec![], "too many wait")?;
        }
        Ok(true)
    }

    /// Gives up what has been tried for long enough.
    pub(super) fn sweep(&self, now: u64) -> Result<(), Fault> {
        let too_old = "DELETE FROM hook WHERE queued_at <= ? RETURNING id";
        let since = integer(now.saturating_sub(GIVEN_UP_AFTER));
        self.give_up(too_old, vec![since], "nobody has taken it")
    }

    /// When the next one falls due.
    pub(super) fn next_due(&self) -> Result<Option<u64>, Fault> {
        let row = self.0.row("SELECT min(not_before) FROM hook", vec![])?;
        row.map_or(Ok(None), |row| row.optional(0, Row::integer))
    }

    fn due(&self, now: u64) -> Result<Option<Message>, Fault> {
        let statement = "SELECT id, body, tries FROM hook WHERE not_before <= ?
             ORDER BY id LIMIT 1";
        let Some(row) = self.0.row(statement, vec![integer(now)])? else {
            return Ok(None);
        };
        Ok(Some(Message {
            id: row.text(0)?,
            body: row.text(1)?,
            tries: row.small(2)?,
        }))
    }

    /// Its receiver has it.
    fn delivered(&self, message: &Message) -> Result<(), Fault> {
        let statement = "DELETE FROM hook WHERE id = ?";
        self.0.run(statement, vec![message.id.as_str().into()])
    }

    /// Has it wait until then.
    fn postpone(&self, message: &Message, until: u64) -> Result<(), Fault> {
        let statement = "UPDATE hook SET tries = tries + 1, not_before = ? WHERE id = ?";
        let id = message.id.as_str().into();
        self.0.run(statement, vec![integer(until), id])
    }

    /// Deletes by this statement, which returns ids. The log says of each that nobody was told of it.
    fn give_up(
        &self,
        statement: &'static str,
        bindings: Vec<SqlStorageValue>,
        why: &str,
    ) -> Result<(), Fault> {
        for row in self.0.rows(statement, bindings)? {
            let id = row.text(0)?;
            log::error("hook", &format!("event {id} is given up: {why}"));
        }
        Ok(())
    }
}

impl Inner {
    /// Posts what is due, until nothing is or one does not arrive.
    pub(super) async fn post_due(&self) {
        while let Some(turn) = self.posting.begin(self.ground.seconds()) {
            let posted = self.post_next().await;
            self.posting.end(&turn);
            match posted {
                Ok(true) => {}
                Ok(false) => return,
                Err(fault) => return log::error("hook", &fault.to_string()),
            }
        }
    }

    /// Posts the oldest message that is due; whether there was one.
    async fn post_next(&self) -> Result<bool, Fault> {
        let config = self.ground.config()?;
        let sql = Sql::of(&self.tables);
        let (Some(webhook), true) = (&config.events_webhook, sql.has_tables()?) else {
            return Ok(false);
        };
        let hook = Hook(&sql);
        let Some(message) = hook.due(self.ground.seconds())? else {
            return Ok(false);
        };
        match webhook::post(webhook, &message.id, &message.body).await {
            Ok(()) => hook.delivered(&message)?,
            Err(fault) => {
                let wait = backoff(message.tries, self.ground.bytes()?);
                hook.postpone(&message, self.ground.seconds() + wait)?;
                return Err(fault);
            }
        }
        Ok(true)
    }
}

/// How long a message waits that did not arrive so often before, in seconds: doubling, with jitter.
fn backoff(tries: u32, [jitter]: [u8; 1]) -> u64 {
    let base = FIRST_RETRY << tries.min(16);
    let base = base.min(LONGEST_RETRY);
    base + base * u64::from(jitter) / 256
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_from_five_seconds_to_five_minutes_and_up_to_twice_that() {
        let waits: Vec<_> = (0..8).map(|tries| backoff(tries, [0])).collect();
        assert_eq!(waits, [5, 10, 20, 40, 80, 160, 300, 300]);
        assert_eq!(backoff(u32::MAX, [255]), 598);
    }

    #[test]
    fn a_receiver_that_is_down_is_tried_some_hundred_times_before_a_message_is_given_up() {
        let (mut age, mut tries) = (0, 0);
        while age < GIVEN_UP_AFTER {
            age += backoff(tries, [128]);
            tries += 1;
        }
        assert!((500..1000).contains(&tries), "{tries}");
    }

    #[test]
    fn what_is_posted_is_the_event_without_the_address() {
        let event = Event {
            id: "01".into(),
            kind: "reuse".into(),
            at: 7,
            sub: Some("ann".into()),
            sid: Some("s".into()),
            client: None,
            by_admin: false,
            reuse: Some(ReuseFacts {
                kind: "stale".into(),
                behind: 1,
                seconds_since_rotation: 30,
            }),
            kid: None,
            profile: None,
        };
        let body = serde_json::to_string(&Body::of(&event)).unwrap();
        assert_eq!(
            body,
            r#"{"type":"reuse","id":"01","at":7,"sub":"ann","sid":"s","client":null,"by_admin":false,"reuse":{"kind":"stale","behind":1,"seconds_since_rotation":30},"kid":null}"#
        );
    }
}
