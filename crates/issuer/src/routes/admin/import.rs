//! `/admin/api/import/…`: what another issuer knows, told in batches by whoever moves over.
//!
//! Each item of a batch is read and carried out by itself, and the answer has one result for each, in
//! their order, so that a bad one keeps no other out. Whatever is told again changes nothing.

use hallpass_core::MAX_LEEWAY;
use hallpass_core::claims::CLIENT_PREFIX;
use hallpass_core::json::{JsonError, elements};
use serde::Serialize;

use super::blacklist::{EXP, MAX_CHARS, exp};
use crate::adapters::clock;
use crate::fault::Fault;
use crate::routes::answer::Answer;
use crate::routes::body::{Body, Field};
use crate::routes::fields::{self, Errors, Fields, Rule};
use crate::routes::incoming::Incoming;
use crate::use_cases::World;
use crate::use_cases::import::{self, Foreign, Recalled};

/// How many tokens a batch may have, each of them of an object of its own at worst: a Worker may ask
/// a thousand.
const MOST_TOKENS: usize = 200;

/// What came of an item.
#[derive(Serialize)]
struct Outcome {
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    errors: Option<Errors>,
}

impl Outcome {
    const fn of(status: &'static str) -> Self {
        Self {
            status,
            errors: None,
        }
    }

    const fn refused(errors: Errors) -> Self {
        Self {
            status: "refused",
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
