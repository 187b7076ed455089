//! What an isolate remembers of the blacklist, so that a token that comes again costs no read.

use std::collections::HashMap;

/// For how long it is believed that a key is absent, and of a subject that no later cutoff was
/// written over the one that was read; milliseconds.
const BELIEVED_MS: u64 = 10_000;

/// How many keys are remembered.
const REMEMBERED: usize = 4096;

/// Keys that were read, and what was found.
#[derive(Default)]
pub(super) struct Memory(HashMap<String, Remembered>);

/// A key that was read.
pub(super) struct Remembered {
    found: Option<Found>,
    /// Milliseconds since the epoch.
    until: u64,
}

/// An entry that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) value: String,
    /// When it goes, milliseconds since the epoch; 0 where it does not say.
    pub(super) goes: u64,
    /// Another may be written over it that says more.
    pub(super) may_grow: bool,
}

impl Remembered {
    /// The entry's value, or that there was none.
    pub(super) fn value(&self) -> Option<&str> {
        self.found.as_ref().map(|found| found.value.as_str())
    }
}

impl Memory {
    /// What was found under this key, if that can still be believed; otherwise it has to be read.
    pub(super) fn recall(&self, key: &str, now_ms: u64) -> Option<&Remembered> {
        self.0.get(key).filter(|entry| now_ms < entry.until)
    }

    /// Remembers what a read found that began at `now_ms`. Where there is no room, what cannot be
    /// believed any more goes, and if that is not enough everything.
    pub(super) fn note(&mut self, key: String, found: Option<Found>, now_ms: u64) {
        if self.0.len() >= REMEMBERED {
            self.0.retain(|_, entry| now_ms < entry.until);
        }
        if self.0.len() >= REMEMBERED {
            self.0.clear();
        }
        let believed = now_ms.saturating_add(BELIEVED_MS);
        let until = match &found {
            None => believed,
            Some(found) if found.may_grow => found.goes.min(believed),
            Some(found) => found.goes,
        };
        self.0.insert(key, Remembered { found, until });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_700_000_000_000;
    const GOES: u64 = NOW + 3_600_000;

    fn found(may_grow: bool) -> Found {
        Found {
            value: ENTRY.into(),
            goes: GOES,
            may_grow,
        }
    }

    const ENTRY: &str = "{}";
    const ABSENT: &str = "absent";
    const UNKNOWN: &str = "unknown";

    fn recalled<'a>(memory: &'a Memory, key: &str, now_ms: u64) -> &'a str {
        let remembered = memory.recall(key, now_ms);
        remembered.map_or(UNKNOWN, |entry| entry.value().unwrap_or(ABSENT))
    }

    #[test]
    fn an_absence_is_believed_for_ten_seconds() {
        let mut memory = Memory::default();
        assert_eq!(recalled(&memory, "jti:a", NOW), UNKNOWN);
        memory.note("jti:a".into(), None, NOW);
        assert_eq!(recalled(&memory, "jti:a", NOW + 9_999), ABSENT);
        assert_eq!(recalled(&memory, "jti:a", NOW + 10_000), UNKNOWN);
    }

    #[test]
    fn an_entry_is_believed_until_it_goes() {
        let mut memory = Memory::default();
        memory.note("sid:a".into(), Some(found(false)), NOW);
        assert_eq!(recalled(&memory, "sid:a", GOES - 1), ENTRY);
        assert_eq!(recalled(&memory, "sid:a", GOES), UNKNOWN);
    }

    #[test]
    fn a_subjects_entry_is_read_again_for_a_later_cutoff_may_stand_there() {
        let mut memory = Memory::default();
        memory.note("sub:a".into(), Some(found(true)), NOW);
        assert_eq!(recalled(&memory, "sub:a", NOW + 9_999), ENTRY);
        assert_eq!(recalled(&memory, "sub:a", NOW + 10_000), UNKNOWN);
    }

    #[test]
    fn an_entry_that_does_not_say_when_it_goes_is_read_each_time() {
        let mut memory = Memory::default();
        let goes_unsaid = Found {
            goes: 0,
            ..found(false)
        };
        memory.note("sid:a".into(), Some(goes_unsaid), NOW);
        assert_eq!(recalled(&memory, "sid:a", NOW), UNKNOWN);
    }

    #[test]
    fn many_different_tokens_do_not_grow_it_without_end() {
        let mut memory = Memory::default();
        for n in 0..3 * REMEMBERED {
            memory.note(format!("jti:{n}"), None, NOW);
            assert!(memory.0.len() <= REMEMBERED);
        }
        let last = format!("jti:{}", 3 * REMEMBERED - 1);
        assert_eq!(recalled(&memory, &last, NOW), ABSENT);
    }

    #[test]
    fn what_cannot_be_believed_any_more_makes_room_for_what_can() {
        let mut memory = Memory::default();
        memory.note("sid:ended".into(), Some(found(false)), NOW);
        for n in 1..REMEMBERED {
            memory.note(format!("jti:{n}"), None, NOW);
        }
        memory.note("jti:new".into(), None, NOW + 10_000);
        assert_eq!(memory.0.len(), 2);
        assert_eq!(recalled(&memory, "sid:ended", NOW + 10_000), ENTRY);
    }
}
