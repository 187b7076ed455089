//! The log: one JSON line per event. Never a token, a password or a key.

use serde::Serialize;

/// Something of ours failed or is set wrongly.
pub(crate) fn error(event: &str, detail: &(impl Serialize + ?Sized)) {
    worker::console_error!("{}", line("error", event, detail));
}

/// Something happened that an operator may want to know.
pub(crate) fn notice(event: &str, detail: &(impl Serialize + ?Sized)) {
    worker::console_log!("{}", line("notice", event, detail));
}

fn line(level: &str, event: &str, detail: &(impl Serialize + ?Sized)) -> String {
    let detail = serde_json::to_value(detail).unwrap_or_default();
    serde_json::json!({ "level": level, "event": event, "detail": detail }).to_string()
}
