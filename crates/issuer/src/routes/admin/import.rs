//! `/admin/api/import/…`: what another issuer knows, told in batches by whoever moves over.
//!
//! Each item of a batch is read and carried out by itself, and the answer has one result for each, in
//! their order, so that a bad one keeps no other out. Whatever is told again changes nothing.

use hallpass_core::MAX_LEEWAY;
use hallpass_core::claims::CLIENT_PREFIX;
use hallpass_core::json::{JsonError, Type, elements};
use serde::Serialize;

use super::blacklist::{EXP, MAX_CHARS, exp};
use crate::adapters::clock;
use crate::adapters::password_pbkdf2::{Pbkdf2Hash, Unusable};
use crate::fault::Fault;
use crate::objects::account::Imported;
use crate::objects::subject::message::Profile;
use crate::routes::answer::Answer;
use crate::routes::body::{Body, Field};
use crate::routes::fields::{self, Errors, Fields, Rule};
use crate::routes::incoming::Incoming;
use crate::routes::sessions::no_subject;
use crate::routes::users::MAX_NAME_CHARS;
use crate::use_cases::World;
use crate::use_cases::import::{self, Foreign, Newcomer, Recalled, Taken};

/// How many tokens a batch may have, each of them of an object of its own at worst: a Worker may ask
/// a thousand.
const MOST_TOKENS: usize = 200;

/// How many users, each of them of two objects, which are asked three or four times.
const MOST_USERS: usize = 100;

/// The longest stored password that is looked at, in characters; Django's have 89.
const MAX_PASSWORD: usize = 512;

/// What came of an item.
#[derive(Serialize)]
struct Outcome {
    status: &'static str,
    /// Why a user has no password here.
    #[serde(skip_serializing_if = "Option::is_none")]
    without_password: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    errors: Option<Errors>,
}

impl Outcome {
    const fn of(status: &'static str) -> Self {
        Self {
            status,
            without_password: None,
            errors: None,
        }
    }

    const fn refused(errors: Errors) -> Self {
        Self {
            status: "refused",
            without_password: None,
            errors: Some(errors),
        }
    }
}

/// `POST import/blacklist/` with `{"tokens": [{"jti", "exp", "sub"?}, …]}`, up to 200, `sub` as the
/// token's `USER_ID_CLAIM` has it; without one the token was nobody's:
///
/// 1. a body that cannot be read, no list, too many items → 400, 413, 415;
/// 2. otherwise 200 with `{"results": [{"status"}, …]}`: `called_back`, `known` (it was before),
///    `expired` (there is nothing to call back), or `refused` with what is wrong in `errors`.
///
/// What is called back is refused at once by the object that would adopt it, whether tokens are
/// adopted yet or not.
pub(super) async fn blacklist(world: &World, incoming: &Incoming) -> Result<Answer, Fault> {
    let items = match batch(incoming, "tokens", MOST_TOKENS).await? {
        Ok(items) => items,
        Err(answer) => return Ok(answer), // 1
    };
    let read = items.into_iter().map(|item| foreign(&item?)).collect();
    let results = carried_out(read, async |foreign| {
        import::call_back(world, foreign).await
    })
    .await?;
    let status = |recalled| match recalled {
        Recalled::Now => "called_back",
        Recalled::Before => "known",
        Recalled::Expired => "expired",
    };
    Ok(answered(results, |recalled| Outcome::of(status(recalled)))) // 2
}

fn foreign(item: &Body) -> Result<Foreign, Errors> {
    let mut fields = Fields::of(item);
    let jti = fields.text("jti", Rule::REQUIRED.at_most(MAX_CHARS));
    let sub = fields.text("sub", Rule::OPTIONAL.at_most(MAX_CHARS));
    fields.complaints()?;
    let Some(exp) = exp(&item.field("exp"), 0) else {
        return Err(Errors::of("exp", EXP));
    };
    Ok(Foreign {
        // As the token is read when it is adopted.
        sub: (!sub.is_empty() && !sub.starts_with(CLIENT_PREFIX)).then_some(sub),
        jti,
        exp,
        expired: exp + MAX_LEEWAY <= clock::seconds(),
    })
}

