//! The tables of a subject's object.

use hallpass_core::subject::{Standing, SubjectState};
use hallpass_core::{Jti, MAX_LEEWAY};
use worker::SqlStorageValue;

use super::message::Profile;
use crate::adapters::blacklist_kv::Facts;
use crate::fault::Fault;
use crate::ground::schema::Step;
use crate::ground::sql::{Row, Sql, integer};
use crate::objects::events::{self, Events};
use crate::objects::outbox::{self, Outbox};

/// The steps of a subject's tables. Never edit one that was released: add one.
pub(super) const STEPS: &[Step] = &[
    // `WITHOUT ROWID` and no index on what moves, so that a rotation writes one row.
    Step(&[
        "CREATE TABLE subject (
            one INTEGER PRIMARY KEY CHECK (one = 1), sub TEXT, standing TEXT NOT NULL,
            cutoff INTEGER NOT NULL, credential INTEGER NOT NULL,
            email TEXT, first_name TEXT, last_name TEXT)",
        "CREATE TABLE session (
            sid TEXT PRIMARY KEY, form TEXT NOT NULL, adopted TEXT, key BLOB NOT NULL,
            counter INTEGER NOT NULL, rotated_at INTEGER NOT NULL, key_id TEXT,
            access_expires_at INTEGER NOT NULL, expires_at INTEGER NOT NULL,
            started_at INTEGER NOT NULL, latest_bearer_exp INTEGER NOT NULL,
            latest_spent_exp INTEGER NOT NULL, custom TEXT NOT NULL,
            own_bearer INTEGER, own_refresh INTEGER,
            ended_at INTEGER, end_reason TEXT,
            published INTEGER NOT NULL, client TEXT NOT NULL,
            reuse_noted_at INTEGER NOT NULL DEFAULT 0,
            written_at INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID",
        "CREATE TABLE revoked (jti TEXT PRIMARY KEY, exp INTEGER NOT NULL) WITHOUT ROWID",
        events::TABLE,
        outbox::TABLE,
    ]),
];

/// The last second at which any token of a session's row could be accepted.
macro_rules! row_over {
    () => {
        "max(expires_at, latest_bearer_exp, latest_spent_exp)"
    };
}
pub(super) use row_over;

/// A live session has spent ids that the blacklist lacks.
macro_rules! unpublished {
    () => {
        "published < counter AND ended_at IS NULL"
    };
}
pub(super) use unpublished;

/// The tables, or their absence: an object that was only ever asked stores nothing.
pub(super) struct Store<'a> {
    pub(super) sql: &'a Sql,
    exists: bool,
}

impl<'a> Store<'a> {
    /// The tables for reading; where there are none, nothing is found.
    pub(super) fn open(sql: &'a Sql) -> Result<Self, Fault> {
        let exists = sql.has_tables()?;
        Ok(Self { sql, exists })
    }

    /// The tables for writing.
    pub(super) fn create(&mut self) -> Result<(), Fault> {
        if !self.exists {
            self.sql.create_tables()?;
            self.exists = true;
        }
        Ok(())
    }

    pub(super) fn row(
        &self,
        statement: &'static str,
        bindings: Vec<SqlStorageValue>,
    ) -> Result<Option<Row>, Fault> {
        if self.exists {
            self.sql.row(statement, bindings)
        } else {
            Ok(None)
        }
    }

