//! Ending sessions, as the tutorials have it.

use serde::Serialize;

use super::answer::Answer;
use super::body::Body;
use super::cookie::{Delivery, Ended};
use super::incoming::Incoming;
use super::refusals;
use crate::fault::Fault;
use crate::use_cases::check::Bearer;
use crate::use_cases::{Failure, World, revoke};

#[derive(Serialize)]
struct Status {
    status: &'static str,
}

/// `POST /api/v1/users/reset-all-token/`: all sessions of the bearer have ended, 205 without a
/// body.
pub(super) async fn reset_all(
    world: &World,
    incoming: &Incoming,
    bearer: &Bearer,
) -> Result<Answer, Fault> {
    revoke::end_all(world, &bearer.sub).await?;
    let delivery = Delivery::seen(world, incoming);
    Ok(delivery.after(Ended::AllOf(&bearer.sub), Answer::empty(205)))
}

/// `POST /logout_token/` with `{"all": …}` or `{"refresh_token": …}`:
///
/// 1. with `REFRESH_COOKIE`, a request that may not use the cookie → 403, see [`Delivery::of`];
/// 2. a body that cannot be read → 400, 413, 415;
/// 3. `all` is anything that Python takes for true: all sessions of the bearer have ended, 200;
/// 4. no token → 400, 401, see [`Delivery::presented`];
/// 5. a token that is refused, or somebody else's → 401;
/// 6. otherwise its session has ended, 200.
pub(super) async fn logout(
    world: &World,
    incoming: &Incoming,
    bearer: &Bearer,
) -> Result<Answer, Fault> {
    let delivery = match Delivery::of(world, incoming) {
        Ok(delivery) => delivery,
        Err(answer) => return Ok(answer), // 1
    };
    let body = match Body::of(incoming).await? {
        Ok(body) => body,
        Err(answer) => return Ok(answer), // 2
    };
    let everything = Ended::AllOf(&bearer.sub);
    if body.field("all").is_truthy() {
        revoke::end_all(world, &bearer.sub).await?;
        let status = "OK, goodbye, all refresh tokens blacklisted";
        return Ok(delivery.after(everything, Answer::json(200, &Status { status }))); // 3
    }
    let token = match delivery.presented(world, &body, "refresh_token") {
        Ok(token) => token,
        Err(answer) => return Ok(answer), // 4
    };
    match revoke::give_back(world, &token, Some(&bearer.sub)).await {
        Ok(()) => {
            let status = "OK, goodbye";
            Ok(delivery.cleared(Answer::json(200, &Status { status }))) // 6
        }
        Err(Failure::Refused(refusal)) => {
            let answer = refusals::token(world, refusal);
            Ok(if refusals::is_over(refusal) {
                // To the bearer somebody else's is over, too.
                delivery.after(everything, answer)
            } else {
                answer
            }) // 5
        }
        Err(Failure::Fault(fault)) => Err(fault),
    }
}
