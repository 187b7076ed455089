//! Resetting a forgotten password.

use super::answer::Answer;
use super::body::Body;
use super::door;
use super::fields::{Fields, Rule};
use super::incoming::Incoming;
use crate::fault::Fault;
use crate::use_cases::World;
use crate::use_cases::reset::{self, Outcome};

/// `POST /api/v1/users/password/reset/` with `{"email"}`:
///
/// 1. a body that cannot be read, a field that breaks a rule → 400, 413, 415;
/// 2. the caller asks too much → 429, and when it may ask again;
/// 3. otherwise 204, whoever has the address, or nobody.
pub(super) async fn ask(world: &World, incoming: &Incoming) -> Result<Answer, Fault> {
    let body = match Body::of(incoming).await? {
        Ok(body) => body,
        Err(answer) => return Ok(answer), // 1
    };
    let mut fields = Fields::of(&body);
    let email = fields.text(&world.config.username_field, Rule::EMAIL);
    if let Err(answer) = fields.finish() {
        return Ok(answer); // 1
    }
    Ok(
        match reset::ask(world, &door::caller(incoming), &email).await? {
            Err(wait) => door::throttled(wait), // 2
            Ok(()) => Answer::empty(204),       // 3
        },
    )
}

/// `POST /api/v1/users/password/reset/confirm/` with `{"token", "password"}`:
///
/// 1. a body that cannot be read, fields that break a rule → 400, 413, 415;
/// 2. a token that is not good, or not any more → 400;
/// 3. otherwise there is another password, and all sessions have ended: 204.
pub(super) async fn confirm(world: &World, incoming: &Incoming) -> Result<Answer, Fault> {
    let body = match Body::of(incoming).await? {
        Ok(body) => body,
        Err(answer) => return Ok(answer), // 1
    };
    let mut fields = Fields::of(&body);
    let token = fields.text("token", Rule::REQUIRED);
    let password = fields.text("password", Rule::NEW_PASSWORD);
    if let Err(answer) = fields.finish() {
        return Ok(answer); // 1
    }
    Ok(match reset::confirm(world, &token, password).await? {
        Outcome::Refused => {
            let detail = "The link is not good, or not any more. Ask for another one.";
            Answer::coded(400, detail, "reset_token_not_valid") // 2
        }
        Outcome::Done => Answer::empty(204), // 3
    })
}
