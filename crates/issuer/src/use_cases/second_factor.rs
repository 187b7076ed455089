//! The second factor: a mailed code, after the password.

use super::check::Bearer;
use super::door::Wait;
use super::sign_in::open;
use super::{Tokens, World};
use crate::adapters::clock;
use crate::adapters::slip::Slip;
use crate::fault::Fault;
use crate::objects::account::{AccountStub, Chosen, Coded, Dropped};
use crate::objects::subject::message::FormName;

/// What came of a code.
pub(crate) enum Outcome {
    /// As it was asked for with the password.
    SignedIn(FormName, Tokens),
    /// It is another one.
    Wrong,
    /// There is nothing to be right: the challenge is not good, or not any more.
    Over,
    /// Too many were wrong: nothing was looked at.
    TooOften(Wait),
    /// The subject is not admitted any more.
    NoAccount,
}

/// Ends a sign-in that the password has begun.
pub(crate) async fn finish(
    world: &World,
    challenge: &str,
    code: String,
    client: String,
) -> Result<Outcome, Fault> {
    let slip = Slip::opened(challenge, &world.config, clock::seconds())?;
    let Some((form, slip)) = slip.and_then(|slip| Some((slip.opens?, slip))) else {
        return Ok(Outcome::Over);
    };
    let account = AccountStub::of(&world.env, &slip.address);
    Ok(match account.take_code(slip.credential, code).await? {
        Coded::Wrong => Outcome::Wrong,
        Coded::Over => Outcome::Over,
        Coded::Wait(seconds) => Outcome::TooOften(Wait(seconds)),
        Coded::As(owner) => open(world, owner.into(), form, client)
            .await?
            .map_or(Outcome::NoAccount, |tokens| Outcome::SignedIn(form, tokens)),
    })
}

/// Whether a code is asked of the bearer at sign-in. `None`: there is no such account here.
pub(crate) async fn is_asked(world: &World, bearer: &Bearer) -> Result<Option<bool>, Fault> {
    let Some(account) = account_of(world, bearer) else {
        return Ok(None);
    };
    let chosen = account.has_chosen_factor().await?;
    Ok(Some(world.config.second_factor.asks(chosen)))
}

/// Turns it on for the bearer, once a code that was mailed has come back. `None`: no account here.
pub(crate) async fn choose(
    world: &World,
    bearer: &Bearer,
    password: String,
    code: Option<String>,
) -> Result<Option<Chosen>, Fault> {
    match account_of(world, bearer) {
        Some(account) => account.choose_factor(password, code).await.map(Some),
        None => Ok(None),
    }
}

/// Turns it off for the bearer. `None`: no account here.
pub(crate) async fn drop_choice(
    world: &World,
    bearer: &Bearer,
    password: String,
) -> Result<Option<Dropped>, Fault> {
    match account_of(world, bearer) {
        Some(account) => account.drop_factor(password).await.map(Some),
        None => Ok(None),
    }
}

fn account_of<'a>(world: &'a World, bearer: &Bearer) -> Option<AccountStub<'a>> {
    let profile = bearer.profile.as_ref()?;
    Some(AccountStub::of(&world.env, &profile.email))
}
