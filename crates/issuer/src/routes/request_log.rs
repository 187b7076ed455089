//! What the log is told of a request: one line of JSON, when it is answered.
//!
//! A line holds names of ours alone, but for the method and the id, which are looked at first: no
//! path, no query, no body, no address, no User-Agent. So nothing that somebody sends can say anything
//! there, however long or odd it is.

use serde::Serialize;

use super::answer::Answer;
use super::endpoint::Endpoint;
use super::incoming::Incoming;
use super::{admin, refusals};
use crate::adapters::{clock, entropy};
use crate::boundary::HeaderName;
use crate::log::{self, Outcome};

/// The header that names a request whose answer failed, for whoever reports it.
pub(super) const REQUEST_ID: &str = "Hallpass-Request-Id";

#[derive(Serialize)]
struct Line<'a> {
    level: &'static str,
    event: &'static str,
    id: &'a str,
    method: &'a str,
    /// `None`: nothing is there.
    route: Option<&'static str>,
    status: u16,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    ms: u64,
}

/// Writes the line of a request that came in at `began` (milliseconds), if its outcome is at least
/// `least`, and gives a failed one's answer its id.
///
/// The clock of a Worker stands still between two inputs or outputs, so `ms` is what was waited for
/// objects, KV and the body, and no time of the processor's.
pub(super) fn tell(incoming: &Incoming, answer: Answer, began: u64, least: Outcome) -> Answer {
    let outcome = Outcome::of(answer.status());
    if outcome < least {
        return answer;
    }
    let has_failed = outcome == Outcome::Failed;
    let remark = answer.remark();
    let id = id(incoming);
    let line = Line {
        level: if has_failed { "error" } else { "info" },
        event: "request",
        id: &id,
        method: method(incoming.method()),
        route: route(incoming.path()),
        status: answer.status(),
        outcome: outcome.as_str(),
        code: remark.code.or_else(|| code(answer.status())),
        reason: remark.refusal.map(refusals::inner),
        error: remark.fault.as_ref().map(ToString::to_string),
        ms: clock::milliseconds().saturating_sub(began),
    };
    log::line(&line, has_failed);
    if has_failed {
        answer.with(REQUEST_ID, id)
    } else {
        answer
    }
}

/// The id that Cloudflare has given the request, which its own logs have too; else one of ours.
fn id(incoming: &Incoming) -> String {
    let ray = incoming.header(HeaderName::CfRay);
    ray.filter(|ray| is_ray(ray)).unwrap_or_else(|| {
        let random = entropy::bytes::<8>();
        random.map_or_else(|_| String::new(), |bytes| hallpass_core::jti::hex(&bytes))
    })
}

/// Hex digits, and where the request came in: `8f1d2c3b4a596877-FRA`. Whoever is before us when it is
/// not Cloudflare could send anything.
fn is_ray(text: &str) -> bool {
    let (digits, place) = text.split_once('-').unwrap_or((text, ""));
    (16..=32).contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
        && place.len() <= 8
        && place.bytes().all(|byte| byte.is_ascii_uppercase())
}

/// The method, if it looks like one of HTTP's.
fn method(sent: &str) -> &str {
    let is_one = sent.len() <= 16 && sent.bytes().all(|byte| byte.is_ascii_uppercase());
    if is_one { sent } else { "other" }
}

/// The endpoint's pattern: never the path itself, in which a user's id or a session's may stand.
fn route(path: &str) -> Option<&'static str> {
    match path.strip_prefix(admin::ROOT) {
        Some(below) => admin::pattern(below),
        None => Endpoint::at(path).map(Endpoint::pattern),
    }
}

/// The code of a refusal that has none but its status, by the framework's names.
const fn code(status: u16) -> Option<&'static str> {
    Some(match status {
        400 => "invalid",
        401 => "not_authenticated",
        403 => "permission_denied",
        404 => "not_found",
        405 => "method_not_allowed",
        406 => "not_acceptable",
        409 => "conflict",
        413 => "too_large",
        415 => "unsupported_media_type",
        429 => "throttled",
        500 => "error",
        503 => "unavailable",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_taken_over_only_where_it_looks_like_one_of_cloudflares() {
        for ray in [
            "8f1d2c3b4a596877-FRA",
            "8F1D2C3B4A596877",
            "8f1d2c3b4a5968770011-LHR",
        ] {
            assert!(is_ray(ray), "{ray}");
        }
        for other in [
            "",
            "-FRA",
            "8f1d2c3b4a59687",
            "8f1d2c3b4a596877-fra",
            "8f1d2c3b4a596877-FRA-FRA",
            "8f1d2c3b4a596877\n",
            "8f1d2c3b4a596877-FRA\r\nSet-Cookie: a=b",
            "{\"level\":\"error\"}",
            "eyJhbGciOiJIUzI1NiJ9",
        ] {
            assert!(!is_ray(other), "{other}");
        }
        assert!(
            !is_ray(&"a".repeat(33)) && !is_ray(&format!("{}-{}", "a".repeat(16), "A".repeat(9)))
        );
    }

    #[test]
    fn what_is_no_method_has_no_name() {
        assert_eq!(method("DELETE"), "DELETE");
        for other in ["GET\n", "get", "{}", &"A".repeat(17)] {
            assert_eq!(method(other), "other");
        }
    }

    #[test]
    fn a_route_names_nobody() {
        let cases = [
            ("/api/token", Some("/api/token/")),
            ("/api/sessions/0123abcd/", Some("/api/sessions/<sid>/")),
            (
                "/admin/api/users/ann%2Fbob",
                Some("/admin/api/users/<sub>/"),
            ),
            (
                "/admin/api/users/ann/sessions/0123/",
                Some("/admin/api/users/<sub>/sessions/<sid>/"),
            ),
            ("/admin/api/nothing/", None),
            ("/api/sessions/ann/", None),
            ("/", None),
        ];
        for (path, expected) in cases {
            assert_eq!(route(path), expected, "{path}");
        }
    }
}
