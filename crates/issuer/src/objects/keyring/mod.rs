//! The object that makes and keeps the signing keys. There is one.
//!
//! It makes the first key itself, inside a transaction, the first time it is asked: whoever looks
//! for a key elsewhere first and makes one when it sees none makes a second one sooner or later.
//!
//! Private keys rest sealed, and leave it sealed: they are opened where they sign.

#![expect(
    missing_docs,
    reason = "the macro writes methods that it does not document"
)]

mod stub;

pub(crate) use stub::{KeyringStub, SealedKey};

use hallpass_core::compact::encode;
use worker::{DurableObject, Env, Request, Response, State, durable_object};
use zeroize::Zeroizing;

use self::stub::Command;
use super::call;
use crate::adapters::sealing_aes::Sealer;
use crate::adapters::signing_jsonwebtoken::{SigningKey, ed25519_public};
use crate::adapters::storage_sql::{Row, Sql, integer, transaction};
use crate::adapters::{clock, entropy};
use crate::config::{Config, Signing};
use crate::fault::Fault;

const TABLE: &str = "CREATE TABLE IF NOT EXISTS key (
    kid TEXT PRIMARY KEY, public BLOB NOT NULL, sealed BLOB NOT NULL, created_at INTEGER NOT NULL) WITHOUT ROWID";

/// See the module.
#[durable_object]
pub struct KeyringObject {
    state: State,
    env: Env,
}

impl DurableObject for KeyringObject {
    fn new(state: State, env: Env) -> Self {
        Self { state, env }
    }

    async fn fetch(&self, request: Request) -> worker::Result<Response> {
        call::serve(request, async |Command::Ring: Command| {
            call::answer(&self.ring()?)
        })
        .await
    }
}

impl KeyringObject {
    /// All keys, the oldest first; the first is made here.
    fn ring(&self) -> Result<Vec<SealedKey>, Fault> {
        let config = Config::of(&self.env).map_err(|_| Fault::new("the settings are unusable"))?;
        let Signing::Ring(secret) = &config.signing else {
            return Err(Fault::new(
                "a ring was asked for where a shared secret signs",
            ));
        };
        let sealer = Sealer::new(secret.expose())?;
        let now = clock::seconds();
        transaction(&self.state.storage(), move |sql| {
            sql.run(TABLE, vec![])?;
            if let Some(keys) = keys(sql)? {
                return Ok(keys);
            }
            let seed = Zeroizing::new(entropy::bytes::<32>()?);
            let key = SigningKey::ed25519(&seed)?;
            let kid = key
                .key_id()
                .ok_or_else(|| Fault::new("a key of the ring has no name"))?;
            let ciphertext = sealer.seal(seed.as_slice(), kid)?;
            sql.run(
                "INSERT INTO key (kid, public, sealed, created_at) VALUES (?, ?, ?, ?)",
                vec![
                    kid.into(),
                    ed25519_public(&seed).to_vec().into(),
                    ciphertext.into(),
                    integer(now),
                ],
            )?;
            keys(sql)?.ok_or_else(|| Fault::new("a key that was just made is gone"))
        })
    }
}

fn keys(sql: &Sql) -> Result<Option<Vec<SealedKey>>, Fault> {
    let rows = sql.rows(
        "SELECT kid, public, sealed FROM key ORDER BY created_at, kid",
        vec![],
    )?;
    let read = |row: &Row| -> Result<SealedKey, Fault> {
        Ok(SealedKey {
            kid: row.text(0)?,
            public: encode(&row.blob(1)?),
            sealed: encode(&row.blob(2)?),
        })
    };
    let keys = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    Ok((!keys.is_empty()).then_some(keys))
}
