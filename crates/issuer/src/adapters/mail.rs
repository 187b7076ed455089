//! Mail: handed to whoever sends it. On a laptop that is nobody: there it is shown.

use std::cell::RefCell;
use std::collections::VecDeque;

use serde::Serialize;
use serde_json::value::RawValue;

use super::webhook;
use crate::config::Mailing;
use crate::fault::Fault;
use crate::log;
use crate::objects::subject::message::Profile;

/// What a mail says.
pub(crate) enum Letter {
    /// Whoever opens this link sets a new password.
    PasswordReset { link: String },
    /// Whoever has shown the right password sends this code.
    Otp { code: String },
}

/// A mail, in the form in which it is posted. What it says is not good any more at `expires_at`, seconds.
pub(crate) fn written(letter: &Letter, to: &Profile, expires_at: u64) -> Result<String, Fault> {
    #[derive(Serialize)]
    struct Mail<'a> {
        r#type: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        link: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        code: Option<&'a str>,
        to: &'a str,
        first_name: &'a str,
        last_name: &'a str,
        expires_at: u64,
    }
    let (kind, link, code) = match letter {
        Letter::PasswordReset { link } => ("password_reset", Some(link.as_str()), None),
        Letter::Otp { code } => ("otp", None, Some(code.as_str())),
    };
    let mail = Mail {
        r#type: kind,
        link,
        code,
        to: &to.email,
        first_name: &to.first_name,
        last_name: &to.last_name,
        expires_at,
    };
    Ok(serde_json::to_string(&mail)?)
}

/// Has it sent. `id` is the same at every try.
pub(crate) async fn send(mailing: &Mailing, id: &str, mail: &str) -> Result<(), Fault> {
    match mailing {
        Mailing::Webhook(webhook) => webhook::post(webhook, id, mail).await,
        Mailing::Shown => {
            show(RawValue::from_string(mail.to_owned())?);
            Ok(())
        }
        Mailing::Nowhere => Err(Fault::new("nobody sends mail: MAIL_WEBHOOK_URL is not set")),
    }
}

/// How many mails are kept for whoever asks.
const MOST_SHOWN: usize = 20;

thread_local! {
    /// On a laptop the Worker and its objects are in one isolate, and this is theirs together.
    static SHOWN: RefCell<VecDeque<Box<RawValue>>> = RefCell::default();
}

/// Prints it, which is done on a laptop alone, and keeps it for [`shown`].
fn show(mail: Box<RawValue>) {
    #[derive(Serialize)]
    struct Line<'a> {
        level: &'static str,
        event: &'static str,
        mail: &'a RawValue,
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
pub(crate) fn shown() -> Vec<Box<RawValue>> {
    SHOWN.with_borrow(|shown| shown.iter().cloned().collect())
}