    pub(super) fn rows(
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

    /// What holds for all tokens of the subject.
    pub(super) fn subject(&self) -> Result<SubjectState, Fault> {
        let row = self.row("SELECT standing, cutoff, credential FROM subject", vec![])?;
        row.map_or_else(|| Ok(SubjectState::default()), |row| state(&row, 0))
    }

    pub(super) fn profile(&self) -> Result<Option<Profile>, Fault> {
        let statement = "SELECT email, first_name, last_name FROM subject WHERE email IS NOT NULL AND standing <> 'deleted'";
        let Some(row) = self.row(statement, vec![])? else {
            return Ok(None);
        };
        Ok(Some(Profile {
            email: row.text(0)?,
            first_name: row.text(1)?,
            last_name: row.text(2)?,
        }))
    }

    /// Whether anything was ever stored.
    pub(super) fn is_known(&self) -> Result<bool, Fault> {
        Ok(self.row("SELECT 1 FROM subject", vec![])?.is_some())
    }

    /// An address that is not the subject's after all.
    pub(super) fn withdraw(&self, email: &str) -> Result<(), Fault> {
        let statement = "UPDATE subject SET email = NULL, first_name = NULL, last_name = NULL
             WHERE email = ? AND standing <> 'deleted'";
        self.rows(statement, vec![email.into()]).map(drop)
    }

    /// Of a deleted subject, nothing stays that says who it was; but its address only goes when the
    /// account's object has forgotten it, too.
    pub(super) fn forget_names(&self) -> Result<(), Fault> {
        let statement = "UPDATE subject SET first_name = NULL, last_name = NULL";
        self.sql.run(statement, vec![])
    }

    /// The subject, deleted, and the address whose account has yet to forget it.
    pub(super) fn to_be_forgotten(&self) -> Result<Option<(String, String)>, Fault> {
        let statement = "SELECT sub, email FROM subject
             WHERE standing = 'deleted' AND email IS NOT NULL AND sub IS NOT NULL";
        let row = self.row(statement, vec![])?;
        row.map(|row| Ok((row.text(0)?, row.text(1)?))).transpose()
    }

    /// The account's object has forgotten the deleted subject.
    pub(super) fn forgotten(&self) -> Result<(), Fault> {
        let statement = "UPDATE subject SET email = NULL WHERE standing = 'deleted'";
        self.sql.run(statement, vec![])
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
                state.standing.as_str().into(),
                integer(state.cutoff),
                integer(state.credential.into()),
            ],
        )
    }

    /// Until when a token was called back by itself; `None`: it was not.
    pub(super) fn revoked_until(&self, jti: &Jti) -> Result<Option<u64>, Fault> {
        let statement = "SELECT exp FROM revoked WHERE jti = ?";
        let row = self.row(statement, vec![jti.as_str().into()])?;
        row.map(|row| row.integer(0)).transpose()
    }

    /// Calls a token back that expires then, and says when it does: the latest date that was ever
    /// given for it.
    pub(super) fn revoke(&self, jti: &Jti, exp: u64) -> Result<u64, Fault> {
        let statement = "INSERT INTO revoked (jti, exp) VALUES (?, ?)
             ON CONFLICT (jti) DO UPDATE SET exp = max(exp, excluded.exp) RETURNING exp";
        let row = self.row(statement, vec![jti.as_str().into(), integer(exp)])?;
        row.map_or(Ok(exp), |row| row.integer(0))
    }

    /// The latest `exp` of any token of any session still known; 0 without one.
    pub(super) fn latest_exp(&self) -> Result<u64, Fault> {
        let row = self.row(
            concat!("SELECT max(", row_over!(), ") FROM session"),
            vec![],
        )?;
        Ok(row
            .map(|row| row.optional(0, Row::integer))
            .transpose()?
            .flatten()
            .unwrap_or(0))
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

    pub(super) fn events(&self) -> Option<Events<'a>> {
        self.exists.then_some(Events(self.sql))
    }

    /// Deletes sessions of which no token could be accepted any more, and single tokens likewise.
    pub(super) fn sweep(&self, now: u64) -> Result<(), Fault> {
        for statement in [
            concat!("DELETE FROM session WHERE ", row_over!(), " <= ?"),
            "DELETE FROM revoked WHERE exp <= ?",
        ] {
            self.rows(statement, vec![integer(now.saturating_sub(MAX_LEEWAY))])?;
        }
        Ok(())
    }
}

/// Reads what holds for all tokens of a subject: three columns from `at` on.
pub(super) fn state(row: &Row, at: usize) -> Result<SubjectState, Fault> {
    Ok(SubjectState {
        standing: Standing::named(&row.text(at)?)
            .ok_or_else(|| Fault::new("an unknown standing is stored"))?,
        cutoff: row.integer(at + 1)?,
        credential: row.small(at + 2)?,
    })
}
