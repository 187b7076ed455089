//! Where a browser keeps its refresh token: with the page, which finds it in the body of an answer, or with
//! `REFRESH_COOKIE` in a cookie that no script can read.

use hallpass_core::Untrusted;
use hallpass_core::json::Object;

use super::answer::Answer;
use super::body::{Body, Field};
use super::fields::{self, Fields, Rule};
use super::incoming::Incoming;
use super::refusals;
use super::same_site::{self, Asked, Verdict};
use crate::adapters::clock;
use crate::boundary::HeaderName;
use crate::fault::Fault;
use crate::use_cases::{Refusal, Tokens, World};

/// The cookie. Browsers take one of such a name only by https, for this very host and from it, so no
/// neighbour can put another in its place.
const NAME: &str = "__Host-hallpass_refresh";

/// How it is kept. `Strict`: it is for requests of pages alone, which come from the same site or not at all, so it
/// need not go along when somebody follows a link.
const KEPT: &str = "Path=/; Secure; HttpOnly; SameSite=Strict";

/// The header by which a page says that it means the cookie; its value is `1`.
pub(super) const HEADER: &str = "Hallpass-Cookie";

/// The longest cookie that browsers keep, name and value, in bytes.
const LONGEST: usize = 4096;

const IN_BODY: &str = "This Worker takes refresh tokens from their cookie alone.";

/// How a refresh token comes and goes. There is no other way to one, so that nobody who hands over a pair
/// forgets who may ask for it.
pub(super) enum Delivery {
    /// In the body.
    Body,
    /// In the cookie, and this is what it brings.
    Cookie(Option<String>),
}

/// What somebody has ended.
#[derive(Clone, Copy)]
pub(super) enum Ended<'a> {
    Session(&'a str),
    AllOf(&'a str),
}

impl Delivery {
    /// How this request's comes and goes. With the cookie, a request that may not use it is refused with 403, by
    /// [`same_site::decide`].
    pub(super) fn of(world: &World, incoming: &Incoming) -> Result<Self, Answer> {
        let seen = Self::seen(world, incoming);
        if matches!(seen, Self::Body) {
            return Ok(seen);
        }
        let header = incoming.header(HeaderName::HallpassCookie);
        let origin = incoming.header(HeaderName::Origin);
        let fetch_site = incoming.header(HeaderName::SecFetchSite);
        let asked = Asked {
            header: header.as_deref(),
            origin: origin.as_deref(),
            fetch_site: fetch_site.as_deref(),
        };
        match same_site::decide(asked, incoming.origin(), &world.config.allowed_origins) {
            Verdict::May => Ok(seen),
            Verdict::HeaderMissing => {
                let detail = format!("The header {HEADER} is missing: 1.");
                Err(Answer::coded(403, &detail, "cookie_header_missing"))
            }
            Verdict::OriginRefused => {
                let detail = "Requests of this origin may not use the cookie.";
                Err(Answer::coded(403, detail, "cookie_origin_refused"))
            }
        }
    }

    /// The same where the bearer alone decides, and all that may become of the cookie is that it is cleared.
    pub(super) fn seen(world: &World, incoming: &Incoming) -> Self {
        if !world.config.refresh_cookie {
            return Self::Body;
        }
        let cookies = incoming.header(HeaderName::Cookie).unwrap_or_default();
        Self::Cookie(value_in(&cookies).map(ToOwned::to_owned))
    }

    /// The refresh token that is presented, in this field where it comes in the body:
    ///
    /// | | field | cookie | |
    /// |---|---|---|---|
    /// | `Body` | missing, blank, no text | – | 400 |
    /// | `Body` | a text | – | that |
    /// | `Cookie` | there, whatever it is | any | 400: whoever holds a token in its hands has it from elsewhere |
    /// | `Cookie` | absent | none, or more than one | 401 |
    /// | `Cookie` | absent | one | that |
    pub(super) fn presented(
        &self,
        world: &World,
        body: &Body,
        field: &str,
    ) -> Result<String, Answer> {
        match (self, body.field(field)) {
            (Self::Body, _) => {
                let mut fields = Fields::of(body);
                let token = fields.text(field, Rule::REQUIRED);
                fields.finish().map(|()| token)
            }
            (Self::Cookie(_), Field::Json(_) | Field::Part(_)) => {
                Err(fields::error(field, IN_BODY).with_code("refresh_token_in_body"))
            }
            (Self::Cookie(Some(token)), Field::Absent) => Ok(token.clone()),
            (Self::Cookie(None), Field::Absent) => {
                let detail = "No refresh token came along.";
                let answer = Answer::coded(401, detail, "no_refresh_cookie");
                Err(refusals::challenged(world, answer))
            }
        }
    }

    /// The answer with which somebody is handed new tokens. `answer` makes it of the bearer token and of the
    /// refresh token, if that goes into the body.
    pub(super) fn hand_over(
        &self,
        tokens: Tokens,
        answer: impl FnOnce(String, Option<String>) -> Answer,
    ) -> Result<Answer, Fault> {
        let Tokens { bearer, refresh } = tokens;
        match (self, refresh) {
            (Self::Body, refresh) => Ok(answer(bearer, refresh)),
            // It is not rotated, so what the browser has is still good.
            (Self::Cookie(_), None) => Ok(answer(bearer, None)),
            (Self::Cookie(_), Some(token)) => {
                let cookie = kept(&token)?;
                Ok(answer(bearer, None).with("Set-Cookie", cookie))
            }
        }
    }

    /// The answer to a token that is refused. The cookie is cleared where its session is over, and nowhere else:
    /// a page that has lost a race would clear the one that its winner has just got.
    pub(super) fn refused(&self, answer: Answer, refusal: Refusal) -> Answer {
        if refusals::is_over(refusal) {
            self.cleared(answer)
        } else {
            answer
        }
    }

    /// The answer to whoever has ended this. The cookie is cleared if it is of that, for it may be of another session.
    pub(super) fn after(&self, ended: Ended<'_>, answer: Answer) -> Answer {
        match self {
            Self::Cookie(Some(token)) if is_of(token, ended) => self.cleared(answer),
            Self::Body | Self::Cookie(_) => answer,
        }
    }

    /// The answer with which the cookie is cleared, if one came.
    pub(super) fn cleared(&self, answer: Answer) -> Answer {
        match self {
            Self::Cookie(Some(_)) => answer.with("Set-Cookie", set("", 0)),
            Self::Body | Self::Cookie(None) => answer,
        }
    }
}

/// The cookie with a refresh token, for as long as that lives.
fn kept(token: &str) -> Result<String, Fault> {
    // A browser would drop it without a word, and the session would be lost at its first refresh.
    if NAME.len() + token.len() > LONGEST {
        return Err(Fault::new("a refresh token is too long for a cookie"));
    }
    let exp = said(token, |payload| {
        payload.get("exp")?.text().parse::<u64>().ok()
    });
    let exp = exp.ok_or_else(|| Fault::new("a refresh token of ours has no end"))?;
    Ok(set(token, exp.saturating_sub(clock::seconds())))
}

fn set(value: &str, seconds: u64) -> String {
    format!("{NAME}={value}; {KEPT}; Max-Age={seconds}")
}

/// The value of our cookie in a `Cookie` header. One that stands twice is none: no browser would send it.
fn value_in(cookies: &str) -> Option<&str> {
    let mut values = cookies.split(';').filter_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        (name.trim() == NAME).then_some(value.trim())
    });
    match (values.next(), values.next()) {
        (Some(value), None) if !value.is_empty() => Some(value),
        _ => None,
    }
}

