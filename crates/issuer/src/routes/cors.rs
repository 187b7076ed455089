//! Which pages of other origins may read an answer: the CORS protocol of the Fetch standard.
//!
//! It is a browser's business. A request of an origin that is not allowed is answered like any other, since
//! what it may do hangs on the tokens that it brings; nothing goes along by itself but the cookie of `REFRESH_COOKIE`,
//! which looks after itself (see `same_site`). With that setting alone a listed origin may send cookies along.

use super::answer::Answer;
use super::cookie;
use super::endpoint::Endpoint;
use crate::config::AllowedOrigins;

/// What a page has to ask for before it sends it. `Accept` needs no leave.
const REQUEST_HEADERS: &str = "Authorization, Content-Type";

/// What a page can read of an answer beyond its status, body and the headers that anybody may.
const EXPOSED: &str = "Hallpass-Reason, Hallpass-Request-Id, Retry-After, WWW-Authenticate";

/// How long a browser remembers a preflight, in seconds: the longest that Chromium does.
const MAX_AGE: &str = "7200";

/// What is said of origins in an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cors<'a> {
    /// Nothing.
    Untold,
    /// That it could be another for another origin, for caches to know.
    Varies,
    /// That this origin may read it.
    Readable(&'a str),
    /// That this origin may send such a request. It is all that is answered.
    Preflight(&'a str, Endpoint),
}

impl<'a> Cors<'a> {
    /// | endpoint | `ALLOWED_ORIGINS` | `Origin` | preflight | |
    /// |---|---|---|---|---|
    /// | of public keys, metadata | any | any | either | `Untold`: it says by itself that everybody may |
    /// | other, or none | none | any | either | `Untold` |
    /// | other, or none | some | none, or not exactly one of them | either | `Varies` |
    /// | other | some | one of them | yes | `Preflight` |
    /// | none | some | one of them | yes | `Readable`: there is nothing here that could be asked |
    /// | other, or none | some | one of them | no | `Readable` |
    ///
    /// What is told is the same with `REFRESH_COOKIE`, and with `Readable` and `Preflight` that the page may send
    /// cookies along, with the latter also the header that it needs for that. Never where everybody may read.
    pub(super) fn decide(
        endpoint: Option<Endpoint>,
        allowed: &AllowedOrigins,
        origin: Option<&'a str>,
        preflight: bool,
    ) -> Self {
        if allowed.is_empty() || endpoint.is_some_and(Endpoint::is_for_every_origin) {
            return Self::Untold;
        }
        let origin = origin.filter(|origin| allowed.contains(origin));
        match (origin, endpoint) {
            (None, _) => Self::Varies,
            (Some(origin), Some(endpoint)) if preflight => Self::Preflight(origin, endpoint),
            (Some(origin), _) => Self::Readable(origin),
        }
    }

    /// The answer, with that in its headers; `with_cookie`: the setting `REFRESH_COOKIE`.
    pub(super) fn told(self, answer: Answer, with_cookie: bool) -> Answer {
        let allow = |origin| ("Access-Control-Allow-Origin", origin);
        let mut headers = match self {
            Self::Untold => return answer,
            Self::Varies => vec![],
            Self::Readable(origin) => {
                vec![
                    allow(origin.to_owned()),
                    ("Access-Control-Expose-Headers", EXPOSED.to_owned()),
                ]
            }
            Self::Preflight(origin, endpoint) => vec![
                allow(origin.to_owned()),
                ("Access-Control-Allow-Methods", endpoint.allow()),
                ("Access-Control-Allow-Headers", request_headers(with_cookie)),
                ("Access-Control-Max-Age", MAX_AGE.to_owned()),
            ],
        };
        if with_cookie && !headers.is_empty() {
            headers.push(("Access-Control-Allow-Credentials", "true".to_owned()));
        }
        let with = |answer: Answer, (name, value)| answer.with(name, value);
        headers.into_iter().fold(answer.varying_by_origin(), with)
    }
}

fn request_headers(with_cookie: bool) -> String {
    if with_cookie {
        format!("{REQUEST_HEADERS}, {}", cookie::HEADER)
    } else {
        REQUEST_HEADERS.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::super::endpoint::Plain;
    use super::*;

    const APP: &str = "https://app.example.com";
    const LOCAL: &str = "http://localhost:5173";

    fn allowed(origins: &[&str]) -> AllowedOrigins {
        let origins = origins.iter().map(|origin| (*origin).to_owned());
        AllowedOrigins::parse(origins.collect()).unwrap()
    }

    const SHARED: [Option<Endpoint>; 4] = [
        Some(Endpoint::Refresh),
        Some(Endpoint::Session),
        Some(Endpoint::Plain(Plain::OauthToken)),
        Some(Endpoint::Plain(Plain::Health)),
    ];
    const FOR_EVERYBODY: [Option<Endpoint>; 2] = [
        Some(Endpoint::Plain(Plain::Jwks)),
        Some(Endpoint::Plain(Plain::Metadata)),
    ];

    #[test]
    fn what_is_for_everybody_and_a_worker_without_origins_say_nothing_more() {
        let (none, some) = (allowed(&[]), allowed(&[APP]));
        for preflight in [false, true] {
            for origin in [None, Some(APP), Some("https://evil.test")] {
                for endpoint in FOR_EVERYBODY {
                    assert_eq!(
                        Cors::decide(endpoint, &some, origin, preflight),
                        Cors::Untold
                    );
                }
                for endpoint in SHARED.into_iter().chain([None]) {
                    assert_eq!(
                        Cors::decide(endpoint, &none, origin, preflight),
                        Cors::Untold
                    );
                }
            }
        }
    }

    #[test]
    fn an_origin_that_is_not_exactly_one_of_them_gets_nothing_but_what_caches_need() {
        let allowed = allowed(&[APP, LOCAL]);
        for origin in [
            None,
            Some(""),
            Some("null"),
            Some("*"),
            Some("https://app.example.com.evil.test"),
            Some("https://evil.app.example.com"),
            Some("https://app.example.com:8443"),
            Some("http://app.example.com"),
            Some("https://APP.example.com"),
            Some("https://app.example.com, http://localhost:5173"),
        ] {
            for endpoint in SHARED.into_iter().chain([None]) {
                for preflight in [false, true] {
                    let cors = Cors::decide(endpoint, &allowed, origin, preflight);
                    assert_eq!(cors, Cors::Varies, "{origin:?}");
                }
            }
        }
    }

    #[test]
    fn an_allowed_origin_reads_every_answer_and_its_preflights_are_answered_where_an_endpoint_is() {
        let allowed = allowed(&[APP, LOCAL]);
        for origin in [APP, LOCAL] {
            for endpoint in SHARED {
                let decide = |preflight| Cors::decide(endpoint, &allowed, Some(origin), preflight);
                assert_eq!(decide(false), Cors::Readable(origin));
                assert_eq!(decide(true), Cors::Preflight(origin, endpoint.unwrap()));
            }
            for preflight in [false, true] {
                let cors = Cors::decide(None, &allowed, Some(origin), preflight);
                assert_eq!(cors, Cors::Readable(origin));
            }
        }
    }
}
