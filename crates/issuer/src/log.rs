//! The log: one JSON line for each thing that is told. Never a token, a password or a key, and no
//! e-mail address.

use serde::Serialize;

/// How a request ended. Of the setting `LOG_REQUESTS` the least that is logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Outcome {
    /// As whoever asked wanted.
    Ok,
    /// Refused, and the caller could have known.
    Refused,
    /// Something of ours failed.
    Failed,
}

impl Outcome {
    /// The outcome of an answer with this status.
    pub(crate) const fn of(status: u16) -> Self {
        match status {
            0..400 => Self::Ok,
            400..500 => Self::Refused,
            500.. => Self::Failed,
        }
    }

    /// The name in the log.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }
}

/// A line of the log that is not about a request.
#[derive(Serialize)]
struct Line<'a, D: ?Sized> {
    level: &'static str,
    event: &'a str,
    detail: &'a D,
}

/// Something of ours failed or is set wrongly.
pub(crate) fn error(event: &str, detail: &(impl Serialize + ?Sized)) {
    let level = "error";
    line(
        &Line {
            level,
            event,
            detail,
        },
        true,
    );
}

/// Writes one line. JSON has no raw line breaks, so none that somebody sent ends it.
///
/// Where there is no Worker there is no console, and nobody who reads it.
pub(crate) fn line(line: &impl Serialize, is_error: bool) {
    if !cfg!(target_arch = "wasm32") {
        return;
    }
    let line = serde_json::to_string(line).unwrap_or_default();
    if is_error {
        worker::console_error!("{line}");
    } else {
        worker::console_log!("{line}");
    }
}
