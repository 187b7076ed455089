//! `/admin/api/blacklist/`: what was called back, and calling back.

use serde::Serialize;

use crate::adapters::{blacklist_kv, clock};
use crate::fault::Fault;
use crate::objects::subject::message::RevokeId;
use crate::routes::answer::Answer;
use crate::routes::body::{Body, Field};
use crate::routes::fields::{self, Fields, Rule};
use crate::routes::incoming::Incoming;
use crate::routes::refusals;
use crate::use_cases::{Failure, World, admin};

/// How many entries a page holds.
const PAGE: u32 = 100;

/// The longest id and the longest subject, in characters.
pub(super) const MAX_CHARS: usize = 255;

/// The farthest `exp` that can be given, in seconds from now: ten years.
const FARTHEST: u64 = 10 * 365 * 86_400;

/// `GET blacklist/?prefix=&cursor=`: 200 with a page of the entries in KV whose key begins with
/// `prefix` (`sub:`, `kid:`, `sid:`, `jti:`, or more of a key), as KV knows them by now.
pub(super) async fn list(world: &World, incoming: &Incoming) -> Result<Answer, Fault> {
    #[derive(Serialize)]
    struct Page {
        entries: Vec<blacklist_kv::Listed>,
        cursor: Option<String>,
    }
    let prefix = incoming.query("prefix").unwrap_or_default();
    let cursor = incoming.query("cursor").filter(|cursor| !cursor.is_empty());
    if prefix.len() > blacklist_kv::MAX_KEY_BYTES {
        // No key begins so, and KV refuses to look.
        let (entries, cursor) = (Vec::new(), None);
        return Ok(Answer::json(200, &Page { entries, cursor }));
    }
    let page = blacklist_kv::list(&world.env, &prefix, cursor, PAGE).await?;
    let page = Page {
        entries: page.entries,
        cursor: page.cursor,
    };
    Ok(Answer::json(200, &page))
}

/// `POST blacklist/` with `{"token"}`, or `{"jti", "sub", "exp"?}` when only the id is known:
///
/// 1. a body that cannot be read, fields that break a rule → 400, 413, 415;
/// 2. a token that is not ours, or expired: there is nothing to call back → 400;
/// 3. otherwise 200 with the key under which the blacklist has it, soon: `sid:…` for a refresh or
///    sliding token, whose session has ended, `jti:…` for any other.
pub(super) async fn add(world: &World, incoming: &Incoming) -> Result<Answer, Fault> {
    #[derive(Serialize)]
    struct Added {
        key: String,
    }
    let body = match Body::of(incoming).await? {
        Ok(body) => body,
        Err(answer) => return Ok(answer), // 1
    };
    let key = if let Field::Absent = body.field("jti") {
        let mut fields = Fields::of(&body);
        let token = fields.text("token", Rule::REQUIRED);
        if let Err(answer) = fields.finish() {
            return Ok(answer); // 1
        }
        match admin::call_back(world, &token).await {
            Ok(key) => key,
            Err(Failure::Refused(refusal)) => {
                return Ok(fields::error("token", refusals::message(refusal))); // 2
            }
            Err(Failure::Fault(fault)) => return Err(fault),
        }
    } else {
        match revoke_id(&body) {
            Ok(revoke) => admin::call_back_id(world, revoke).await?,
            Err(answer) => return Ok(answer), // 1
        }
    };
    Ok(Answer::json(200, &Added { key })) // 3
}

fn revoke_id(body: &Body) -> Result<RevokeId, Answer> {
    let mut fields = Fields::of(body);
    let jti = fields.text("jti", Rule::REQUIRED.at_most(MAX_CHARS));
    let sub = fields.text("sub", Rule::REQUIRED.at_most(MAX_CHARS));
    fields.finish()?;
    let exp = match body.field("exp") {
        Field::Absent => None,
        given @ (Field::Json(_) | Field::Part(_)) => match exp(&given, clock::seconds()) {
            Some(exp) => Some(exp),
            None => return Err(fields::error("exp", EXP)),
        },
    };
    Ok(RevokeId { sub, jti, exp })
}

/// What is wrong with an `exp`.
pub(super) const EXP: &str = "Seconds since the epoch, within ten years, are needed.";

/// An `exp`, not before `earliest`; `None`: it cannot be one.
pub(super) fn exp(field: &Field<'_>, earliest: u64) -> Option<u64> {
    let Field::Json(value) = field else {
        return None;
    };
    let exp = value.text().parse().ok()?;
    (earliest..=clock::seconds() + FARTHEST)
        .contains(&exp)
        .then_some(exp)
}