/// Whether a token says that it is of what was ended. Nothing is let in by it, so its signature is not asked.
fn is_of(token: &str, ended: Ended<'_>) -> bool {
    let (name, expected) = match ended {
        Ended::Session(sid) => ("sid", sid),
        Ended::AllOf(sub) => ("sub", sub),
    };
    said(token, |payload| {
        Some(payload.get(name)?.string()? == expected)
    })
    .unwrap_or(false)
}

fn said<T>(token: &str, what: impl FnOnce(&Object) -> Option<T>) -> Option<T> {
    what(Untrusted::parse(token).ok()?.payload())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_among_others_and_one_that_stands_twice_is_none() {
        let cases = [
            ("", None),
            ("__Host-hallpass_refresh", None),
            ("__Host-hallpass_refresh=", None),
            ("__Host-hallpass_refresh=a.b.c", Some("a.b.c")),
            ("a=b; __Host-hallpass_refresh=a.b.c; c=d", Some("a.b.c")),
            ("a=b;__Host-hallpass_refresh=a.b.c;c", Some("a.b.c")),
            ("x__Host-hallpass_refresh=a.b.c", None),
            ("__host-hallpass_refresh=a.b.c", None),
            ("hallpass_refresh=a.b.c", None),
            ("a=__Host-hallpass_refresh=a.b.c", None),
            ("__Host-hallpass_refresh=a; __Host-hallpass_refresh=b", None),
            ("__Host-hallpass_refresh=a; __Host-hallpass_refresh=a", None),
        ];
        for (header, expected) in cases {
            assert_eq!(value_in(header), expected, "{header}");
        }
    }

    #[test]
    fn a_token_is_of_a_session_or_of_a_subject_by_what_it_says() {
        // {"alg":"HS256"}.{"sid":"s1","sub":"ann"}
        let token = "eyJhbGciOiJIUzI1NiJ9.eyJzaWQiOiJzMSIsInN1YiI6ImFubiJ9.AA";
        assert!(is_of(token, Ended::Session("s1")));
        assert!(is_of(token, Ended::AllOf("ann")));
        assert!(!is_of(token, Ended::Session("ann")));
        assert!(!is_of(token, Ended::AllOf("s1")));
        for other in ["", "x", "a.b.c"] {
            assert!(!is_of(other, Ended::Session("")), "{other}");
        }
    }
}
