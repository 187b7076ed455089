//! Exchanging a refresh or a sliding token.

use hallpass_core::{Kind, Valid};

use super::check::check_any;
use super::{Failure, Refusal, Tokens, World};
use crate::adapters::clock;
use crate::objects::subject::SubjectStub;
use crate::objects::subject::message::{Present, Presented};

/// Exchanges a token of that kind, in the order in which Simple JWT refuses:
///
/// 1. form, signature, claims' types, `iat`, `nbf`;
/// 2. `exp`;
/// 3. called back, which a token of the wrong kind hears first, too;
/// 4. `exp`, `jti` and the type are there, and the type is `kind`;
/// 5. a sliding token's `refresh_exp`;
/// 6. what its session says: [`hallpass_core::rotation::present`].
pub(crate) async fn refresh(world: &World, token: &str, kind: Kind) -> Result<Tokens, Failure> {
    let valid = world.validate(token).await?;
    require(world, &valid, kind).await?;
    if kind == Kind::Sliding {
        valid.require_refreshable(world.config.rules.leeway, clock::seconds())?;
    }
    let stub = SubjectStub::of_token(&world.env, valid.claims());
    let stub = stub.ok_or(Failure::Refused(Refusal::NotIssuedHere))?;
    let payload = valid.claims().payload().to_owned();
    // The key is chosen before the object is asked, which keeps it with the rotation: a ring that
    // turns in between changes no replay.
    let key_id = world.keys().await?.current_id();
    match stub.present(Present { payload, key_id }).await? {
        Presented::Issued(unsigned) => world.sign(unsigned).await,
        Presented::Refused(refused) => Err(refused.into()),
    }
}

/// Refuses a token that is not of this kind. One that was called back hears that instead: it costs
/// a question to its object, which nobody asks who holds the right token.
pub(super) async fn require(world: &World, valid: &Valid, kind: Kind) -> Result<(), Failure> {
    let Err(rejection) = valid.require(&[kind]) else {
        return Ok(());
    };
    match check_any(world, valid).await {
        Err(Failure::Refused(called_back @ Refusal::CalledBack(_))) => {
            Err(Failure::Refused(called_back))
        }
        Err(Failure::Fault(fault)) => Err(Failure::Fault(fault)),
        Ok(_) | Err(Failure::Refused(_)) => Err(rejection.into()),
    }
}
