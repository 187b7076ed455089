//! The second factor: ending a sign-in with a mailed code, and choosing to be asked for one.

use hallpass_core::second_factor::{DIGITS, Policy};
use serde::Serialize;

use super::answer::Answer;
use super::body::Body;
use super::cookie::Delivery;
use super::fields::{self, Fields, Rule};
use super::incoming::Incoming;
use super::token::signed_in;
use super::{door, refusals};
use crate::fault::Fault;
use crate::objects::account::{Chosen, Dropped};
use crate::use_cases::World;
use crate::use_cases::check::Bearer;
use crate::use_cases::door::Wait;
use crate::use_cases::second_factor::{self, Outcome};

/// The answer to the right password of somebody of whom a code is asked, too: it is in their mail.
pub(super) fn asked(world: &World, challenge: &str) -> Answer {
    #[derive(Serialize)]
    struct Asked<'a> {
        detail: &'static str,
        code: &'static str,
        challenge: &'a str,
    }
    let code = "otp_required";
    let asked = Asked {
        detail: "A code has been sent by e-mail. Send it to /api/token/otp/, with this challenge.",
        code,
        challenge,
    };
    refusals::challenged(world, Answer::secret(401, &asked).with_code(code))
}

/// `POST /api/token/otp/` with `{"challenge", "code"}`:
///
/// 1. with `REFRESH_COOKIE`, a request that may not use the cookie → 403, see [`Delivery::of`];
/// 2. a body that cannot be read, a field that is missing or blank, a code without six digits → 400, 413, 415;
/// 3. too many codes were wrong → 429, and when one may be tried again;
/// 4. a challenge that is not good, or not any more; another code → 401;
/// 5. the account is not active any more → 401;
/// 6. otherwise 200 with what was asked for with the password: a pair, or one sliding token.
pub(super) async fn finish(world: &World, incoming: &Incoming) -> Result<Answer, Fault> {
    let delivery = match Delivery::of(world, incoming) {
        Ok(delivery) => delivery,
        Err(answer) => return Ok(answer), // 1
    };
    let body = match Body::of(incoming).await? {
        Ok(body) => body,
        Err(answer) => return Ok(answer), // 2
    };
    let mut fields = Fields::of(&body);
    let challenge = fields.text("challenge", Rule::REQUIRED);
    let code = fields.text("code", Rule::REQUIRED);
    if let Err(answer) = fields.finish() {
        return Ok(answer); // 2
    }
    let Some(code) = digits(&code) else {
        return Ok(no_code()); // 2
    };
    let outcome = second_factor::finish(world, &challenge, code, incoming.client()).await?;
    match outcome {
        Outcome::TooOften(wait) => Ok(door::throttled(wait)), // 3
        Outcome::Over => {
            let detail = "The challenge is not good, or not any more. Sign in again.";
            Ok(refusals::challenged(
                world,
                Answer::coded(401, detail, "otp_over"),
            )) // 4
        }
        Outcome::Wrong => {
            let answer = Answer::coded(401, "The code is another one.", "otp_wrong");
            Ok(refusals::challenged(world, answer)) // 4
        }
        Outcome::NoAccount => Ok(refusals::no_active_account(world)), // 5
        Outcome::SignedIn(form, tokens) => signed_in(&delivery, form, tokens), // 6
    }
}

#[derive(Serialize)]
struct State {
    second_factor: bool,
}

/// `GET /api/v1/users/second-factor/`: 200, whether a code is asked of the bearer at sign-in; 401 when
/// the account is none of ours.
pub(super) async fn state(world: &World, bearer: &Bearer) -> Result<Answer, Fault> {
    let asked = second_factor::is_asked(world, bearer).await?;
    Ok(match asked {
        Some(second_factor) => Answer::json(200, &State { second_factor }),
        None => refusals::challenged(world, refusals::user_not_found()),
    })
}

/// `POST /api/v1/users/second-factor/` with `{"password"}`, and then with `{"password", "code"}`:
///
/// 1. a body that cannot be read, fields that break a rule → 400, 413, 415;
/// 2. the bearer has no account here → 401;
/// 3. password or code was guessed at too often, or too many codes were asked for → 429;
/// 4. the password is wrong, or the code → 400;
/// 5. without a code: one is mailed → 202;
/// 6. otherwise a code is asked at sign-in from now on → 200.
pub(super) async fn choose(
    world: &World,
    incoming: &Incoming,
    bearer: &Bearer,
) -> Result<Answer, Fault> {
    let body = match Body::of(incoming).await? {
        Ok(body) => body,
        Err(answer) => return Ok(answer), // 1
    };
    let mut fields = Fields::of(&body);
    let password = fields.text("password", Rule::REQUIRED);
    let code = fields.text("code", Rule::OPTIONAL);
    if let Err(answer) = fields.finish() {
        return Ok(answer); // 1
    }
    let code = match (code.as_str(), digits(&code)) {
        ("", _) => None,
        (_, None) => return Ok(no_code()), // 1
        (_, code) => code,
    };
    let chosen = second_factor::choose(world, bearer, password, code).await?;
    Ok(match chosen {
        None => refusals::challenged(world, refusals::user_not_found()), // 2
        Some(Chosen::Wait(seconds)) => door::throttled(Wait(seconds)),   // 3
        Some(Chosen::WrongPassword) => wrong_password(),                 // 4
        Some(Chosen::WrongCode) => fields::error(
            "code",
            "This is not the code of the last mail, or it is over.",
        ), // 4
        Some(Chosen::CodeMailed) => Answer::json(
            202,
            &State {
                second_factor: false,
            },
        ), // 5
        Some(Chosen::On) => Answer::json(
            200,
            &State {
                second_factor: true,
            },
        ), // 6
    })
}

/// `DELETE /api/v1/users/second-factor/` with `{"password"}`:
///
/// 1. a body that cannot be read, a field that breaks a rule → 400, 413, 415;
/// 2. a code is asked of everybody → 409;
/// 3. the bearer has no account here → 401;
/// 4. the password was guessed at too often → 429;
/// 5. it is wrong → 400;
/// 6. otherwise no code is asked any more → 204.
pub(super) async fn drop_choice(
    world: &World,
    incoming: &Incoming,
    bearer: &Bearer,
) -> Result<Answer, Fault> {
    let body = match Body::of(incoming).await? {
        Ok(body) => body,
        Err(answer) => return Ok(answer), // 1
    };
    let mut fields = Fields::of(&body);
    let password = fields.text("password", Rule::REQUIRED);
    if let Err(answer) = fields.finish() {
        return Ok(answer); // 1
    }
    if world.config.second_factor == Policy::Required {
        let detail = "The second factor is required of everybody.";
        return Ok(Answer::coded(409, detail, "second_factor_required")); // 2
    }
    let dropped = second_factor::drop_choice(world, bearer, password).await?;
    Ok(match dropped {
        None => refusals::challenged(world, refusals::user_not_found()), // 3
        Some(Dropped::Wait(seconds)) => door::throttled(Wait(seconds)),  // 4
        Some(Dropped::WrongPassword) => wrong_password(),                // 5
        Some(Dropped::Done) => Answer::empty(204),                       // 6
    })
}

fn wrong_password() -> Answer {
    let message = "Your password was entered incorrectly. Please enter it again.";
    fields::error("password", message)
}

fn no_code() -> Answer {
    fields::error("code", "A code has six digits.")
}

/// A code as it is stored: people copy it with spaces, and no guess is lost on what is none.
fn digits(typed: &str) -> Option<String> {
    let code: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
    (code.len() == DIGITS && code.bytes().all(|byte| byte.is_ascii_digit())).then_some(code)
}
