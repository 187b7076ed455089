//! Sessions, for the people whose they are.

use super::World;
use super::check::Bearer;
use crate::fault::Fault;
use crate::objects::subject::SubjectStub;
use crate::objects::subject::message::{By, EndOne, EndedOne, Listed};

/// The bearer's live sessions, the last refreshed first.
pub(crate) async fn list(world: &World, bearer: &Bearer) -> Result<Vec<Listed>, Fault> {
    SubjectStub::of(&world.env, &bearer.sub).list().await
}

/// Ends one of the bearer's sessions; whether there was one to end.
pub(crate) async fn end_one(world: &World, bearer: &Bearer, sid: &str) -> Result<bool, Fault> {
    let end_one = EndOne {
        sid: sid.to_owned(),
        by: By::Holder,
    };
    let EndedOne(ended) = SubjectStub::of(&world.env, &bearer.sub)
        .end_one(end_one)
        .await?;
    Ok(ended)
}
