//! Resetting a forgotten password by a mailed link.

use super::World;
use super::door::{self, Caller, Wait};
use crate::adapters::clock;
use crate::adapters::slip::{self, Slip};
use crate::fault::Fault;
use crate::objects::account::{AccountStub, Reset};

/// What came of a token.
pub(crate) enum Outcome {
    /// There is another password, and all sessions have ended.
    Done,
    /// It is not good, or not any more.
    Refused,
}

/// Has a link mailed to whoever has this address.
pub(crate) async fn ask(
    world: &World,
    caller: &Caller,
    address: &str,
) -> Result<Result<(), Wait>, Fault> {
    if let Err(wait) = door::at_all(world, caller).await {
        return Ok(Err(wait));
    }
    let account = AccountStub::of(&world.env, address);
    account.ask_for_reset().await.map(Ok)
}

/// Sets another password, for whoever has the token of a link.
pub(crate) async fn confirm(
    world: &World,
    token: &str,
    password: String,
) -> Result<Outcome, Fault> {
    let slip = Slip::opened(token, &world.config, clock::seconds())?;
    let Some(slip) = slip.filter(|slip| slip.opens.is_none()) else {
        return Ok(Outcome::Refused);
    };
    let account = AccountStub::of(&world.env, &slip.address);
    Ok(match account.reset(slip::hash(token), password).await? {
        Reset::Done => Outcome::Done,
        Reset::Refused => Outcome::Refused,
    })
}
