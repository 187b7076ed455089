//! What the directory is told and asked.

use serde::{Deserialize, Serialize};

use crate::objects::subject::message::Profile;

#[derive(Serialize, Deserialize)]
pub(super) enum Command {
    /// Take these, the oldest first.
    Record(Vec<Event>),
    Users(UserQuery),
    Events(EventQuery),
    /// The counts of so many days up to today.
    Days(u64),
    /// Say whether the storage takes and gives.
    Probe,
}

/// A security event, as it is delivered and shown.
#[derive(Serialize, Deserialize)]
pub struct Event {
    /// Sorts by time.
    pub(crate) id: String,
    /// [`hallpass_core::event::EventKind::as_str`].
    pub(crate) kind: String,
    /// Seconds since the epoch.
    pub(crate) at: u64,
    pub(crate) sub: Option<String>,
    pub(crate) sid: Option<String>,
    /// What the session's client called itself when it signed in.
    pub(crate) client: Option<String>,
    /// An administrator had it done.
    pub(crate) by_admin: bool,
    /// The facts of a reuse.
    pub(crate) reuse: Option<ReuseFacts>,
    /// The key of the ring that it is about.
    pub(crate) kid: Option<String>,
    /// Who signed in; for the user's row, not kept with the event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) profile: Option<Profile>,
}

/// What a spent token met.
#[derive(Serialize, Deserialize)]
pub(crate) struct ReuseFacts {
    /// `race`, `stale` or `ended`.
    pub(crate) kind: String,
    /// By how many rotations the token was behind.
    pub(crate) behind: u32,
    pub(crate) seconds_since_rotation: u64,
}

/// A page of the users whose subject or address begins with a text.
#[derive(Serialize, Deserialize)]
pub(crate) struct UserQuery {
    /// In the spelling of [`crate::adapters::email::key`], for the address.
    pub(crate) address: String,
    /// As it was typed, for the subject.
    pub(crate) sub: String,
    /// After this subject.
    pub(crate) after: String,
}

/// A user, as the directory knows it.
#[derive(Serialize, Deserialize)]
pub(crate) struct User {
    pub(crate) sub: String,
    pub(crate) email: Option<String>,
    pub(crate) first_name: Option<String>,
    pub(crate) last_name: Option<String>,
    /// When it was heard of first.
    pub(crate) created_at: u64,
    pub(crate) last_login_at: Option<u64>,
    pub(crate) standing: String,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct UserPage {
    pub(crate) users: Vec<User>,
    /// Where the next page begins; `None`: there is none.
    pub(crate) cursor: Option<String>,
}

/// A page of events, the newest first.
#[derive(Serialize, Deserialize)]
pub(crate) struct EventQuery {
    pub(crate) kind: Option<String>,
    pub(crate) sub: Option<String>,
    /// Before the event of this id.
    pub(crate) before: Option<String>,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct EventPage {
    pub(crate) events: Vec<Event>,
    /// Where the next page begins; `None`: there is none.
    pub(crate) cursor: Option<String>,
}

/// How often something happened on a day.
#[derive(Serialize, Deserialize)]
pub(crate) struct Day {
    /// When the day began (UTC), seconds.
    pub(crate) began_at: u64,
    pub(crate) kind: String,
    /// What was met, of a reuse; otherwise empty.
    pub(crate) reuse: String,
    pub(crate) count: u64,
}
