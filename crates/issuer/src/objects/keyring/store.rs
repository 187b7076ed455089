//! The tables of the keyring's object.

use hallpass_core::compact::encode;
use hallpass_core::revocation::{Reason, Target};
use hallpass_core::ring::{Key, Ring, State};
use serde::{Deserialize, Serialize};

use super::message::{SealedKey, StateForm, ring_of};
use crate::adapters::blacklist_kv::Facts;
use crate::adapters::sealing_aes::Sealer;
use crate::fault::Fault;
use crate::ground::schema::Step;
use crate::ground::sql::{Row, Sql, integer};
use crate::objects::events::{self, Events};
use crate::objects::outbox::{self, Outbox};

/// The steps of the keys' tables. Never edit one that was released: add one.
pub(super) const STEPS: &[Step] = &[FIRST, Step(&[events::TABLE])];

const FIRST: Step = Step(&[
    "CREATE TABLE key (
        kid TEXT PRIMARY KEY, public BLOB NOT NULL, sealed BLOB,
        published_at INTEGER NOT NULL, signs_from INTEGER NOT NULL, state TEXT NOT NULL) WITHOUT ROWID",
    outbox::TABLE,
]);

/// The tables, which are made where there are none.
pub(super) struct Store<'a>(&'a Sql);

/// A key that was just made.
pub(super) struct NewKey {
    pub(super) kid: String,
    pub(super) public: [u8; 32],
    pub(super) sealed: Vec<u8>,
}

/// A state as a column holds it.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
struct StateColumn(#[serde(with = "StateForm")] State);

impl<'a> Store<'a> {
    pub(super) fn create(sql: &'a Sql) -> Result<Self, Fault> {
        sql.create_tables()?;
        Ok(Self(sql))
    }

    /// The ring, if it was made already.
    pub(super) fn ring(&self) -> Result<Option<Ring>, Fault> {
        let keys = self.sealed_keys()?;
        if keys.is_empty() {
            return Ok(None);
        }
        ring_of(keys.into_iter().map(|key| key.key)).map(Some)
    }

    /// All keys with what is sealed.
    pub(super) fn sealed_keys(&self) -> Result<Vec<SealedKey>, Fault> {
        let rows = self.0.rows(
            "SELECT kid, public, sealed, published_at, signs_from, state FROM key
             ORDER BY published_at, kid",
            vec![],
        )?;
        let read = |row: &Row| -> Result<SealedKey, Fault> {
            let StateColumn(state) = serde_json::from_str(&row.text(5)?)?;
            Ok(SealedKey {
                key: Key {
                    kid: row.text(0)?,
                    published_at: row.integer(3)?,
                    signs_from: row.integer(4)?,
                    state,
                },
                public: encode(&row.blob(1)?),
                sealed: row.optional(2, Row::blob)?.map(|sealed| encode(&sealed)),
            })
        };
        rows.iter().map(read).collect()
    }

    /// Refuses to go on with a secret that opens nothing of what is there: the keys of a ring are
    /// sealed under one secret.
    pub(super) fn opens_with(&self, sealer: &Sealer) -> Result<(), Fault> {
        match self.sealed_one()? {
            Some((kid, ciphertext)) => sealer.open_key(&ciphertext, &kid).map(drop),
            None => Ok(()),
        }
    }

    /// Whether that secret opens what there is.
    pub(super) fn opens(&self, sealer: &Sealer) -> Result<bool, Fault> {
        let any = self.sealed_one()?;
        Ok(any.is_none_or(|(kid, ciphertext)| sealer.open_key(&ciphertext, &kid).is_ok()))
    }

    /// Any key that has something sealed, and that.
    fn sealed_one(&self) -> Result<Option<(String, Vec<u8>)>, Fault> {
        let statement = "SELECT kid, sealed FROM key WHERE sealed IS NOT NULL LIMIT 1";
        let row = self.0.row(statement, vec![])?;
        row.map(|row| Ok((row.text(0)?, row.blob(1)?))).transpose()
    }

    /// Deletes whatever is private, of all keys.
    pub(super) fn forget_sealed(&self) -> Result<(), Fault> {
        let statement = "UPDATE key SET sealed = NULL WHERE sealed IS NOT NULL";
        self.0.run(statement, vec![])
    }

    /// Stores a ring whose keys are among those stored and those just made. Whatever is private of a
    /// key that is dead or left goes for good.
    pub(super) fn put_ring(
        &self,
        before: Option<&Ring>,
        ring: &Ring,
        made: &[NewKey],
    ) -> Result<(), Fault> {
        let (keys, before) = (ring.keys(), before.map(Ring::keys).unwrap_or_default());
        for key in keys.iter().filter(|key| !before.contains(key)) {
            let is_dead = matches!(key.state, State::Dead { .. });
            let mut values = vec![
                integer(key.published_at),
                integer(key.signs_from),
                serde_json::to_string(&StateColumn(key.state))?.into(),
                integer(is_dead.into()),
                key.kid.as_str().into(),
            ];
            let statement = match made.iter().find(|made| made.kid == key.kid) {
                None => {
                    "UPDATE key SET published_at = ?, signs_from = ?, state = ?,
                     sealed = iif(?, NULL, sealed) WHERE kid = ?"
                }
                Some(NewKey { public, sealed, .. }) => {
                    values.extend([public.to_vec().into(), sealed.clone().into()]);
                    "INSERT INTO key (published_at, signs_from, state, kid, public, sealed)
                     VALUES (?1, ?2, ?3, ?5, ?6, iif(?4, NULL, ?7))"
                }
            };
            self.0.run(statement, values)?;
        }
        for gone in before.iter().filter(|key| !ring.knows(&key.kid)) {
            let statement = "DELETE FROM key WHERE kid = ?";
            self.0.run(statement, vec![gone.kid.as_str().into()])?;
        }
        Ok(())
    }

    /// Remembers that the blacklist lacks a leaked key.
    pub(super) fn enqueue_leaked(&self, kid: &str, at: u64, last_exp: u64) -> Result<(), Fault> {
        let target = Target::Key(kid.to_owned());
        let facts = Facts::new(Reason::KeyLeaked, at, None);
        Outbox(self.0).enqueue(target.rank(), &target.to_string(), &facts, last_exp)
    }

    /// What the directory lacks.
    pub(super) fn events(&self) -> Events<'_> {
        Events(self.0)
    }

    /// When the blacklist has to be told something next.
    pub(super) fn next_due(&self) -> Result<Option<u64>, Fault> {
        Outbox(self.0).next_due()
    }
}
