//! The tables of a subject's object.

use std::cell::Cell;

use hallpass_core::claims::CustomClaims;
use hallpass_core::revocation::Reason;
use hallpass_core::session::{Form, Life, OwnLifetimes, Session};
use hallpass_core::subject::{Standing, SubjectState};
use hallpass_core::{Jti, MAX_LEEWAY, SessionKey};
use worker::SqlStorageValue;

use super::message::{Listed, Profile};
use crate::adapters::blacklist_kv::Facts;
use crate::adapters::storage_sql::{Row, Sql, integer};
use crate::fault::Fault;
use crate::objects::outbox::{self, Outbox};

/// `WITHOUT ROWID` and no index on what moves, so that a rotation writes one row.
const TABLES: [&str; 4] = [
    "CREATE TABLE IF NOT EXISTS subject (
        one INTEGER PRIMARY KEY CHECK (one = 1), sub TEXT, standing TEXT NOT NULL,
        cutoff INTEGER NOT NULL, credential INTEGER NOT NULL,
        email TEXT, first_name TEXT, last_name TEXT)",
    "CREATE TABLE IF NOT EXISTS session (
        sid TEXT PRIMARY KEY, form TEXT NOT NULL, adopted TEXT, key BLOB NOT NULL,
        counter INTEGER NOT NULL, rotated_at INTEGER NOT NULL, key_id TEXT,
        access_expires_at INTEGER NOT NULL, expires_at INTEGER NOT NULL,
        started_at INTEGER NOT NULL, latest_bearer_exp INTEGER NOT NULL,
        latest_spent_exp INTEGER NOT NULL, custom TEXT NOT NULL,
        own_bearer INTEGER, own_refresh INTEGER,
        ended_at INTEGER, end_reason TEXT,
        published INTEGER NOT NULL, client TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS revoked (jti TEXT PRIMARY KEY, exp INTEGER NOT NULL) WITHOUT ROWID",
    outbox::TABLE,
];

const COLUMNS: &str = "sid, form, adopted, key, counter, rotated_at, key_id, access_expires_at, \
    expires_at, started_at, latest_bearer_exp, latest_spent_exp, custom, ended_at, end_reason, published, own_bearer, own_refresh";

/// The last second at which any token of a session's row could be accepted.
const ROW_OVER: &str = "max(expires_at, latest_bearer_exp, latest_spent_exp)";

/// A live session has spent ids that the blacklist lacks.
const UNPUBLISHED: &str = "published < counter AND ended_at IS NULL";

/// The tables, or their absence: an object that was only ever asked stores nothing.
pub(super) struct Store<'a> {
    sql: &'a Sql,
    exists: bool,
}

/// A session and how many of its spent ids the blacklist has.
pub(super) struct Kept {
    pub(super) session: Session,
    /// Spent counters below this are in the blacklist, or need not be.
    pub(super) published: u32,
}

/// What there is to do about sessions.
#[derive(Default)]
pub(super) struct Survey {
    /// When the first row can go.
    pub(super) over: Option<u64>,
    /// Sessions with spent ids that the blacklist lacks.
    pub(super) unpublished: Vec<String>,
}

impl<'a> Store<'a> {
    /// The tables for reading; where there are none, nothing is found.
    ///
    /// `seen` remembers that they were found, so that they are looked for once: tables that were
    /// committed do not go away again.
    pub(super) fn open(sql: &'a Sql, seen: &Cell<bool>) -> Result<Self, Fault> {
        if !seen.get() {
            let found = sql.row("SELECT 1 FROM sqlite_master WHERE name = 'outbox'", vec![])?;
            seen.set(found.is_some());
        }
        Ok(Self {
            sql,
            exists: seen.get(),
        })
    }

    /// The tables for writing.
    pub(super) fn create(&mut self) -> Result<(), Fault> {
        if !self.exists {
            for table in TABLES {
                self.sql.run(table, vec![])?;
            }
            self.exists = true;
        }
        Ok(())
    }

    fn row(&self, statement: &str, bindings: Vec<SqlStorageValue>) -> Result<Option<Row>, Fault> {
        if self.exists {
            self.sql.row(statement, bindings)
        } else {
            Ok(None)
        }
    }

