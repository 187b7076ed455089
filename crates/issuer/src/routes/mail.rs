//! Mail that nobody sends, on a laptop.

use serde::Serialize;

use super::answer::Answer;
use crate::adapters::mail::{self, Mail};

/// `GET /api/development/mail/`: 200 with the last mails, the newest first.
pub(super) fn shown() -> Answer {
    #[derive(Serialize)]
    struct Shown {
        mails: Vec<Mail>,
    }
    let mails = mail::shown();
    Answer::secret(200, &Shown { mails })
}
