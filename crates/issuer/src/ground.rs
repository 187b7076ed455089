//! What an object stands on: its storage, its alarm, the clock and the randomness of its machine, and
//! all that it tells others.
//!
//! An object's decisions reach the world through here and in no other way. So the very steps that run
//! on Cloudflare ([`OnWorker`](crate::adapters::ground_worker::OnWorker)) also run in a world that a
//! test owns, in which storage, network and clocks do the worst they may.

pub(crate) mod schema;
pub(crate) mod sql;

use std::borrow::Cow;
use std::rc::Rc;
use std::time::Duration;

use futures_util::future::LocalBoxFuture;
use hallpass_core::jti::hex;
use worker::SqlStorageValue;

use crate::adapters::blacklist_kv::Entry;
use crate::config::Config;
use crate::fault::Fault;
use crate::objects::directory::Event;

/// A statement's text. One that is written in the program is known by where it stands there.
pub type Statement = Cow<'static, str>;

/// What an object stands on. Its writes, its alarm with them, are on disk before anything that it
/// says is heard by others.
pub trait Ground {
    /// The settings.
    fn config(&self) -> Result<Rc<Config>, Fault>;

    /// The machine's clock, milliseconds since the Unix epoch.
    fn milliseconds(&self) -> u64;

    /// Fills these with random bytes.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), Fault>;

    /// The rows of one statement, `bindings` in the places of its question marks.
    fn rows(
        &self,
        statement: Statement,
        bindings: Vec<SqlStorageValue>,
    ) -> Result<Vec<Vec<SqlStorageValue>>, Fault>;

    /// Runs `steps` as one: when they fail, nothing of what they wrote stays, and their fault is
    /// returned.
    fn transaction(&self, steps: Box<dyn FnOnce() -> Result<(), Fault>>) -> Result<(), Fault>;

    /// When the alarm goes off, milliseconds since the Unix epoch; `None`: it is not set.
    fn alarm(&self) -> LocalBoxFuture<'_, Result<Option<u64>, Fault>>;

    /// Sets the alarm, instead of the one there may be. It is set by the first poll: without an
    /// `.await` before that, it is committed with what was just written.
    fn set_alarm(&self, wait: Duration) -> LocalBoxFuture<'_, Result<(), Fault>>;

    /// Waits.
    fn sleep(&self, time: Duration) -> LocalBoxFuture<'_, ()>;

    /// Has this go on after the answer.
    fn go_on(&self, work: LocalBoxFuture<'static, ()>);

    /// Writes an entry to the blacklist, over what was there.
    fn put(&self, entry: Entry) -> LocalBoxFuture<'_, Result<(), Fault>>;

    /// Tells the directory what has happened.
    fn record(&self, events: Vec<Event>) -> LocalBoxFuture<'_, Result<(), Fault>>;

    /// Has the account of this address forgotten, if it is this subject's.
    fn forget(&self, address: String, sub: String) -> LocalBoxFuture<'_, Result<(), Fault>>;
}

impl dyn Ground + '_ {
    /// The machine's clock, seconds since the Unix epoch.
    pub(crate) fn seconds(&self) -> u64 {
        self.milliseconds() / 1000
    }

    /// Random bytes.
    pub(crate) fn bytes<const N: usize>(&self) -> Result<[u8; N], Fault> {
        let mut bytes = [0; N];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }

    /// A random id of 32 lower-case hex digits.
    pub(crate) fn id(&self) -> Result<String, Fault> {
        self.bytes::<16>().map(|bytes| hex(&bytes))
    }
}
