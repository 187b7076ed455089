//! Simple JWT's six endpoints.

use hallpass_core::Kind;
use serde::Serialize;

use super::answer::Answer;
use super::body::Body;
use super::endpoint::Endpoint;
use super::fields::{Fields, Rule};
use super::incoming::Incoming;
use super::refusals;
use crate::fault::Fault;
use crate::objects::subject::message::FormName;
use crate::use_cases::sign_in::Credentials;
use crate::use_cases::{Failure, Refusal, Tokens, World, check, refresh, revoke, sign_in};

/// A pair as sign-in answers it.
#[derive(Serialize)]
pub(super) struct Pair {
    refresh: String,
    access: String,
}

impl Pair {
    /// The answer to whoever has just signed in.
    pub(super) fn answer(tokens: Tokens) -> Answer {
        let pair = Self {
            refresh: tokens.refresh.unwrap_or_default(),
            access: tokens.bearer,
        };
        Answer::secret(200, &pair)
    }
}

/// A pair as refresh answers it: the other way round, and without what did not change.
#[derive(Serialize)]
struct Refreshed {
    access: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh: Option<String>,
}

#[derive(Serialize)]
struct Sliding {
    token: String,
}

#[derive(Serialize)]
struct Done {}

/// Reads the one field of a body.
async fn one_field(incoming: &Incoming, name: &str) -> Result<Result<String, Answer>, Fault> {
    let body = match Body::of(incoming).await? {
        Ok(body) => body,
        Err(answer) => return Ok(Err(answer)),
    };
    let mut fields = Fields::of(&body);
    let text = fields.text(name, Rule::REQUIRED);
    Ok(fields.finish().map(|()| text))
}

/// `POST /api/token/`, `/api/token/sliding/`:
///
/// 1. a body that cannot be read, a field that is missing or blank → 400, 413, 415;
/// 2. no active account with these credentials → 401;
/// 3. otherwise 200 with a pair, or one sliding token.
pub(super) async fn obtain(
    endpoint: Endpoint,
    world: &World,
    incoming: &Incoming,
) -> Result<Answer, Fault> {
    let body = match Body::of(incoming).await? {
        Ok(body) => body,
        Err(answer) => return Ok(answer), // 1
    };
    let mut fields = Fields::of(&body);
    let credentials = Credentials {
        email: fields.text(&world.config.username_field, Rule::REQUIRED),
        password: fields.text("password", Rule::REQUIRED),
    };
    if let Err(answer) = fields.finish() {
        return Ok(answer); // 1
    }
    let form = if endpoint == Endpoint::SlidingObtain {
        FormName::Sliding
    } else {
        FormName::Pair
    };
    match sign_in::sign_in(world, credentials, form, incoming.client()).await? {
        None => {
            let answer = Answer::detail(401, "No active account found with the given credentials");
            let answer = answer.with_code("no_active_account");
            Ok(refusals::challenged(world, answer)) // 2
        }
        Some(tokens) if endpoint == Endpoint::SlidingObtain => {
            Ok(Answer::secret(
                200,
                &Sliding {
                    token: tokens.bearer,
                },
            )) // 3
        }
        Some(tokens) => Ok(Pair::answer(tokens)), // 3
    }
}

/// `POST /api/token/refresh/`, `/api/token/sliding/refresh/`:
///
/// 1. a body that cannot be read, a field that is missing or blank → 400, 413, 415;
/// 2. a token that is refused → 401, see [`refresh::refresh`], and [`refusals::explained`] why;
/// 3. otherwise 200 with what comes next.
pub(super) async fn refresh(
    endpoint: Endpoint,
    world: &World,
    incoming: &Incoming,
) -> Result<Answer, Fault> {
    let sliding = endpoint == Endpoint::SlidingRefresh;
    let (name, kind) = if sliding {
        ("token", Kind::Sliding)
    } else {
        ("refresh", Kind::Refresh)
    };
    let token = match one_field(incoming, name).await? {
        Ok(token) => token,
        Err(answer) => return Ok(answer), // 1
    };
    match refresh::refresh(world, &token, kind).await {
        Err(Failure::Refused(refusal)) => {
            let answer = refusals::token(world, refusal);
            Ok(refusals::explained(answer, refusal)) // 2
        }
        Err(Failure::Fault(fault)) => Err(fault),
        Ok(tokens) if sliding => Ok(Answer::secret(
            200,
            &Sliding {
                token: tokens.bearer,
            },
        )), // 3
        Ok(Tokens { bearer, refresh }) => {
            Ok(Answer::secret(
                200,
                &Refreshed {
                    access: bearer,
                    refresh,
                },
            )) // 3
        }
    }
}

/// `POST /api/token/verify/`:
///
/// 1. a body that cannot be read, a field that is missing or blank → 400, 413, 415;
/// 2. a token that was called back → 400, a form of its own;
/// 3. one that is refused otherwise → 401;
/// 4. otherwise 200, an empty object.
pub(super) async fn verify(world: &World, incoming: &Incoming) -> Result<Answer, Fault> {
    #[derive(Serialize)]
    struct Errors {
        non_field_errors: [&'static str; 1],
    }
    let token = match one_field(incoming, "token").await? {
        Ok(token) => token,
        Err(answer) => return Ok(answer), // 1
    };
    match check::verify(world, &token).await {
        Ok(()) => Ok(Answer::json(200, &Done {})), // 4
        Err(Failure::Refused(
            refusal @ (Refusal::CalledBack(_) | Refusal::Deactivated | Refusal::Deleted),
        )) => {
            let message = refusals::message(Refusal::CalledBack(None));
            let errors = Errors {
                non_field_errors: [message],
            };
            Ok(Answer::json(400, &errors).with_refusal(refusal)) // 2
        }
        Err(failure) => refusals::failure(world, failure), // 3
    }
}

/// `POST /api/token/blacklist/`:
///
/// 1. a body that cannot be read, a field that is missing or blank → 400, 413, 415;
/// 2. a token that is refused → 401; a spent one ends its session all the same;
/// 3. otherwise its session has ended: 200, an empty object.
pub(super) async fn blacklist(world: &World, incoming: &Incoming) -> Result<Answer, Fault> {
    let token = match one_field(incoming, "refresh").await? {
        Ok(token) => token,
        Err(answer) => return Ok(answer), // 1
    };
    match revoke::give_back(world, &token, None).await {
        Ok(()) => Ok(Answer::json(200, &Done {})),         // 3
        Err(failure) => refusals::failure(world, failure), // 2
    }
}