/// `POST import/users/` with `{"users": [{"sub", "email", "first_name"?, "last_name"?, "password"?,
/// "is_active"?}, …]}`, up to 100, `password` as Django has stored it:
///
/// 1. there are no built-in accounts → 409;
/// 2. a body that cannot be read, no list, too many items → 400, 413, 415;
/// 3. otherwise 200 with `{"results": [{"status"}, …]}`: `imported`, `updated` (the other system has
///    another password by now, and nobody has signed in here since), `known` (it was there), or
///    `refused` with what is wrong in `errors`: also when the address is another user's here, or the
///    user has another address, or was deleted. Whose password cannot be checked is imported all the
///    same, and `without_password` says why: `none`, `algorithm` or `iterations`.
///
/// Who is not active is deactivated here; nobody is reactivated.
pub(super) async fn users(world: &World, incoming: &Incoming) -> Result<Answer, Fault> {
    if !world.config.accounts {
        let detail = "There are no built-in accounts here: ACCOUNTS is off.";
        return Ok(Answer::detail(409, detail)); // 1
    }
    let items = match batch(incoming, "users", MOST_USERS).await? {
        Ok(items) => items,
        Err(answer) => return Ok(answer), // 2
    };
    let mut without = Vec::new();
    let mut read = Vec::new();
    for item in items {
        let user = item.and_then(|item| newcomer(&item));
        read.push(user.map(|(user, why)| {
            without.push(why);
            user
        }));
    }
    let results = carried_out(read, async |users| {
        let taken = import::take_over(world, users).await?;
        Ok(taken.into_iter().zip(without).collect())
    })
    .await?;
    Ok(answered(results, |(taken, why)| match taken {
        Taken::Over(Imported::New) => Outcome {
            without_password: why,
            ..Outcome::of("imported")
        },
        Taken::Over(Imported::Updated) => Outcome {
            without_password: why,
            ..Outcome::of("updated")
        },
        Taken::Over(Imported::Before) => Outcome::of("known"),
        Taken::Over(Imported::Taken) => {
            Outcome::refused(Errors::of("email", "The address is another user's."))
        }
        Taken::OtherAddress => Outcome::refused(Errors::of("sub", "The user has another address.")),
        Taken::Deleted => Outcome::refused(Errors::of("sub", "The user was deleted.")),
    })) // 3
}

/// A user, and why there is no password to sign in with if there is none.
fn newcomer(item: &Body) -> Result<(Newcomer, Option<&'static str>), Errors> {
    let mut fields = Fields::of(item);
    let sub = fields.text("sub", Rule::REQUIRED);
    let email = fields.text("email", Rule::EMAIL);
    let first_name = fields.text("first_name", Rule::OPTIONAL.at_most(MAX_NAME_CHARS));
    let last_name = fields.text("last_name", Rule::OPTIONAL.at_most(MAX_NAME_CHARS));
    let password = fields.text("password", Rule::OPTIONAL.at_most(MAX_PASSWORD));
    fields.complaints()?;
    if let Some(why) = no_subject(&sub) {
        return Err(Errors::of("sub", why));
    }
    let active = match item.field("is_active") {
        Field::Absent => true,
        Field::Json(value) if value.kind() == Type::Bool => value.text() == "true",
        Field::Json(_) | Field::Part(_) => {
            return Err(Errors::of("is_active", "Must be a valid boolean."));
        }
    };
    let (password, why) = match Pbkdf2Hash::parse(&password).map(drop) {
        Ok(()) => (Some(password), None),
        Err(Unusable::NoPassword) => (None, Some("none")),
        Err(Unusable::Algorithm) => (None, Some("algorithm")),
        Err(Unusable::Iterations) => (None, Some("iterations")),
        Err(Unusable::Malformed) => {
            let message = "Not a password as Django stores it.";
            return Err(Errors::of("password", message));
        }
    };
    let profile = Profile {
        email,
        first_name,
        last_name,
    };
    let user = Newcomer {
        sub,
        profile,
        password,
        active,
    };
    Ok((user, why))
}

/// The items of a batch, each read by itself.
async fn batch(
    incoming: &Incoming,
    name: &str,
    most: usize,
) -> Result<Result<Vec<Result<Body, Errors>>, Answer>, Fault> {
    let body = match Body::of(incoming).await? {
        Ok(body) => body,
        Err(answer) => return Ok(Err(answer)),
    };
    let items = match body.field(name) {
        Field::Json(value) => elements(value),
        Field::Absent | Field::Part(_) => None,
    };
    let Some(items) = items.filter(|items| items.len() <= most) else {
        let message = format!("A list of at most {most} is needed.");
        return Ok(Err(fields::error(name, &message)));
    };
    let unreadable = |why| {
        let message = match why {
            JsonError::DuplicateMember => "A member stands twice.",
            JsonError::NotAnObject(_) | JsonError::Syntax { .. } | JsonError::TooDeep => {
                "Not an object."
            }
        };
        Errors::of("non_field_errors", message)
    };
    let read = items
        .iter()
        .map(|item| Body::part(item).map_err(unreadable))
        .collect();
    Ok(Ok(read))
}

/// Has the good ones carried out together; the results stand where the items stood.
async fn carried_out<T, R>(
    read: Vec<Result<T, Errors>>,
    carry_out: impl AsyncFnOnce(Vec<T>) -> Result<Vec<R>, Fault>,
) -> Result<Vec<Result<R, Errors>>, Fault> {
    let mut good = Vec::new();
    let mut places = Vec::new();
    for item in read {
        places.push(item.map(|item| good.push(item)));
    }
    let mut done = carry_out(good).await?.into_iter();
    let missing = || Fault::new("an item of the batch has no result");
    let result = |place: Result<(), Errors>| match place {
        Ok(()) => done.next().map(Ok).ok_or_else(missing),
        Err(errors) => Ok(Err(errors)),
    };
    places.into_iter().map(result).collect()
}

fn answered<R>(results: Vec<Result<R, Errors>>, outcome: impl Fn(R) -> Outcome) -> Answer {
    #[derive(Serialize)]
    struct Results {
        results: Vec<Outcome>,
    }
    let told = |result: Result<R, Errors>| result.map_or_else(Outcome::refused, &outcome);
    let results = results.into_iter().map(told).collect();
    Answer::secret(200, &Results { results })
}
