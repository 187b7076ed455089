//! Before a password is looked at: who comes, and whether so many may.

use hallpass_core::attempts::BRAKED_SECONDS;
use hallpass_core::revocation::key_part;

use super::World;
use crate::adapters::{brake, email};
use crate::objects::account::Door;

/// Where a request comes from, as [`hallpass_core::attempts::caller_of`] has it.
pub(crate) struct Caller(pub(crate) String);

/// So many seconds are to be waited.
pub(crate) struct Wait(pub(crate) u64);

/// Lets a caller through to the account of this address, or not.
///
/// | the brake refuses the caller | it refuses the account | |
/// |---|---|---|
/// | yes | – | wait a minute: the account hears nothing of it |
/// | no | yes | the account lets only those in [whom it knows](hallpass_core::attempts::Tries::braked), so that nobody is kept out by a flood of others |
/// | no | no | the account counts |
///
/// With `LOGIN_ATTEMPTS=0` nobody is counted anywhere.
pub(crate) async fn at_account(world: &World, caller: Caller, address: &str) -> Result<Door, Wait> {
    let braked = world.config.login_limits.is_some() && {
        at_all(world, &caller).await?;
        let account = format!("account:{}", key_part(&email::key(address)));
        !brake::takes(&world.env, &account).await
    };
    Ok(Door::SignIn {
        caller: caller.0,
        braked,
    })
}

/// Lets a caller through to what takes work and guesses at nothing.
pub(crate) async fn at_all(world: &World, Caller(caller): &Caller) -> Result<(), Wait> {
    let free = world.config.login_limits.is_none()
        || brake::takes(&world.env, &format!("caller:{caller}")).await;
    if free {
        Ok(())
    } else {
        Err(Wait(BRAKED_SECONDS))
    }
}
