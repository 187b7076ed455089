//! The log: one JSON line per event. Never a token, a password or a key.

use serde::Serialize;

/// Something of ours failed or is set wrongly.
pub(crate) fn error(event: &str, detail: &(impl Serialize + ?Sized)) {
    write(&line("error", event, detail), true);
}

/// Something happened that an operator may want to know.
pub(crate) fn notice(event: &str, detail: &(impl Serialize + ?Sized)) {
    write(&line("notice", event, detail), false);
}

fn line(level: &str, event: &str, detail: &(impl Serialize + ?Sized)) -> String {
    let detail = serde_json::to_value(detail).unwrap_or_default();
    serde_json::json!({ "level": level, "event": event, "detail": detail }).to_string()
}

/// Where there is no Worker there is no console, and nobody who reads it.
fn write(line: &str, is_error: bool) {
    if !cfg!(target_arch = "wasm32") {
        return;
    }
    if is_error {
        worker::console_error!("{line}");
    } else {
        worker::console_log!("{line}");
    }
}
