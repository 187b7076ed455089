//! The blacklist in Workers KV.
//!
//! KV shows a write elsewhere only after a while, caches what is absent too, has no
//! compare-and-set and takes one write a second and key. So nothing is ever decided by what it
//! says: it tells others what an object has already decided.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::slice;

use hallpass_core::Kind;
use hallpass_core::revocation::{Reason, key_part};
use js_sys::Reflect;
use serde::{Deserialize, Serialize};
use wasm_bindgen::JsValue;
use worker::Env;

use super::blacklist_memory::{Found, Memory};
use super::clock;
use super::waits::{What, waited};
use crate::boundary;
use crate::config::BLACKLIST;
use crate::fault::Fault;

/// The longest key that KV takes, in bytes.
pub(crate) const MAX_KEY_BYTES: usize = 512;

/// An entry: its key, what it says, and until when.
#[derive(Clone, Debug)]
pub struct Entry {
    /// A [`hallpass_core::revocation::Target`] as it is written.
    pub key: String,
    pub(crate) facts: Facts,
    /// Seconds since the epoch, at least a minute ahead or KV refuses it.
    pub until: u64,
}

impl Entry {
    /// Its value.
    pub fn value(&self) -> Result<String, Fault> {
        Ok(serde_json::to_string(&self.facts())?)
    }

    fn facts(&self) -> Facts {
        Facts {
            until: Some(self.until),
            ..self.facts.clone()
        }
    }
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
    /// Until when the entry stays, known when it is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    until: Option<u64>,
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
            until: None,
        }
    }

    /// Of which session a single token was.
    pub(crate) fn of_token(mut self, sid: &str, kind: Kind) -> Self {
        self.sid = Some(key_part(sid));
        self.kind = Some(kind.as_str().to_owned());
        self
    }

    /// Another entry may be written over this one that says more.
    pub(crate) const fn may_grow(&self) -> bool {
        self.cutoff.is_some()
    }

    /// A token with an `iat` under this is dead.
    pub(crate) fn with_cutoff(mut self, cutoff: u64) -> Self {
        self.cutoff = Some(cutoff);
        self
    }
}

thread_local! {
    static VIEW: View = View::default();
}

/// The blacklist as an isolate sees it.
#[derive(Default)]
pub struct View(Rc<RefCell<Memory>>);

impl View {
    /// The entries of these keys, in their order: from memory, where that is fresh, the others in
    /// one `read`.
    pub async fn look_up(
        &self,
        keys: &[String],
        now_ms: u64,
        read: impl AsyncFnOnce(&[String]) -> Result<Entries, Fault>,
    ) -> Result<Vec<Option<String>>, Fault> {
        // Taken out before the read: while that is under way others may make the memory forget.
        let mut known = self.recalled(keys, now_ms);
        let unknown = |key: &&String| !known.contains_key(*key);
        let missing: Vec<_> = keys.iter().filter(unknown).cloned().collect();
        if !missing.is_empty() {
            let mut read = read(&missing).await?;
            let mut memory = self.0.borrow_mut();
            for key in missing {
                let value = read.remove(&key).flatten();
                memory.note(key.clone(), value.clone().map(found), now_ms);
                known.insert(key, value);
            }
        }
        let value = |key| known.get(key).cloned().flatten();
        Ok(keys.iter().map(value).collect())
    }

    fn recalled(&self, keys: &[String], now_ms: u64) -> Entries {
        let memory = self.0.borrow();
        let recalled = |key: &String| {
            let value = memory.recall(key, now_ms)?.value();
            Some((key.clone(), value.map(str::to_owned)))
        };
        keys.iter().filter_map(recalled).collect()
    }
}

/// Keys that were read, and their entries.
pub type Entries = HashMap<String, Option<String>>;

/// The entries of these keys, in their order, in one read: from memory, where that is fresh.
pub(crate) async fn look_up(
    env: &Env,
    keys: &[String],
    now_ms: u64,
) -> Result<Vec<Option<String>>, Fault> {
    let view = VIEW.with(|view| View(Rc::clone(&view.0)));
    view.look_up(keys, now_ms, async |missing| read(env, missing).await)
        .await
}

/// One request for all keys; each of them is billed.
async fn read(env: &Env, keys: &[String]) -> Result<Entries, Fault> {
    #[cfg(feature = "faults")]
    crate::faults::before_read(keys.len())?;
    let read = boundary::read(&namespace(env)?, &serde_json::to_string(keys)?);
    let values = waited(What::Kv, boundary::text(read)).await?;
    let values: Vec<Option<String>> = serde_json::from_str(&values)?;
    Ok(keys.iter().cloned().zip(values).collect())
}

