//! Mail that nobody sends, on a laptop.

use serde_json::json;

use super::answer::Answer;
use crate::adapters::mail;

/// `GET /api/development/mail/`: 200 with the last mails, the newest first.
pub(super) fn shown() -> Answer {
    Answer::secret(200, &json!({ "mails": mail::shown() }))
}
