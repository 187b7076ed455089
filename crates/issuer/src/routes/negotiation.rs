//! What the caller wants to get. We have JSON.

use super::answer::Answer;
use super::incoming::Incoming;
use crate::boundary::HeaderName;

/// Refuses whoever wants anything but JSON. HTML is what browsers ask for; they get JSON.
pub(super) fn refuse(incoming: &Incoming) -> Option<Answer> {
    if incoming
        .query("format")
        .is_some_and(|format| !matches!(format.as_str(), "" | "json" | "api"))
    {
        return Some(Answer::not_found());
    }
    let accepts = incoming
        .header(HeaderName::Accept)
        .is_none_or(|accept| accept.split(',').any(is_had));
    (!accepts).then(Answer::not_acceptable)
}

fn is_had(range: &str) -> bool {
    let media_type = range
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    matches!(
        media_type.as_str(),
        "*/*" | "application/*" | "application/json" | "text/*" | "text/html"
    )
}
