//! The directory's tables.

use worker::SqlStorageValue;

use super::hook::{self, Hook};
use super::message::{Day, Event, EventPage, EventQuery, ReuseFacts, User, UserPage, UserQuery};
use super::{COUNT_DAYS, DAY, EVENT_DAYS, MOST_EVENTS, SWEEP_EVERY};
use crate::adapters::email;
use crate::fault::Fault;
use crate::ground::schema::Step;
use crate::ground::sql::{Row, Sql, integer};

/// Events have no index but their id: to filter them, at most all of them are read, which is a
/// hundred thousand rows for an administrator and no row more to write for everybody.
///
/// The steps of the directory's tables: never edit one that was released, add one.
pub(super) const STEPS: &[Step] = &[
    FIRST,
    Step(&["ALTER TABLE event ADD COLUMN kid TEXT"]),
    // When the next sweep is due is one row, which the first sweep writes.
    Step(&[hook::TABLE, "CREATE TABLE next_sweep (at INTEGER NOT NULL)"]),
];

const FIRST: Step = Step(&[
    "CREATE TABLE user (
        sub TEXT PRIMARY KEY, email TEXT, email_key TEXT, first_name TEXT, last_name TEXT,
        created_at INTEGER NOT NULL, last_login_at INTEGER,
        standing TEXT NOT NULL, standing_since TEXT NOT NULL) WITHOUT ROWID",
    "CREATE INDEX user_by_email ON user (email_key) WHERE email_key IS NOT NULL",
    "CREATE TABLE event (
        id TEXT PRIMARY KEY, kind TEXT NOT NULL, at INTEGER NOT NULL, sub TEXT, sid TEXT,
        client TEXT, by_admin INTEGER NOT NULL,
        reuse TEXT, behind INTEGER, seconds_since_rotation INTEGER) WITHOUT ROWID",
    "CREATE TABLE day (
        day INTEGER, kind TEXT, reuse TEXT, count INTEGER NOT NULL,
        PRIMARY KEY (day, kind, reuse)) WITHOUT ROWID",
]);

/// How many users or events a page holds.
const PAGE: usize = 50;

/// After every text that begins with what stands before it, since texts compare by their bytes.
const LAST: char = char::MAX;

pub(super) struct Directory<'a> {
    sql: &'a Sql,
    exists: bool,
}

/// By the one more it is seen that another page follows.
fn page_and_one_more() -> SqlStorageValue {
    integer(u64::try_from(PAGE).unwrap_or(u64::MAX).saturating_add(1))
}

impl<'a> Directory<'a> {
    /// The tables for reading; where there are none, nothing is found.
    pub(super) fn open(sql: &'a Sql) -> Result<Self, Fault> {
        let exists = sql.has_tables()?;
        Ok(Self { sql, exists })
    }

    /// The tables for writing.
    pub(super) fn create(sql: &'a Sql) -> Result<Self, Fault> {
        sql.create_tables()?;
        Ok(Self { sql, exists: true })
    }

    fn rows(
        &self,
        statement: &'static str,
        bindings: Vec<SqlStorageValue>,
    ) -> Result<Vec<Row>, Fault> {
        if self.exists {
            self.sql.rows(statement, bindings)
        } else {
            Ok(Vec::new())
        }
    }

