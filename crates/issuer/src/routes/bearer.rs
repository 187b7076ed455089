//! Who asks: the `Authorization` header (RFC 6750 section 2.1).

use super::answer::Answer;
use super::endpoint::{Access, Endpoint};
use super::incoming::Incoming;
use super::refusals;
use crate::boundary::HeaderName;
use crate::fault::Fault;
use crate::use_cases::World;
use crate::use_cases::check::{self, Bearer, BearerFailure};

/// Finds out who asks, as far as the endpoint wants to know; otherwise the answer to give.
pub(super) async fn authenticate(
    endpoint: Endpoint,
    world: &World,
    incoming: &Incoming,
) -> Result<Result<Option<Bearer>, Answer>, Fault> {
    let access = endpoint.access(incoming.method());
    if access == Access::Public {
        return Ok(Ok(None));
    }
    let header = incoming
        .header(HeaderName::Authorization)
        .unwrap_or_default();
    match read(&header, &world.config.auth_header_types) {
        Header::None if access == Access::BearerIfAny => Ok(Ok(None)),
        Header::None => Ok(Err(not_provided(world))),
        Header::Malformed => Ok(Err(malformed(world))),
        Header::Bearer(token) => {
            match check::authenticate(world, token, access == Access::BearerAlsoEnded).await {
                Ok(bearer) => Ok(Ok(Some(bearer))),
                Err(failure) => refusals::bearer(world, failure).map(Err),
            }
        }
    }
}

/// `GET /api/check/`: 200 for a bearer token that is good as far as the blacklist knows, otherwise
/// 401; 503 when the blacklist cannot be read.
pub(super) async fn check(world: &World, incoming: &Incoming) -> Result<Answer, Fault> {
    #[derive(serde::Serialize)]
    struct Good {}
    let header = incoming
        .header(HeaderName::Authorization)
        .unwrap_or_default();
    let token = match read(&header, &world.config.auth_header_types) {
        Header::None => return Ok(not_provided(world)),
        Header::Malformed => return Ok(malformed(world)),
        Header::Bearer(token) => token,
    };
    match check::check_by_blacklist(world, token).await {
        Ok(()) => Ok(Answer::secret(200, &Good {})),
        Err(BearerFailure::Failed(fault)) => {
            Ok(Answer::detail(503, "The blacklist cannot be read.").with_fault(fault))
        }
        Err(failure) => refusals::bearer(world, failure),
    }
}

fn not_provided(world: &World) -> Answer {
    let answer = Answer::detail(401, "Authentication credentials were not provided.");
    refusals::challenged(world, answer)
}

fn malformed(world: &World) -> Answer {
    let detail = "Authorization header must contain two space-delimited values";
    refusals::challenged(
        world,
        Answer::coded(401, detail, "bad_authorization_header"),
    )
}

#[derive(Debug, PartialEq, Eq)]
enum Header<'a> {
    /// Nothing in a scheme of ours.
    None,
    /// A scheme of ours, and not exactly one token.
    Malformed,
    Bearer(&'a str),
}

/// Schemes are compared without regard to case (RFC 7235 section 2.1).
fn read<'a>(header: &'a str, schemes: &[String]) -> Header<'a> {
    let mut words = header.split_ascii_whitespace();
    let ours = |word: &str| {
        schemes
            .iter()
            .any(|scheme| scheme.eq_ignore_ascii_case(word))
    };
    match (
        words.next().filter(|word| ours(word)),
        words.next(),
        words.next(),
    ) {
        (None, _, _) => Header::None,
        (Some(_), Some(token), None) => Header::Bearer(token),
        (Some(_), _, _) => Header::Malformed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_a_scheme_of_ours_and_one_token() {
        let schemes = ["Bearer".to_owned(), "JWT".to_owned()];
        let cases = [
            ("", Header::None),
            ("x.y.z", Header::None),
            ("Basic abc", Header::None),
            ("Bearer: x", Header::None),
            ("Bearer\u{a0}x", Header::None),
            ("Bearer", Header::Malformed),
            ("Bearer ", Header::Malformed),
            ("Bearer x y", Header::Malformed),
            ("Bearer Bearer x", Header::Malformed),
            ("Bearer x", Header::Bearer("x")),
            ("bEARER \t x ", Header::Bearer("x")),
            ("JWT x", Header::Bearer("x")),
        ];
        for (header, expected) in cases {
            assert_eq!(read(header, &schemes), expected, "{header}");
        }
    }
}
