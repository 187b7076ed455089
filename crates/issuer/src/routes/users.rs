//! Accounts with e-mail and password, as the tutorials have them.

use serde::Serialize;

use super::answer::Answer;
use super::body::Body;
use super::cookie::Delivery;
use super::door;
use super::fields::{self, Fields, Rule};
use super::incoming::Incoming;
use super::refusals;
use super::token::Pair;
use crate::fault::Fault;
use crate::objects::subject::message::Profile;
use crate::use_cases::check::Bearer;
use crate::use_cases::door::at_all;
use crate::use_cases::{World, password, register};

/// The longest first or last name, in characters.
pub(super) const MAX_NAME_CHARS: usize = 150;

/// `POST /api/v1/users/registration/`:
///
/// 1. with `REFRESH_COOKIE`, a request that may not use the cookie → 403, see [`Delivery::of`];
/// 2. a body that cannot be read, fields that break a rule → 400, 413, 415;
/// 3. so many come from there that the brake refuses it → 429;
/// 4. an address that is registered → 400;
/// 5. otherwise 201 with the account and its first pair.
pub(super) async fn register(world: &World, incoming: &Incoming) -> Result<Answer, Fault> {
    #[derive(Serialize)]
    struct Registered {
        email: String,
        first_name: String,
        last_name: String,
        access_token: String,
        /// `None`: it is in the cookie.
        #[serde(skip_serializing_if = "Option::is_none")]
        refresh_token: Option<String>,
    }
    let delivery = match Delivery::of(world, incoming) {
        Ok(delivery) => delivery,
        Err(answer) => return Ok(answer), // 1
    };
    let body = match Body::of(incoming).await? {
        Ok(body) => body,
        Err(answer) => return Ok(answer), // 2
    };
    let username_field = &world.config.username_field;
    let mut fields = Fields::of(&body);
    let email = fields.text(username_field, Rule::EMAIL);
    let first_name = fields.text("first_name", Rule::OPTIONAL.at_most(MAX_NAME_CHARS));
    let last_name = fields.text("last_name", Rule::OPTIONAL.at_most(MAX_NAME_CHARS));
    let password = fields.text("password", Rule::NEW_PASSWORD);
    if let Err(wait) = at_all(world, &door::caller(incoming)).await {
        return Ok(door::throttled(wait)); // 3
    }
    let taken = || format!("user with this {username_field} already exists.");
    if fields.complain_of_others_than(username_field) && register::is_taken(world, &email).await? {
        fields.complain_first(username_field, taken());
    }
    if let Err(answer) = fields.finish() {
        return Ok(answer); // 2
    }
    let profile = Profile {
        email,
        first_name,
        last_name,
    };
    match register::register(world, profile, password, incoming.client()).await? {
        register::Outcome::Taken => {
            Ok(fields::error(username_field, &taken())) // 4
        }
        register::Outcome::Registered(profile, tokens) => {
            let Profile {
                email,
                first_name,
                last_name,
            } = profile;
            delivery.hand_over(tokens, |access_token, refresh_token| {
                let registered = Registered {
                    email,
                    first_name,
                    last_name,
                    access_token,
                    refresh_token,
                };
                Answer::secret(201, &registered) // 5
            })
        }
    }
}

/// `GET /api/v1/users/info/`: 200 with the bearer's account; 401 when it is not one of ours.
pub(super) fn info(world: &World, bearer: Bearer) -> Answer {
    match bearer.profile {
        Some(profile) => Answer::json(200, &profile),
        None => refusals::challenged(world, refusals::user_not_found()),
    }
}

/// `POST /api/v1/users/password/` with `{"old_password", "new_password"}`:
///
/// 1. with `REFRESH_COOKIE`, a request that may not use the cookie → 403, see [`Delivery::of`];
/// 2. a body that cannot be read, fields that break a rule → 400, 413, 415;
/// 3. the bearer has no account here → 401;
/// 4. it was guessed at too often → 429, and when it may be tried again;
/// 5. the old password is wrong → 400;
/// 6. otherwise all sessions have ended: 200 with a fresh pair.
pub(super) async fn change_password(
    world: &World,
    incoming: &Incoming,
    bearer: Bearer,
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
    let old = fields.text("old_password", Rule::REQUIRED);
    let new = fields.text("new_password", Rule::NEW_PASSWORD);
    if let Err(answer) = fields.finish() {
        return Ok(answer); // 2
    }
    match password::change(world, bearer, old, new, incoming.client()).await? {
        password::Outcome::NoAccount => Ok(refusals::challenged(world, refusals::user_not_found())), // 3
        password::Outcome::TooOften(wait) => Ok(door::throttled(wait)), // 4
        password::Outcome::WrongPassword => {
            let message = "Your old password was entered incorrectly. Please enter it again.";
            Ok(fields::error("old_password", message)) // 5
        }
        password::Outcome::Changed(tokens) => delivery.hand_over(tokens, Pair::answer), // 6
    }
}
