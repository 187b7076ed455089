//! Workers KV, and how other places see it.
//!
//! A write arrives when it arrives, perhaps long after whoever sent it has given up, and may be
//! heard to have failed though it did not. Each place keeps what it has read, and what it has not
//! found, for a minute.

use std::collections::HashMap;

use futures_util::FutureExt;
use hallpass_issuer::{Entries, Entry, View};

use crate::chance::Chance;

/// One write a second and key.
const WRITE_EVERY_MS: u64 = 1000;

/// An entry that has less to live, in seconds, is refused.
const SHORTEST: u64 = 60;

/// The longest a write is under way, and the longest a place keeps what it has read; milliseconds.
pub const MINUTE_MS: u64 = 60_000;

/// How KV does at present.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Weather {
    /// Nearly every write goes through at once.
    #[default]
    Fair,
    /// A write takes up to a minute.
    Slow,
    /// Every other write fails.
    Failing,
    /// No write goes through.
    Down,
    /// Writes go through, sooner or later, but nobody hears of it.
    Silent,
}

impl Weather {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Fair,
        Self::Slow,
        Self::Failing,
        Self::Down,
        Self::Silent,
    ];
}

/// What becomes of a write.
#[derive(Clone, Copy, Debug)]
pub struct Fate {
    /// After so many milliseconds.
    pub after: u64,
    /// It is stored.
    pub arrives: bool,
    /// Its sender hears how it went; with `fails` that it has failed.
    pub is_heard: bool,
    /// Its sender hears that it has failed, whether it was stored or not.
    pub fails: bool,
}

impl Fate {
    /// By chance, in that weather.
    pub fn of(weather: Weather, chance: &mut Chance) -> Self {
        let soon = 20 + chance.below(400);
        let late = chance.below(MINUTE_MS);
        let fair = Self {
            after: soon,
            arrives: true,
            is_heard: true,
            fails: false,
        };
        match weather {
            Weather::Fair => fair,
            Weather::Slow => Self {
                after: if chance.percent(60) { late } else { soon },
                ..fair
            },
            Weather::Failing => Self {
                arrives: chance.percent(60),
                fails: chance.percent(50),
                ..fair
            }
            .honest(),
            Weather::Down => Self {
                arrives: false,
                fails: true,
                ..fair
            },
            Weather::Silent => Self {
                after: late,
                is_heard: false,
                ..fair
            },
        }
    }

    /// Nobody hears that a write went through which did not.
    const fn honest(mut self) -> Self {
        self.fails = self.fails || !self.arrives;
        self
    }
}

struct Stored {
    value: String,
    until: u64,
}

/// KV itself.
#[derive(Default)]
pub struct Kv {
    entries: HashMap<String, Stored>,
    written_at: HashMap<String, u64>,
    /// Grows with every write.
    pub version: u64,
}

impl Kv {
    /// A write arrives. `false`: it is refused.
    pub fn arrive(&mut self, entry: &Entry, now_ms: u64) -> bool {
        let last = self.written_at.get(&entry.key).copied();
        let too_soon = last.is_some_and(|last| now_ms < last + WRITE_EVERY_MS);
        let Ok(value) = entry.value() else {
            return false;
        };
        if too_soon || entry.until < now_ms / 1000 + SHORTEST {
            return false;
        }
        let until = entry.until;
        self.entries
            .insert(entry.key.clone(), Stored { value, until });
        self.written_at.insert(entry.key.clone(), now_ms);
        self.version += 1;
        true
    }

    /// What stands under a key.
    #[must_use]
    pub fn read(&self, key: &str, now_ms: u64) -> Option<&str> {
        let stored = self.entries.get(key)?;
        (now_ms < stored.until * 1000).then_some(stored.value.as_str())
    }
}

/// A place that verifies: an isolate, in a location that keeps what it has read.
#[derive(Default)]
pub struct Place {
    /// How far its clock is ahead, milliseconds.
    pub ahead: i64,
    kept: HashMap<String, (Option<String>, u64)>,
    view: View,
}

impl Place {
    /// What it shows at that true time.
    #[must_use]
    pub const fn clock(&self, now_ms: u64) -> u64 {
        now_ms.saturating_add_signed(self.ahead)
    }

    /// The entries of these keys, as they are seen from here.
    ///
    /// # Panics
    ///
    /// A read of what is there makes somebody wait.
    pub fn look_up(&mut self, kv: &Kv, keys: &[String], now_ms: u64) -> Vec<Option<String>> {
        let kept = &mut self.kept;
        let read = async |missing: &[String]| {
            let read = |key: &String| (key.clone(), read_here(kept, kv, key, now_ms));
            Ok(missing.iter().map(read).collect::<Entries>())
        };
        let clock = now_ms.saturating_add_signed(self.ahead);
        let found = self.view.look_up(keys, clock, read).now_or_never();
        found
            .expect("nothing is waited for")
            .expect("nothing fails")
    }
}

fn read_here(
    kept: &mut HashMap<String, (Option<String>, u64)>,
    kv: &Kv,
    key: &str,
    now_ms: u64,
) -> Option<String> {
    if let Some((value, at)) = kept.get(key)
        && now_ms < at + MINUTE_MS
    {
        return value.clone();
    }
    let value = kv.read(key, now_ms).map(str::to_owned);
    kept.insert(key.to_owned(), (value.clone(), now_ms));
    value
}