    fn rows(&self, statement: &str, bindings: Vec<SqlStorageValue>) -> Result<Vec<Row>, Fault> {
        if self.exists {
            self.sql.rows(statement, bindings)
        } else {
            Ok(Vec::new())
        }
    }

    /// What holds for all tokens of the subject.
    pub(super) fn subject(&self) -> Result<SubjectState, Fault> {
        let row = self.row("SELECT standing, cutoff, credential FROM subject", vec![])?;
        let Some(row) = row else {
            return Ok(SubjectState::default());
        };
        Ok(SubjectState {
            standing: standing(&row.text(0)?)?,
            cutoff: row.integer(1)?,
            credential: row.small(2)?,
        })
    }

    pub(super) fn profile(&self) -> Result<Option<Profile>, Fault> {
        let statement = "SELECT email, first_name, last_name FROM subject WHERE email IS NOT NULL";
        let Some(row) = self.row(statement, vec![])? else {
            return Ok(None);
        };
        Ok(Some(Profile {
            email: row.text(0)?,
            first_name: row.text(1)?,
            last_name: row.text(2)?,
        }))
    }

    pub(super) fn sub(&self) -> Result<Option<String>, Fault> {
        match self.row("SELECT sub FROM subject", vec![])? {
            Some(row) => row.optional(0, Row::text),
            None => Ok(None),
        }
    }

    /// Writes down whose object this is, once; a row that says the same is not written again.
    pub(super) fn put_profile(
        &self,
        sub: Option<&str>,
        profile: Option<&Profile>,
    ) -> Result<(), Fault> {
        let [email, first, last] = match profile {
            Some(p) => [&p.email, &p.first_name, &p.last_name].map(|text| Some(text.as_str())),
            None => [None; 3],
        };
        self.sql.run(
            "INSERT INTO subject (one, sub, standing, cutoff, credential, email, first_name, last_name)
             VALUES (1, ?, 'active', 0, 0, ?, ?, ?)
             ON CONFLICT (one) DO UPDATE SET email = excluded.email,
             first_name = excluded.first_name, last_name = excluded.last_name
             WHERE excluded.email IS NOT NULL AND email IS NOT excluded.email",
            vec![sub.into(), email.into(), first.into(), last.into()],
        )
    }

    pub(super) fn put_subject(&self, sub: &str, state: &SubjectState) -> Result<(), Fault> {
        self.sql.run(
            "INSERT INTO subject (one, sub, standing, cutoff, credential) VALUES (1, ?, ?, ?, ?)
             ON CONFLICT (one) DO UPDATE SET standing = excluded.standing,
             cutoff = excluded.cutoff, credential = excluded.credential",
            vec![
                sub.into(),
                standing_name(state.standing).into(),
                integer(state.cutoff),
                integer(state.credential.into()),
            ],
        )
    }

    pub(super) fn session(&self, sid: &str) -> Result<Option<Kept>, Fault> {
        let statement = format!("SELECT {COLUMNS} FROM session WHERE sid = ?");
        self.row(&statement, vec![sid.into()])?
            .as_ref()
            .map(kept)
            .transpose()
    }

    pub(super) fn live_sessions(&self) -> Result<Vec<Kept>, Fault> {
        let statement = format!("SELECT {COLUMNS} FROM session WHERE ended_at IS NULL");
        self.rows(&statement, vec![])?.iter().map(kept).collect()
    }

    /// The live sessions, for their owner's eyes: the last refreshed first.
    pub(super) fn listed(&self, now: u64) -> Result<Vec<Listed>, Fault> {
        let statement = "SELECT sid, started_at, rotated_at, expires_at, client FROM session
             WHERE ended_at IS NULL AND expires_at > ? ORDER BY rotated_at DESC, sid";
        let rows = self.rows(statement, vec![integer(now)])?;
        let read = |row: &Row| {
            Ok(Listed {
                sid: row.text(0)?,
                started_at: row.integer(1)?,
                last_refreshed_at: row.integer(2)?,
                expires_at: row.integer(3)?,
                client: row.text(4)?,
            })
        };
        rows.iter().map(read).collect()
    }

