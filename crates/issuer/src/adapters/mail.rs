//! Mail: handed to whoever sends it. On a laptop that is nobody: there it is shown.

use std::cell::RefCell;
use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::webhook;
use crate::config::Mailing;
use crate::fault::Fault;
use crate::log;

/// A mail, in the form in which it is posted.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Mail {
    #[serde(flatten)]
    pub(crate) letter: Letter,
    pub(crate) to: String,
    pub(crate) first_name: String,
    pub(crate) last_name: String,
    /// When what it says is not good any more, seconds.
    pub(crate) expires_at: u64,
}

/// What a mail says.
#[derive(Clone, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Letter {
    /// Whoever opens this link sets a new password.
    PasswordReset { link: String },
    /// Whoever has shown the right password sends this code.
    Otp { code: String },
}

/// Has it sent. `id` is the same at every try.
pub(crate) async fn send(mailing: &Mailing, id: &str, mail: Mail) -> Result<(), Fault> {
    match mailing {
        Mailing::Webhook(webhook) => {
            webhook::post(webhook, id, &serde_json::to_string(&mail)?).await
        }
        Mailing::Shown => {
            show(mail);
            Ok(())
        }
        Mailing::Nowhere => Err(Fault::new("nobody sends mail: MAIL_WEBHOOK_URL is not set")),
    }
}

/// How many mails are kept for whoever asks.
const MOST_SHOWN: usize = 20;

thread_local! {
    /// On a laptop the Worker and its objects are in one isolate, and this is theirs together.
    static SHOWN: RefCell<VecDeque<Mail>> = RefCell::default();
}

/// Prints it, which is done on a laptop alone, and keeps it for [`shown`].
fn show(mail: Mail) {
    #[derive(Serialize)]
    struct Line<'a> {
        level: &'static str,
        event: &'static str,
        mail: &'a Mail,
    }
    let line = Line {
        level: "info",
        event: "mail",
        mail: &mail,
    };
    log::line(&line, false);
    SHOWN.with_borrow_mut(|shown| {
        shown.push_front(mail);
        shown.truncate(MOST_SHOWN);
    });
}

/// What was shown last, the newest first.
pub(crate) fn shown() -> Vec<Mail> {
    SHOWN.with_borrow(|shown| shown.iter().cloned().collect())
}
