//! Who comes to an account, and what is said to whoever comes too often.

use hallpass_core::attempts::caller_of;

use super::answer::Answer;
use super::incoming::Incoming;
use crate::boundary::HeaderName;
use crate::use_cases::door::{Caller, Wait};

/// Where a request comes from. Cloudflare says it, over whatever the client may have said; where nobody
/// does, all are one caller.
pub(super) fn caller(incoming: &Incoming) -> Caller {
    let address = incoming.header(HeaderName::CfConnectingIp);
    Caller(caller_of(address.as_deref().unwrap_or_default()))
}

/// 429 (RFC 6585 section 4), in the words of Django REST framework.
pub(super) fn throttled(Wait(seconds): Wait) -> Answer {
    let unit = if seconds == 1 { "second" } else { "seconds" };
    let detail = format!("Request was throttled. Expected available in {seconds} {unit}.");
    Answer::detail(429, &detail).with("Retry-After", seconds.to_string())
}
