//! Whether every store takes and gives, for an administrator: one of each kind is written to, read
//! and left as it was.

use std::time::Duration;

use futures_util::future::{Either, join5, select};
use hallpass_core::jti::hex;
use serde::Serialize;
use worker::Delay;

use super::World;
use crate::adapters::{blacklist_kv, clock, entropy};
use crate::fault::Fault;
use crate::objects::account::AccountStub;
use crate::objects::directory::DirectoryStub;
use crate::objects::keyring::KeyringStub;
use crate::objects::subject::SubjectStub;

/// How long a store may take.
const ANSWERED_WITHIN: Duration = Duration::from_secs(5);

/// How each store was found.
#[derive(Serialize)]
pub(crate) struct Stores {
    kv: Found,
    subject: Found,
    account: Found,
    keyring: Found,
    directory: Found,
}

/// How a store was found.
#[derive(Serialize)]
struct Found {
    ok: bool,
    /// How long it took, milliseconds.
    ms: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

impl Stores {
    /// What failed, for the log; `None`: all are well.
    pub(crate) fn fault(&self) -> Option<Fault> {
        let found = [
            ("kv", &self.kv),
            ("subject", &self.subject),
            ("account", &self.account),
            ("keyring", &self.keyring),
            ("directory", &self.directory),
        ];
        let failed = |(store, found): (&str, &Found)| {
            let error = found.error.as_ref()?;
            Some(format!("{store}: {error}"))
        };
        let failed: Vec<_> = found.into_iter().filter_map(failed).collect();
        (!failed.is_empty()).then(|| Fault::new(failed.join("; ")))
    }
}

/// Asks all of them at once. Of subjects and accounts there is an object each for this alone; the
/// keyring and the directory are the very ones.
pub(crate) async fn probe(world: &World) -> Stores {
    let env = &world.env;
    let (kv, subject, account, keyring, directory) = join5(
        found(blacklist(world)),
        found(async { SubjectStub::for_probe(env).probe().await }),
        found(async { AccountStub::for_probe(env).probe().await }),
        found(async { KeyringStub::new(env).probe().await }),
        found(async { DirectoryStub::new(env).probe().await }),
    )
    .await;
    Stores {
        kv,
        subject,
        account,
        keyring,
        directory,
    }
}

/// Under a key of its own each time: KV takes one write a second and key, and remembers for a while
/// that a key is absent.
async fn blacklist(world: &World) -> Result<(), Fault> {
    let id = hex(&entropy::bytes::<16>()?);
    blacklist_kv::probe(&world.env, &id).await
}

async fn found(asked: impl Future<Output = Result<(), Fault>>) -> Found {
    let began = clock::milliseconds();
    let asked = Box::pin(asked);
    let done = match select(asked, Delay::from(ANSWERED_WITHIN)).await {
        Either::Left((done, _)) => done,
        Either::Right(_) => Err(Fault::new("no answer in time")),
    };
    Found {
        ok: done.is_ok(),
        ms: clock::milliseconds().saturating_sub(began),
        error: done.err().map(|fault| fault.to_string()),
    }
}
