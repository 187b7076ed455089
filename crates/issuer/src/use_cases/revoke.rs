//! Calling back.

use hallpass_core::{Kind, Subject, Valid};

use super::check::check_any;
use super::refresh::require;
use super::{Failure, Refusal, World};
use crate::fault::Fault;
use crate::objects::subject::SubjectStub;
use crate::objects::subject::message::{By, EndAll, GiveBack, GivenBack, RevokeOne};

/// Ends the session of a refresh token. With `owner` only if it is that subject's.
pub(crate) async fn give_back(
    world: &World,
    token: &str,
    owner: Option<&str>,
) -> Result<(), Failure> {
    let valid = world.validate(token).await?;
    require(world, &valid, Kind::Refresh).await?;
    end_session_of(world, &valid, owner).await
}

/// Revokes any token (RFC 7009): a refresh or sliding token ends its session, an access token is
/// called back by itself.
pub(crate) async fn revoke(world: &World, token: &str) -> Result<(), Failure> {
    let valid = world.validate_for_anyone(token).await?;
    if valid.require(&[Kind::Access, Kind::Refresh, Kind::Sliding])? != Kind::Access {
        return end_session_of(world, &valid, None).await;
    }
    check_any(world, &valid).await?;
    let claims = valid.claims();
    let stub = SubjectStub::of_token(&world.env, claims);
    let stub = stub.ok_or(Failure::Refused(Refusal::NotIssuedHere))?;
    Ok(stub
        .revoke_one(RevokeOne {
            payload: claims.payload().to_owned(),
            by: By::Holder,
        })
        .await?)
}

async fn end_session_of(world: &World, valid: &Valid, owner: Option<&str>) -> Result<(), Failure> {
    let claims = valid.claims();
    if owner.is_some_and(|owner| claims.subject != Subject::Of(owner.to_owned())) {
        // To somebody else it is no token at all.
        return Err(Failure::Refused(Refusal::NotIssuedHere));
    }
    let stub = SubjectStub::of_token(&world.env, claims);
    let stub = stub.ok_or(Failure::Refused(Refusal::NotIssuedHere))?;
    match stub
        .give_back(GiveBack {
            payload: claims.payload().to_owned(),
            by: By::Holder,
        })
        .await?
    {
        GivenBack::Ended => Ok(()),
        GivenBack::Refused(refused) => Err(refused.into()),
    }
}

/// Ends all sessions of a subject.
pub(crate) async fn end_all(world: &World, sub: &str) -> Result<(), Fault> {
    let end_all = EndAll {
        sub: sub.to_owned(),
        credential: None,
        by: By::Holder,
    };
    SubjectStub::of(&world.env, sub).end_all(end_all).await
}