/// What can be believed of an entry. A cutoff may be raised; one that cannot be read may be anything.
fn found(value: String) -> Found {
    let facts = serde_json::from_str::<Facts>(&value).ok();
    let goes = facts.as_ref().and_then(|facts| facts.until).unwrap_or(0);
    Found {
        value,
        goes: goes.saturating_mul(1000),
        may_grow: facts.is_none_or(|facts| facts.may_grow()),
    }
}

/// Entries as KV lists them.
pub(crate) struct Page {
    pub(crate) entries: Vec<Listed>,
    /// Where the next page begins; `None`: there is none.
    pub(crate) cursor: Option<String>,
}

/// An entry as it is listed.
#[derive(Serialize)]
pub(crate) struct Listed {
    pub(crate) key: String,
    /// When KV forgets it, seconds.
    pub(crate) expires_at: Option<u64>,
    /// What it says; `None` where another hand wrote it.
    #[serde(flatten)]
    pub(crate) facts: Option<Facts>,
}

/// A page of the entries whose keys begin with `prefix`, in the order of their keys. One operation,
/// whatever it finds: what an entry says stands in its metadata.
pub(crate) async fn list(
    env: &Env,
    prefix: &str,
    cursor: Option<String>,
    limit: u32,
) -> Result<Page, Fault> {
    let how = serde_json::to_string(&Wanted {
        prefix,
        limit,
        cursor,
    })?;
    let list = boundary::list(&namespace(env)?, &how);
    let told: Told = serde_json::from_str(&waited(What::Kv, boundary::text(list)).await?)?;
    let listed = |entry: ToldEntry| Listed {
        key: entry.name,
        expires_at: entry.expiration,
        facts: entry.says.and_then(|says| serde_json::from_str(&says).ok()),
    };
    Ok(Page {
        entries: told.entries.into_iter().map(listed).collect(),
        cursor: told.cursor,
    })
}

/// What KV is asked to list.
#[derive(Serialize)]
struct Wanted<'a> {
    prefix: &'a str,
    limit: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    cursor: Option<String>,
}

/// What it lists.
#[derive(Deserialize)]
struct Told {
    entries: Vec<ToldEntry>,
    cursor: Option<String>,
}

#[derive(Deserialize)]
struct ToldEntry {
    name: String,
    expiration: Option<u64>,
    /// Its metadata, JSON.
    says: Option<String>,
}

/// What a probe's key begins with: with none of the blacklist's.
const PROBE: &str = "probe:";

/// How long a probe stays that could not be deleted, in seconds: somewhat more than the minute that KV
/// asks for.
const PROBE_SECONDS: u64 = 90;

/// Writes a key that no reader takes for an entry, reads it and deletes it. That it is read at once is
/// more than KV promises, so only another value is a fault.
pub(crate) async fn probe(env: &Env, id: &str) -> Result<(), Fault> {
    let key = format!("{PROBE}{id}");
    // As JSON, as everything that is written is.
    let value = serde_json::to_string(id)?;
    write(env, &key, &value, clock::seconds() + PROBE_SECONDS).await?;
    let read = read(env, slice::from_ref(&key)).await?.remove(&key);
    boundary::settled(boundary::remove(&namespace(env)?, &key)).await?;
    if read.flatten().is_none_or(|read| read == value) {
        Ok(())
    } else {
        Err(Fault::new("what was written is not what is read"))
    }
}

/// Writes an entry over what was there.
pub(crate) async fn put(env: &Env, entry: &Entry) -> Result<(), Fault> {
    write(env, &entry.key, &entry.value()?, entry.until).await
}

async fn write(env: &Env, key: &str, value: &str, until: u64) -> Result<(), Fault> {
    #[cfg(feature = "faults")]
    let _put = crate::faults::before_put(key).await?;
    #[expect(clippy::cast_precision_loss, reason = "a date is far below 2^53")]
    let put = boundary::put(&namespace(env)?, key, value, until as f64);
    boundary::settled(put).await.map(drop)
}

fn namespace(env: &Env) -> Result<JsValue, Fault> {
    Reflect::get(env, &JsValue::from_str(BLACKLIST)).map_err(boundary::thrown)
}
