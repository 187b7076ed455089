//! Mail that nobody sends, on a laptop.

use serde::Serialize;
use serde_json::value::RawValue;

use super::answer::Answer;
use crate::adapters::mail;

/// `GET /api/development/mail/`: 200 with the last mails, the newest first.
pub(super) fn shown() -> Answer {
    #[derive(Serialize)]
    struct Shown {
        mails: Vec<Box<RawValue>>,
    }
    let mails = mail::shown();
    Answer::secret(200, &Shown { mails })
}
