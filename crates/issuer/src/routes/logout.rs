//! Ending sessions, as the tutorials have it.

use serde::Serialize;

use super::answer::Answer;
use super::body::Body;
use super::fields::{Fields, Rule};
use super::incoming::Incoming;
use super::refusals;
use crate::fault::Fault;
use crate::use_cases::check::Bearer;
use crate::use_cases::{World, revoke};

#[derive(Serialize)]
struct Status {
    status: &'static str,
}

/// `POST /api/v1/users/reset-all-token/`: all sessions of the bearer have ended, 205 without a
/// body.
pub(super) async fn reset_all(world: &World, bearer: &Bearer) -> Result<Answer, Fault> {
    revoke::end_all(world, &bearer.sub).await?;
    Ok(Answer::empty(205))
}

/// `POST /logout_token/` with `{"all": …}` or `{"refresh_token": …}`:
///
/// 1. a body that cannot be read → 400, 413, 415;
/// 2. `all` is anything that Python takes for true: all sessions of the bearer have ended, 200;
/// 3. `refresh_token` missing or blank → 400;
/// 4. a token that is refused, or somebody else's → 401;
/// 5. otherwise its session has ended, 200.
pub(super) async fn logout(
    world: &World,
    incoming: &Incoming,
    bearer: &Bearer,
) -> Result<Answer, Fault> {
    let body = match Body::of(incoming).await? {
        Ok(body) => body,
        Err(answer) => return Ok(answer), // 1
    };
    if body.field("all").is_truthy() {
        revoke::end_all(world, &bearer.sub).await?;
        let status = "OK, goodbye, all refresh tokens blacklisted";
        return Ok(Answer::json(200, &Status { status })); // 2
    }
    let mut fields = Fields::of(&body);
    let token = fields.text("refresh_token", Rule::REQUIRED);
    if let Err(answer) = fields.finish() {
        return Ok(answer); // 3
    }
    match revoke::give_back(world, &token, Some(&bearer.sub)).await {
        Ok(()) => Ok(Answer::json(
            200,
            &Status {
                status: "OK, goodbye",
            },
        )), // 5
        Err(failure) => refusals::failure(world, failure), // 4
    }
}
