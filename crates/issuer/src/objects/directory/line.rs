//! What the log is told of security events: one line of JSON for each, when the directory takes it.
//!
//! An event that is delivered twice is taken once, so it has one line. Like a request's it holds names
//! of ours alone: the event's id finds the user, the session and the key where administrators look.

use hallpass_core::event::EventKind;
use serde::Serialize;

use super::Event;
use crate::log::{self, Outcome};

#[derive(Serialize)]
struct Line<'a> {
    level: &'static str,
    event: &'static str,
    kind: &'static str,
    /// What a reuse met; of other kinds, nothing.
    #[serde(skip_serializing_if = "str::is_empty")]
    reuse: &'static str,
    id: &'a str,
    at: u64,
}

/// Writes the lines of these events, where requests that end at least so have one:
///
/// | event | requests with a line | line |
/// |---|---|---|
/// | urgent | whichever | `notice` |
/// | any other | all, or those refused and those that failed | `info` |
/// | any other | only those that failed | – |
pub(super) fn tell(taken: &[Event], least: Outcome) {
    for line in taken.iter().filter_map(|event| Line::of(event, least)) {
        log::line(&line, false);
    }
}

impl<'a> Line<'a> {
    fn of(event: &'a Event, least: Outcome) -> Option<Self> {
        let met = event.reuse.as_ref().map_or("", |reuse| &reuse.kind);
        let kind = EventKind::named(&event.kind, met)?;
        let level = match (kind.is_urgent(), least) {
            (true, _) => "notice",
            (false, Outcome::Ok | Outcome::Refused) => "info",
            (false, Outcome::Failed) => return None,
        };
        Some(Self {
            level,
            event: "security",
            kind: kind.as_str(),
            reuse: kind.met(),
            id: &event.id,
            at: event.at,
        })
    }
}
