//! Whether a token is good: strictly, by asking the object that would know.

use hallpass_core::revocation::Target;
use hallpass_core::{Kind, Malformed, Rejection, Subject, Valid};

use super::{Failure, Refusal, World};
use crate::adapters::{blacklist_kv, clock};
use crate::objects::subject::SubjectStub;
use crate::objects::subject::message::{Check, Profile};

/// The longest bearer token looked at, in bytes.
const MAX_BEARER_BYTES: usize = 8 * 1024;

/// Whom a bearer token stands for.
pub(crate) struct Bearer {
    pub(crate) sub: String,
    /// The session, unless the token is another issuer's.
    pub(crate) sid: Option<String>,
    /// Its account, if it is one of ours.
    pub(crate) profile: Option<Profile>,
}

/// Why a bearer token is refused.
#[derive(Debug)]
pub(crate) enum BearerFailure {
    /// Of each kind that would be taken, why it is not one.
    Refused(Vec<(Kind, Refusal)>),
    /// It is good, but says nobody's name.
    NoSubject,
    /// Its subject cannot be anybody, or was deleted.
    NoSuchSubject,
    /// Its subject was deactivated.
    Inactive,
    /// We failed.
    Failed(crate::fault::Fault),
}

/// Whether a token is genuine and not called back, whatever its kind.
pub(crate) async fn verify(world: &World, token: &str) -> Result<(), Failure> {
    let valid = world.validate(token).await?;
    valid.require_identity()?;
    check_any(world, &valid).await.map(drop)
}

/// A token that is good for anything, and its kind (RFC 7662).
pub(crate) async fn introspect(world: &World, token: &str) -> Result<(Valid, Kind), Failure> {
    let valid = world.validate_for_anyone(token).await?;
    let kind = valid.require(&Kind::ALL)?;
    check_any(world, &valid).await?;
    Ok((valid, kind))
}

/// Whether a bearer token is good as others would see it: by the blacklist in KV, which learns of a
/// revocation a little later than the objects know it. Cheap, and no object is asked. When KV cannot
/// be read, it fails.
pub(crate) async fn check_by_blacklist(world: &World, token: &str) -> Result<(), BearerFailure> {
    let valid = bearer(world, token).await?;
    let claims = valid.claims();
    let targets = Target::all_of(claims, valid.key_id());
    let keys: Vec<_> = targets.iter().map(Target::to_string).collect();
    let entries = blacklist_kv::look_up(&world.env, &keys, clock::milliseconds()).await;
    let entries = entries.map_err(BearerFailure::Failed)?;
    let hit = |(target, entry): (&Target, &Option<String>)| {
        entry
            .as_deref()
            .is_some_and(|entry| target.hits(entry, claims))
    };
    if targets.iter().zip(&entries).any(hit) {
        return Err(refused(world, Refusal::CalledBack(None)));
    }
    Ok(())
}

/// Who a bearer token stands for. With `also_ended` a token of a session that has ended is taken
/// too: for logging out, where all it can do is end more.
pub(crate) async fn authenticate(
    world: &World,
    token: &str,
    also_ended: bool,
) -> Result<Bearer, BearerFailure> {
    let valid = bearer(world, token).await?;
    let profile = match check_any(world, &valid).await {
        Ok(profile) => profile,
        Err(Failure::Refused(Refusal::CalledBack(_))) if also_ended => None,
        Err(Failure::Refused(Refusal::Deactivated)) => return Err(BearerFailure::Inactive),
        Err(Failure::Refused(Refusal::Deleted)) => return Err(BearerFailure::NoSuchSubject),
        Err(Failure::Refused(refusal)) => return Err(refused(world, refusal)),
        Err(Failure::Fault(fault)) => return Err(BearerFailure::Failed(fault)),
    };
    match &valid.claims().subject {
        Subject::Of(sub) => Ok(Bearer {
            sub: sub.clone(),
            sid: valid.claims().sid.clone(),
            profile,
        }),
        // A user id of `null` is looked up and not found; only its absence has its own message.
        Subject::Absent if !valid.claims().mentions_user() => Err(BearerFailure::NoSubject),
        Subject::Absent | Subject::Nobody | Subject::Unreadable => {
            Err(BearerFailure::NoSuchSubject)
        }
    }
}

/// A token that is of a kind taken as a bearer.
async fn bearer(world: &World, token: &str) -> Result<Valid, BearerFailure> {
    if token.len() > MAX_BEARER_BYTES {
        return Err(refused(world, Refusal::Token(Malformed::TooLong.into())));
    }
    let valid = match world.validate(token).await {
        Ok(valid) => valid,
        Err(Failure::Refused(refusal)) => return Err(refused(world, refusal)),
        Err(Failure::Fault(fault)) => return Err(BearerFailure::Failed(fault)),
    };
    match valid.require(&world.config.auth_token_classes) {
        Ok(_) => Ok(valid),
        Err(Rejection::NoSuchSubject) => Err(BearerFailure::NoSuchSubject),
        Err(rejection) => Err(refused(world, rejection.into())),
    }
}

/// One refusal, told of every kind that would be taken.
fn refused(world: &World, refusal: Refusal) -> BearerFailure {
    let classes = world.config.auth_token_classes.iter();
    BearerFailure::Refused(classes.map(|kind| (*kind, refusal)).collect())
}

/// Asks a valid token's object whether it was called back, and whose it is. A token without an id
/// cannot have been; what else it lacks is for the caller to refuse.
pub(super) async fn check_any(world: &World, valid: &Valid) -> Result<Option<Profile>, Failure> {
    let claims = valid.claims();
    if claims.jti.is_none() {
        return Ok(None);
    }
    let Some(stub) = SubjectStub::of_token(&world.env, claims) else {
        return Ok(None);
    };
    let checked = stub
        .check(Check {
            payload: claims.payload().to_owned(),
        })
        .await?;
    match checked.refused {
        Some(refused) => Err(refused.into()),
        None => Ok(checked.profile),
    }
}