    /// Takes an event and what follows from it, unless it was taken before. Whether it was not.
    pub(super) fn take(&self, event: &Event) -> Result<bool, Fault> {
        let reuse = event.reuse.as_ref();
        let met = reuse.map(|reuse| reuse.kind.as_str());
        let inserted = self.sql.row(
            "INSERT INTO event (id, kind, at, sub, sid, client, by_admin, reuse, behind,
             seconds_since_rotation, kid) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
             ON CONFLICT (id) DO NOTHING RETURNING 1",
            vec![
                event.id.as_str().into(),
                event.kind.as_str().into(),
                integer(event.at),
                event.sub.as_deref().into(),
                event.sid.as_deref().into(),
                event.client.as_deref().into(),
                integer(event.by_admin.into()),
                met.into(),
                reuse.map(|reuse| integer(reuse.behind.into())).into(),
                reuse
                    .map(|reuse| integer(reuse.seconds_since_rotation))
                    .into(),
                event.kid.as_deref().into(),
            ],
        )?;
        if inserted.is_none() {
            return Ok(false);
        }
        self.sql.run(
            "INSERT INTO day (day, kind, reuse, count) VALUES (?, ?, ?, 1)
             ON CONFLICT (day, kind, reuse) DO UPDATE SET count = count + 1",
            vec![
                integer(event.at / DAY * DAY),
                event.kind.as_str().into(),
                met.unwrap_or_default().into(),
            ],
        )?;
        if let Some(sub) = event.sub.as_deref() {
            self.follow(sub, event)?;
        }
        Ok(true)
    }

    /// What an event says about its user.
    fn follow(&self, sub: &str, event: &Event) -> Result<(), Fault> {
        match event.kind.as_str() {
            "login" => self.signed_in(sub, event),
            "deactivated" => self.stands(sub, event, "deactivated"),
            "reactivated" => self.stands(sub, event, "active"),
            "deleted" => {
                self.stands(sub, event, "deleted")?;
                let statement = "UPDATE user SET email = NULL, email_key = NULL, first_name = NULL,
                     last_name = NULL WHERE sub = ?";
                self.sql.run(statement, vec![sub.into()])
            }
            _ => Ok(()),
        }
    }

    /// A session may have begun without a profile, and a login may be heard of late.
    fn signed_in(&self, sub: &str, event: &Event) -> Result<(), Fault> {
        self.sql.run(
            "INSERT INTO user (sub, created_at, last_login_at, standing, standing_since)
             VALUES (?, ?, ?, 'active', '')
             ON CONFLICT (sub) DO UPDATE SET
             created_at = min(created_at, excluded.created_at),
             last_login_at = max(ifnull(last_login_at, 0), excluded.last_login_at)",
            vec![sub.into(), integer(event.at), integer(event.at)],
        )?;
        let Some(profile) = &event.profile else {
            return Ok(());
        };
        // By itself, since whoever names an indexed column in an update writes the index again.
        self.sql.run(
            "UPDATE user SET email = ?1, email_key = ?2, first_name = ?3, last_name = ?4
             WHERE sub = ?5 AND standing <> 'deleted' AND (email, first_name, last_name)
             IS NOT (?1, ?3, ?4)",
            vec![
                profile.email.as_str().into(),
                email::key(&profile.email).into(),
                profile.first_name.as_str().into(),
                profile.last_name.as_str().into(),
                sub.into(),
            ],
        )
    }

    /// The latest event about a standing counts, in whatever order they come.
    fn stands(&self, sub: &str, event: &Event, standing: &str) -> Result<(), Fault> {
        self.sql.run(
            "INSERT INTO user (sub, created_at, standing, standing_since) VALUES (?, ?, ?, ?)
             ON CONFLICT (sub) DO UPDATE SET
             standing = excluded.standing, standing_since = excluded.standing_since
             WHERE standing_since < excluded.standing_since",
            vec![
                sub.into(),
                integer(event.at),
                standing.into(),
                event.id.as_str().into(),
            ],
        )
    }

    /// What the hook's receiver lacks, if there are tables.
    pub(super) fn hook(&self) -> Option<Hook<'a>> {
        self.exists.then_some(Hook(self.sql))
    }

    /// A page of users, by subject.
    pub(super) fn users(&self, query: &UserQuery) -> Result<UserPage, Fault> {
        let statement =
            "SELECT sub, email, first_name, last_name, created_at, last_login_at, standing FROM user
             WHERE sub > ?1 AND ((sub >= ?2 AND sub < ?3) OR (email_key >= ?4 AND email_key < ?5))
             ORDER BY sub LIMIT ?6";
        let UserQuery {
            address,
            sub,
            after,
        } = query;
        let bindings = vec![
            after.as_str().into(),
            sub.as_str().into(),
            format!("{sub}{LAST}").into(),
            address.as_str().into(),
            format!("{address}{LAST}").into(),
            page_and_one_more(),
        ];
        let rows = self.rows(statement, bindings)?;
        let users = rows.iter().take(PAGE).map(user);
        let users = users.collect::<Result<Vec<_>, _>>()?;
        let last = users.last().map(|user| user.sub.clone());
        let cursor = last.filter(|_| rows.len() > PAGE);
        Ok(UserPage { users, cursor })
    }

    /// A page of events, the newest first.
    pub(super) fn recent(&self, query: &EventQuery) -> Result<EventPage, Fault> {
        let statement =
            "SELECT id, kind, at, sub, sid, client, by_admin, reuse, behind, seconds_since_rotation, kid
             FROM event WHERE id < ?1 AND (?2 IS NULL OR kind = ?2) AND (?3 IS NULL OR sub = ?3)
             ORDER BY id DESC LIMIT ?4";
        // Ids are hex digits, which all come before this.
        let before = query.before.as_deref().unwrap_or("g");
        let bindings = vec![
            before.into(),
            query.kind.as_deref().into(),
            query.sub.as_deref().into(),
            page_and_one_more(),
        ];
        let rows = self.rows(statement, bindings)?;
        let events = rows.iter().take(PAGE).map(event);
        let events = events.collect::<Result<Vec<_>, _>>()?;
        let last = events.last().map(|event| event.id.clone());
        let cursor = last.filter(|_| rows.len() > PAGE);
        Ok(EventPage { events, cursor })
    }

    /// The counts since a day, the oldest first.
    pub(super) fn days(&self, first: u64) -> Result<Vec<Day>, Fault> {
        let statement = "SELECT day, kind, reuse, count FROM day WHERE day >= ?
             ORDER BY day, kind, reuse";
        let rows = self.rows(statement, vec![integer(first)])?;
        let read = |row: &Row| {
            Ok(Day {
                began_at: row.integer(0)?,
                kind: row.text(1)?,
                reuse: row.text(2)?,
                count: row.integer(3)?,
            })
        };
        rows.iter().map(read).collect()
    }

    /// When the next sweep is due; `None`: there was none yet.
    pub(super) fn next_sweep(&self) -> Result<Option<u64>, Fault> {
        let rows = self.rows("SELECT at FROM next_sweep", vec![])?;
        rows.first().map(|row| row.integer(0)).transpose()
    }

    /// Deletes what is too old or too many, and writes down when to do so next.
    pub(super) fn sweep(&self, now: u64) -> Result<(), Fault> {
        Hook(self.sql).sweep(now)?;
        let days_ago = |days: u64| now.saturating_sub(days * DAY);
        let since = format!("{:012x}", days_ago(EVENT_DAYS).saturating_mul(1000));
        self.sql
            .run("DELETE FROM event WHERE id < ?", vec![since.into()])?;
        let too_many = "DELETE FROM event WHERE id <=
             (SELECT id FROM event ORDER BY id DESC LIMIT 1 OFFSET ?)";
        self.sql.run(too_many, vec![integer(MOST_EVENTS)])?;
        let old = "DELETE FROM day WHERE day < ?";
        self.sql.run(old, vec![integer(days_ago(COUNT_DAYS))])?;
        self.sql.run("DELETE FROM next_sweep", vec![])?;
        let next = integer(now + SWEEP_EVERY);
        self.sql
            .run("INSERT INTO next_sweep (at) VALUES (?)", vec![next])
    }
}

fn user(row: &Row) -> Result<User, Fault> {
    Ok(User {
        sub: row.text(0)?,
        email: row.optional(1, Row::text)?,
        first_name: row.optional(2, Row::text)?,
        last_name: row.optional(3, Row::text)?,
        created_at: row.integer(4)?,
        last_login_at: row.optional(5, Row::integer)?,
        standing: row.text(6)?,
    })
}

fn event(row: &Row) -> Result<Event, Fault> {
    let reuse = match row.optional(7, Row::text)? {
        Some(kind) => Some(ReuseFacts {
            kind,
            behind: row.small(8)?,
            seconds_since_rotation: row.integer(9)?,
        }),
        None => None,
    };
    Ok(Event {
        id: row.text(0)?,
        kind: row.text(1)?,
        at: row.integer(2)?,
        sub: row.optional(3, Row::text)?,
        sid: row.optional(4, Row::text)?,
        client: row.optional(5, Row::text)?,
        by_admin: row.integer(6)? != 0,
        reuse,
        kid: row.optional(10, Row::text)?,
        profile: None,
    })
}