    /// Whether a token was called back by itself.
    pub(super) fn is_revoked(&self, jti: &Jti) -> Result<bool, Fault> {
        let statement = "SELECT 1 FROM revoked WHERE jti = ?";
        Ok(self.row(statement, vec![jti.as_str().into()])?.is_some())
    }

    pub(super) fn revoke(&self, jti: &Jti, exp: u64) -> Result<(), Fault> {
        let statement = "INSERT INTO revoked (jti, exp) VALUES (?, ?) ON CONFLICT (jti) DO NOTHING";
        self.sql
            .run(statement, vec![jti.as_str().into(), integer(exp)])
    }

    pub(super) fn insert(&self, kept: &Kept, client: &str) -> Result<(), Fault> {
        let session = &kept.session;
        let form = match session.form {
            Form::Pair => "pair",
            Form::Sliding => "sliding",
        };
        let mut values: Vec<SqlStorageValue> = vec![
            form.into(),
            session.adopted.as_ref().map(Jti::as_str).into(),
            session.key.expose().to_vec().into(),
            integer(session.started_at),
            session.custom.as_stored().into(),
            client.into(),
            session.own.bearer.map(integer).into(),
            session.own.refresh.map(integer).into(),
        ];
        values.extend(moving(kept));
        self.sql.run(
            "INSERT INTO session (form, adopted, key, started_at, custom, client, own_bearer, own_refresh, counter, rotated_at,
             key_id, access_expires_at, expires_at, latest_bearer_exp, latest_spent_exp, ended_at,
             end_reason, published, sid) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            values,
        )
    }

    pub(super) fn update(&self, kept: &Kept) -> Result<(), Fault> {
        self.sql.run(
            "UPDATE session SET counter = ?, rotated_at = ?, key_id = ?, access_expires_at = ?,
             expires_at = ?, latest_bearer_exp = ?, latest_spent_exp = ?, ended_at = ?,
             end_reason = ?, published = ? WHERE sid = ?",
            moving(kept),
        )
    }

    /// The latest `exp` of any token of any session still known; 0 without one.
    pub(super) fn latest_exp(&self) -> Result<u64, Fault> {
        let row = self.row(&format!("SELECT max({ROW_OVER}) FROM session"), vec![])?;
        Ok(row
            .map(|row| row.optional(0, Row::integer))
            .transpose()?
            .flatten()
            .unwrap_or(0))
    }

    /// The latest second this object has written down; its clock does not go back behind it.
    pub(super) fn last_seen(&self) -> Result<u64, Fault> {
        let statement =
            "SELECT max(ifnull((SELECT max(max(started_at, rotated_at, ifnull(ended_at, 0)))
             FROM session), 0), ifnull((SELECT cutoff - 1 FROM subject), 0), 0)";
        let row = self.row(statement, vec![])?;
        row.map_or(Ok(0), |row| row.integer(0))
    }

    /// Remembers that the blacklist lacks this.
    pub(super) fn enqueue(
        &self,
        rank: u8,
        key: &str,
        facts: &Facts,
        exp: u64,
    ) -> Result<(), Fault> {
        Outbox(self.sql).enqueue(rank, key, facts, exp)
    }

    /// What the blacklist lacks, where there are tables.
    pub(super) fn outbox(&self) -> Option<Outbox<'a>> {
        self.exists.then_some(Outbox(self.sql))
    }

    /// That session, if it lives and has a spent id that the blacklist lacks.
    pub(super) fn unpublished(&self, sid: &str) -> Result<Option<Kept>, Fault> {
        let statement = format!("SELECT {COLUMNS} FROM session WHERE sid = ? AND {UNPUBLISHED}");
        self.row(&statement, vec![sid.into()])?
            .as_ref()
            .map(kept)
            .transpose()
    }

    /// The blacklist has the session's spent ids below this counter.
    pub(super) fn published(&self, sid: &str, below: u32) -> Result<(), Fault> {
        self.sql.run(
            "UPDATE session SET published = ? WHERE sid = ? AND published < ?",
            vec![integer(below.into()), sid.into(), integer(below.into())],
        )
    }

    /// What there is to do about sessions; looks at all of them.
    pub(super) fn survey(&self) -> Result<Survey, Fault> {
        let statement =
            format!("SELECT {ROW_OVER}, CASE WHEN {UNPUBLISHED} THEN sid END FROM session");
        let mut survey = Survey::default();
        for row in self.rows(&statement, vec![])? {
            let over = row.integer(0)? + MAX_LEEWAY;
            survey.over = Some(survey.over.map_or(over, |first| first.min(over)));
            survey.unpublished.extend(row.optional(1, Row::text)?);
        }
        let first = self.row("SELECT min(exp) FROM revoked", vec![])?;
        let first = first.map_or(Ok(None), |row| row.optional(0, Row::integer))?;
        let over = first.map(|exp| exp + MAX_LEEWAY);
        survey.over = survey.over.into_iter().chain(over).min();
        Ok(survey)
    }

    /// Deletes sessions of which no token could be accepted any more, and single tokens likewise.
    pub(super) fn sweep(&self, now: u64) -> Result<(), Fault> {
        for (table, over) in [("session", ROW_OVER), ("revoked", "exp")] {
            let statement = format!("DELETE FROM {table} WHERE {over} + {MAX_LEEWAY} <= ?");
            self.rows(&statement, vec![integer(now)])?;
        }
        Ok(())
    }
}

