//! Simple JWT's six endpoints.

use hallpass_core::Kind;
use serde::Serialize;

use super::answer::Answer;
use super::body::Body;
use super::cookie::Delivery;
use super::door;
use super::endpoint::Endpoint;
use super::fields::{Fields, Rule};
use super::incoming::Incoming;
use super::refusals;
use super::second_factor;
use crate::fault::Fault;
use crate::objects::subject::message::FormName;
use crate::use_cases::sign_in::{Credentials, Outcome};
use crate::use_cases::{Failure, Refusal, Tokens, World, check, refresh, revoke, sign_in};

/// A pair as sign-in answers it.
#[derive(Serialize)]
pub(super) struct Pair {
    /// `None`: it is in the cookie.
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh: Option<String>,
    access: String,
}

impl Pair {
    /// The answer to whoever has just signed in.
    pub(super) fn answer(access: String, refresh: Option<String>) -> Answer {
        Answer::secret(200, &Self { refresh, access })
    }
}

/// A pair as refresh answers it: the other way round, and without what did not change or is in the cookie.
#[derive(Serialize)]
struct Refreshed {
    access: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh: Option<String>,
}

impl Refreshed {
    fn answer(access: String, refresh: Option<String>) -> Answer {
        Answer::secret(200, &Self { access, refresh })
    }
}

#[derive(Serialize)]
struct Sliding {
    token: String,
}

impl Sliding {
    fn answer(tokens: Tokens) -> Answer {
        let token = tokens.bearer;
        Answer::secret(200, &Self { token })
    }
}

#[derive(Serialize)]
struct Done {}

/// `POST /api/token/`, `/api/token/sliding/`:
///
/// 1. with `REFRESH_COOKIE`, a request that may not use the cookie → 403, see [`Delivery::of`];
/// 2. a body that cannot be read, a field that is missing or blank → 400, 413, 415;
/// 3. the password was guessed too often → 429, and when it may be tried again;
/// 4. no active account with these credentials → 401;
/// 5. a code is asked for as well → 401, see [`second_factor`];
/// 6. otherwise 200 with a pair, or one sliding token.
pub(super) async fn obtain(
    endpoint: Endpoint,
    world: &World,
    incoming: &Incoming,
) -> Result<Answer, Fault> {
    let delivery = match Delivery::of(world, incoming) {
        Ok(delivery) => delivery,
        Err(answer) => return Ok(answer), // 1
    };
    let body = match Body::of(incoming).await? {
        Ok(body) => body,
        Err(answer) => return Ok(answer), // 2
    };
    let mut fields = Fields::of(&body);
    let credentials = Credentials {
        email: fields.text(&world.config.username_field, Rule::REQUIRED),
        password: fields.text("password", Rule::REQUIRED),
    };
    if let Err(answer) = fields.finish() {
        return Ok(answer); // 2
    }
    let form = if endpoint == Endpoint::SlidingObtain {
        FormName::Sliding
    } else {
        FormName::Pair
    };
    let caller = door::caller(incoming);
    match sign_in::sign_in(world, credentials, caller, form, incoming.client()).await? {
        Outcome::TooOften(wait) => Ok(door::throttled(wait)), // 3
        Outcome::NoAccount => Ok(refusals::no_active_account(world)), // 4
        Outcome::CodeNeeded(challenge) => Ok(second_factor::asked(world, &challenge)), // 5
        Outcome::SignedIn(tokens) => signed_in(&delivery, form, tokens), // 6
    }
}

/// What whoever has just signed in is given: a pair, or one sliding token.
pub(super) fn signed_in(
    delivery: &Delivery,
    form: FormName,
    tokens: Tokens,
) -> Result<Answer, Fault> {
    match form {
        FormName::Pair => delivery.hand_over(tokens, Pair::answer),
        FormName::Sliding => Ok(Sliding::answer(tokens)),
    }
}

/// `POST /api/token/refresh/`:
///
/// 1. with `REFRESH_COOKIE`, a request that may not use the cookie → 403, see [`Delivery::of`];
/// 2. a body that cannot be read, no token → 400, 401, 413, 415, see [`Delivery::presented`];
/// 3. a token that is refused → 401, see [`refresh::refresh`], and [`refusals::explained`] why;
/// 4. otherwise 200 with what comes next.
pub(super) async fn refresh(world: &World, incoming: &Incoming) -> Result<Answer, Fault> {
    let delivery = match Delivery::of(world, incoming) {
        Ok(delivery) => delivery,
        Err(answer) => return Ok(answer), // 1
    };
    let token = match Body::of(incoming).await? {
        Ok(body) => delivery.presented(world, &body, "refresh"),
        Err(answer) => Err(answer),
    };
    let token = match token {
        Ok(token) => token,
        Err(answer) => return Ok(answer), // 2
    };
    match refresh::refresh(world, &token, Kind::Refresh).await {
        Err(Failure::Refused(refusal)) => {
            let answer = refusals::explained(refusals::token(world, refusal), refusal);
            Ok(delivery.refused(answer, refusal)) // 3
        }
        Err(Failure::Fault(fault)) => Err(fault),
        Ok(tokens) => delivery.hand_over(tokens, Refreshed::answer), // 4
    }
}

/// `POST /api/token/sliding/refresh/`:
///
/// 1. a body that cannot be read, a field that is missing or blank → 400, 413, 415;
/// 2. a token that is refused → 401, see [`refresh::refresh`], and [`refusals::explained`] why;
/// 3. otherwise 200 with what comes next.
pub(super) async fn sliding_refresh(world: &World, incoming: &Incoming) -> Result<Answer, Fault> {
    let token = match one_field(incoming, "token").await? {
        Ok(token) => token,
        Err(answer) => return Ok(answer), // 1
    };
    match refresh::refresh(world, &token, Kind::Sliding).await {
        Err(Failure::Refused(refusal)) => {
            let answer = refusals::token(world, refusal);
            Ok(refusals::explained(answer, refusal)) // 2
        }
        Err(Failure::Fault(fault)) => Err(fault),
        Ok(tokens) => Ok(Sliding::answer(tokens)), // 3
    }
}

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
/// 1. with `REFRESH_COOKIE`, a request that may not use the cookie → 403, see [`Delivery::of`];
/// 2. a body that cannot be read, no token → 400, 401, 413, 415, see [`Delivery::presented`];
/// 3. a token that is refused → 401; a spent one ends its session all the same;
/// 4. otherwise its session has ended: 200, an empty object.
pub(super) async fn blacklist(world: &World, incoming: &Incoming) -> Result<Answer, Fault> {
    let delivery = match Delivery::of(world, incoming) {
        Ok(delivery) => delivery,
        Err(answer) => return Ok(answer), // 1
    };
    let token = match Body::of(incoming).await? {
        Ok(body) => delivery.presented(world, &body, "refresh"),
        Err(answer) => Err(answer),
    };
    let token = match token {
        Ok(token) => token,
        Err(answer) => return Ok(answer), // 2
    };
    match revoke::give_back(world, &token, None).await {
        Ok(()) => Ok(delivery.cleared(Answer::json(200, &Done {}))), // 4
        Err(Failure::Refused(refusal)) => {
            Ok(delivery.refused(refusals::token(world, refusal), refusal)) // 3
        }
        Err(Failure::Fault(fault)) => Err(fault),
    }
}
