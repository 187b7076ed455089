//! What administrators do: look, call back, let nobody in or somebody in again.
//!
//! Whatever decides anything here is asked of the objects that decide; the directory is only
//! looked at.

use hallpass_core::Kind;
use hallpass_core::revocation::Target;
use hallpass_core::session::adopted_sid;

use super::{Failure, Refusal, World};
use crate::adapters::email;
use crate::fault::Fault;
use crate::objects::account::AccountStub;
use crate::objects::directory::{DirectoryStub, UserPage, UserQuery};
use crate::objects::subject::SubjectStub;
use crate::objects::subject::message::{
    By, EndAll, EndOne, EndedOne, GiveBack, GivenBack, MoveName, Refused, RevokeId, RevokeOne,
    RevokedAs, Stand, Stood,
};

/// A page of the users whose address or subject begins with this text; of all, when it is empty.
pub(crate) async fn users(world: &World, query: &str, after: String) -> Result<UserPage, Fault> {
    let query = UserQuery {
        address: email::key(query),
        sub: query.to_owned(),
        after,
    };
    DirectoryStub::new(&world.env).users(query).await
}

/// Ends one session of a subject; whether there was one to end.
pub(crate) async fn end_one(world: &World, sub: &str, sid: &str) -> Result<bool, Fault> {
    let end_one = EndOne {
        sid: sid.to_owned(),
        by: By::Admin,
    };
    let EndedOne(ended) = SubjectStub::of(&world.env, sub).end_one(end_one).await?;
    Ok(ended)
}

/// Ends all sessions of a subject, and calls back whatever else it was issued.
pub(crate) async fn end_all(world: &World, sub: &str) -> Result<(), Fault> {
    let end_all = EndAll {
        sub: sub.to_owned(),
        credential: None,
        by: By::Admin,
    };
    SubjectStub::of(&world.env, sub).end_all(end_all).await
}

/// Changes whether a subject may have tokens.
pub(crate) async fn stand(world: &World, sub: &str, to: MoveName) -> Result<Stood, Fault> {
    let stand = Stand {
        sub: sub.to_owned(),
        to,
    };
    SubjectStub::of(&world.env, sub).stand(stand).await
}

/// Has everything forgotten that was guessed at a subject's password; whether it has an account here.
pub(crate) async fn unlock(world: &World, sub: &str) -> Result<bool, Fault> {
    let described = SubjectStub::of(&world.env, sub).describe().await?;
    let Some(profile) = described.and_then(|described| described.profile) else {
        return Ok(false);
    };
    AccountStub::of(&world.env, &profile.email).unlock().await?;
    Ok(true)
}

/// Calls a token back that somebody has in hand: of a refresh or sliding token the session ends. The
/// blacklist's key for what is called back now, or was before.
pub(crate) async fn call_back(world: &World, token: &str) -> Result<String, Failure> {
    let valid = world.validate_for_anyone(token).await?;
    let kind = valid.require(&Kind::ALL)?;
    let claims = valid.claims();
    let unknown = Failure::Refused(Refusal::NotIssuedHere);
    let (Some(stub), Some(jti)) = (
        SubjectStub::of_token(&world.env, claims),
        claims.jti.as_ref(),
    ) else {
        return Err(unknown);
    };
    let payload = claims.payload().to_owned();
    let by = By::Admin;
    match kind {
        Kind::Access => {
            stub.revoke_one(RevokeOne { payload, by }).await?;
            Ok(Target::Token(jti.clone()).to_string())
        }
        Kind::Refresh | Kind::Sliding => {
            let sid = claims.sid.clone().unwrap_or_else(|| adopted_sid(jti));
            match stub.give_back(GiveBack { payload, by }).await? {
                GivenBack::Ended | GivenBack::Refused(Refused::CalledBack(_)) => {
                    Ok(Target::Session(sid).to_string())
                }
                GivenBack::Refused(refused) => Err(refused.into()),
            }
        }
    }
}

/// Calls a token back by its id. The blacklist's key for it, or for its session.
pub(crate) async fn call_back_id(world: &World, revoke: RevokeId) -> Result<String, Fault> {
    let stub = SubjectStub::of(&world.env, &revoke.sub);
    let RevokedAs(key) = stub.revoke_id(revoke).await?;
    Ok(key)
}
