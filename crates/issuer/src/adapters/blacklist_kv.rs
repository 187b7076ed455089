//! The blacklist in Workers KV.
//!
//! KV shows a write elsewhere only after a while, caches what is absent too, has no
//! compare-and-set and takes one write a second and key. So nothing is ever decided by what it
//! says: it tells others what an object has already decided.

use hallpass_core::Kind;
use hallpass_core::revocation::{Reason, key_part};
use serde::{Deserialize, Serialize};
use worker::Env;

use crate::config::BLACKLIST;
use crate::fault::Fault;

/// An entry: its key, what it says, and until when.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// A [`hallpass_core::revocation::Target`] as it is written.
    pub(crate) key: String,
    pub(crate) facts: Facts,
    /// Seconds since the epoch, at least a minute ahead or KV refuses it.
    pub(crate) until: u64,
}

/// What an entry says, as its value and, for listing without reading, as its metadata.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Facts {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sub: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sid: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
    reason: String,
    at: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cutoff: Option<u64>,
}

impl Facts {
    /// Why and when it was called back, and whose it was. Metadata holds 1,024 bytes, so a long
    /// subject is written as in keys.
    pub(crate) fn new(reason: Reason, at: u64, sub: Option<&str>) -> Self {
        let (sub, reason) = (sub.map(key_part), reason.as_str().to_owned());
        Self {
            sub,
            sid: None,
            kind: None,
            reason,
            at,
            cutoff: None,
        }
    }

    /// Of which session a single token was.
    pub(crate) fn of_token(mut self, sid: &str, kind: Kind) -> Self {
        self.sid = Some(key_part(sid));
        self.kind = Some(kind.as_str().to_owned());
        self
    }

    /// A token with an `iat` under this is dead.
    pub(crate) fn with_cutoff(mut self, cutoff: u64) -> Self {
        self.cutoff = Some(cutoff);
        self
    }
}

/// Writes an entry over what was there.
pub(crate) async fn put(env: &Env, entry: &Entry) -> Result<(), Fault> {
    #[cfg(feature = "faults")]
    let _put = crate::faults::before_put(&entry.key).await?;
    let value = serde_json::to_string(&entry.facts)?;
    env.kv(BLACKLIST)?
        .put(&entry.key, value)?
        .metadata(&entry.facts)?
        .expiration(entry.until)
        .execute()
        .await?;
    Ok(())
}
