//! The tables of an account's object.

use super::stub::Owner;
use crate::adapters::password::StoredPassword;
use crate::adapters::password_argon2::PasswordHash;
use crate::fault::Fault;
use crate::ground::schema::Step;
use crate::ground::sql::{Row, Sql, integer};
use crate::objects::events;
use crate::objects::subject::message::Profile;

/// The steps of an account's tables. Never edit one that was released: add one.
pub(super) const STEPS: &[Step] = &[
    // `announced` is the version of the password that the subject was told of.
    Step(&["CREATE TABLE account (
        one INTEGER PRIMARY KEY CHECK (one = 1), sub TEXT NOT NULL,
        email TEXT NOT NULL, first_name TEXT NOT NULL, last_name TEXT NOT NULL,
        algorithm TEXT NOT NULL, salt BLOB NOT NULL, hash BLOB NOT NULL,
        version INTEGER NOT NULL, announced INTEGER NOT NULL)"]),
    Step(&[
        // How often what was tried or mailed: see `tries`.
        "CREATE TABLE tries (
            who TEXT PRIMARY KEY, forgotten_at INTEGER NOT NULL, not_before INTEGER NOT NULL,
            known_until INTEGER NOT NULL, over_at INTEGER NOT NULL) WITHOUT ROWID",
        // What the directory is to be told.
        events::TABLE,
        // Mail that waits, sealed; and the hashes of what was mailed and comes back.
        "CREATE TABLE mail (
            id TEXT PRIMARY KEY, sealed BLOB NOT NULL, expires_at INTEGER NOT NULL,
            attempts INTEGER NOT NULL, not_before INTEGER NOT NULL) WITHOUT ROWID",
        "CREATE TABLE proof (
            kind TEXT NOT NULL, hash BLOB NOT NULL, credential INTEGER NOT NULL,
            expires_at INTEGER NOT NULL, PRIMARY KEY (kind, hash)) WITHOUT ROWID",
        // Whether the owner has chosen to be asked for a code.
        "ALTER TABLE account ADD COLUMN second_factor INTEGER NOT NULL DEFAULT 0",
    ]),
];

/// A registered address.
pub(super) struct Account {
    pub(super) sub: String,
    pub(super) profile: Profile,
    pub(super) password: StoredPassword,
    /// Grows with every change of the password.
    pub(super) version: u32,
    /// The owner has chosen to be asked for a code.
    pub(super) second_factor: bool,
}

impl From<Account> for Owner {
    fn from(account: Account) -> Self {
        let Account {
            sub,
            version,
            profile,
            ..
        } = account;
        Self {
            sub,
            version,
            profile,
        }
    }
}

pub(super) struct Accounts<'a>(&'a Sql);

impl<'a> Accounts<'a> {
    pub(super) const fn of(sql: &'a Sql) -> Self {
        Self(sql)
    }

    /// The row, if there is a table: an address that was only ever asked about stores nothing.
    fn row(&self, statement: &'static str) -> Result<Option<Row>, Fault> {
        if !self.0.has_tables()? {
            return Ok(None);
        }
        self.0.row(statement, vec![])
    }

    pub(super) fn account(&self) -> Result<Option<Account>, Fault> {
        let row = self.row(
            "SELECT sub, email, first_name, last_name, algorithm, salt, hash, version, second_factor FROM account",
        )?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(Account {
            sub: row.text(0)?,
            profile: Profile {
                email: row.text(1)?,
                first_name: row.text(2)?,
                last_name: row.text(3)?,
            },
            password: StoredPassword::named(row.text(4)?, row.blob(5)?, row.blob(6)?),
            version: row.small(7)?,
            second_factor: row.integer(8)? != 0,
        }))
    }

    pub(super) fn insert(&self, account: &Account) -> Result<(), Fault> {
        self.0.create_tables()?;
        let Account {
            sub,
            profile,
            password,
            version,
            second_factor,
        } = account;
        self.0.run(
            "INSERT INTO account (one, sub, email, first_name, last_name, algorithm, salt, hash,
             version, announced, second_factor) VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            vec![
                sub.as_str().into(),
                profile.email.as_str().into(),
                profile.first_name.as_str().into(),
                profile.last_name.as_str().into(),
                password.algorithm().into(),
                password.salt().into(),
                password.hash().into(),
                integer((*version).into()),
                integer((*version).into()),
                integer((*second_factor).into()),
            ],
        )
    }

    pub(super) fn set_second_factor(&self, on: bool) -> Result<(), Fault> {
        let statement = "UPDATE account SET second_factor = ?";
        self.0.run(statement, vec![integer(on.into())])
    }

    /// The account goes, and all that was mailed to it.
    pub(super) fn delete(&self, sub: &str) -> Result<(), Fault> {
        self.0.run("DELETE FROM mail", vec![])?;
        self.0.run("DELETE FROM proof", vec![])?;
        let statement = "DELETE FROM account WHERE sub = ?";
        self.0.run(statement, vec![sub.into()])
    }

    pub(super) fn replace_password(
        &self,
        password: &PasswordHash,
        version: u32,
    ) -> Result<(), Fault> {
        self.0.run(
            "UPDATE account SET algorithm = 'argon2id', salt = ?, hash = ?, version = ?",
            vec![
                password.salt.clone().into(),
                password.hash.clone().into(),
                integer(version.into()),
            ],
        )
    }

    /// The same password by another hash, unless it was changed meanwhile; or the other one that the
    /// same other system has now. Its version stays: no session was opened by what is replaced.
    pub(super) fn store_otherwise(
        &self,
        former: &StoredPassword,
        password: &StoredPassword,
        version: u32,
    ) -> Result<(), Fault> {
        self.0.run(
            "UPDATE account SET algorithm = ?, salt = ?, hash = ? WHERE version = ? AND algorithm = ?",
            vec![
                password.algorithm().into(),
                password.salt().into(),
                password.hash().into(),
                integer(version.into()),
                former.algorithm().into(),
            ],
        )
    }

    /// The subject, and the version of its password that it was not told of.
    pub(super) fn unannounced(&self) -> Result<Option<(String, u32)>, Fault> {
        let Some(row) = self.row("SELECT sub, version, announced FROM account")? else {
            return Ok(None);
        };
        let (version, announced) = (row.small(1)?, row.small(2)?);
        Ok(if announced < version {
            Some((row.text(0)?, version))
        } else {
            None
        })
    }

    pub(super) fn announced(&self, version: u32) -> Result<(), Fault> {
        let statement = "UPDATE account SET announced = max(announced, ?)";
        self.0.run(statement, vec![integer(version.into())])
    }
}
