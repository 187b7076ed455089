//! Registering with e-mail and password.

use super::sign_in::open;
use super::{Tokens, World};
use crate::adapters::email;
use crate::fault::Fault;
use crate::objects::account::{AccountStub, Registered, Registration};
use crate::objects::subject::message::{FormName, Profile};

/// What came of a registration.
pub(crate) enum Outcome {
    /// The account as it is stored, and its first session.
    Registered(Profile, Tokens),
    /// The address is somebody's.
    Taken,
}

/// Registers an address and opens its first session.
pub(crate) async fn register(
    world: &World,
    profile: Profile,
    password: String,
    client: String,
) -> Result<Outcome, Fault> {
    let profile = Profile {
        email: email::shown(&profile.email),
        ..profile
    };
    let account = AccountStub::of(&world.env, &profile.email);
    let registration = Registration { profile, password };
    let Registered::As(owner) = account.register(registration).await? else {
        return Ok(Outcome::Taken);
    };
    let profile = owner.profile.clone();
    match open(world, owner.into(), FormName::Pair, client).await? {
        Some(tokens) => Ok(Outcome::Registered(profile, tokens)),
        None => Err(Fault::new("an account that was just made is not admitted")),
    }
}

/// Whether an address is somebody's, for telling all that is wrong with a registration at once.
pub(crate) async fn is_taken(world: &World, address: &str) -> Result<bool, Fault> {
    AccountStub::of(&world.env, address).exists().await
}