/// The values of the columns that move, then the session's id.
fn moving(kept: &Kept) -> Vec<SqlStorageValue> {
    let session = &kept.session;
    let (ended_at, end_reason) = match session.life {
        Life::Live => (SqlStorageValue::Null, SqlStorageValue::Null),
        Life::Ended { at, reason } => (integer(at), reason.as_str().into()),
    };
    vec![
        integer(session.counter.into()),
        integer(session.rotated_at),
        session.key_id.as_deref().into(),
        integer(session.access_expires_at),
        integer(session.expires_at),
        integer(session.latest_bearer_exp),
        integer(session.latest_spent_exp),
        ended_at,
        end_reason,
        integer(kept.published.into()),
        session.sid.as_str().into(),
    ]
}

/// Reads a row of [`COLUMNS`].
fn kept(row: &Row) -> Result<Kept, Fault> {
    let key =
        <[u8; 32]>::try_from(row.blob(3)?).map_err(|_| Fault::new("a session's key is cut"))?;
    let life = match (
        row.optional(13, Row::integer)?,
        row.optional(14, Row::text)?,
    ) {
        (Some(at), Some(reason)) => Life::Ended {
            at,
            reason: Reason::named(&reason)
                .ok_or_else(|| Fault::new("an unknown reason is stored"))?,
        },
        _ => Life::Live,
    };
    let session = Session {
        sid: row.text(0)?,
        form: if row.text(1)? == "sliding" {
            Form::Sliding
        } else {
            Form::Pair
        },
        adopted: row.optional(2, Row::text)?.map(Jti::presented),
        key: SessionKey::new(key),
        counter: row.small(4)?,
        rotated_at: row.integer(5)?,
        key_id: row.optional(6, Row::text)?,
        access_expires_at: row.integer(7)?,
        expires_at: row.integer(8)?,
        started_at: row.integer(9)?,
        latest_bearer_exp: row.integer(10)?,
        latest_spent_exp: row.integer(11)?,
        custom: CustomClaims::stored(row.text(12)?),
        own: OwnLifetimes {
            bearer: row.optional(16, Row::integer)?,
            refresh: row.optional(17, Row::integer)?,
        },
        life,
    };
    Ok(Kept {
        session,
        published: row.small(15)?,
    })
}

fn standing(name: &str) -> Result<Standing, Fault> {
    match name {
        "active" => Ok(Standing::Active),
        "deactivated" => Ok(Standing::Deactivated),
        "deleted" => Ok(Standing::Deleted),
        _ => Err(Fault::new("an unknown standing is stored")),
    }
}

const fn standing_name(standing: Standing) -> &'static str {
    match standing {
        Standing::Active => "active",
        Standing::Deactivated => "deactivated",
        Standing::Deleted => "deleted",
    }
}
