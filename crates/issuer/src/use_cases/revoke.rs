//! Calling back.

use hallpass_core::{Kind, Subject};

use super::refresh::require;
use super::{Failure, Refusal, World};
use crate::fault::Fault;
use crate::objects::subject::SubjectStub;
use crate::objects::subject::message::{EndAll, GiveBack, GivenBack};

/// Ends the session of a refresh token. With `owner` only if it is that subject's.
pub(crate) async fn give_back(
    world: &World,
    token: &str,
    owner: Option<&str>,
) -> Result<(), Failure> {
    let valid = world.validate(token).await?;
    require(world, &valid, Kind::Refresh).await?;
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
    };
    SubjectStub::of(&world.env, sub).end_all(end_all).await
}
