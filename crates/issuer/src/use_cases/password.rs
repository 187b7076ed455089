//! Changing a password.

use super::check::Bearer;
use super::door::Wait;
use super::sign_in::{Admitted, Wishes, open};
use super::{Tokens, World};
use crate::fault::Fault;
use crate::objects::account::{AccountStub, Changed};
use crate::objects::subject::message::FormName;

/// What came of a change.
pub(crate) enum Outcome {
    /// Changed; all sessions have ended but this fresh one.
    Changed(Tokens),
    /// The old password is not the account's.
    WrongPassword,
    /// It was guessed at too often: nothing was looked at.
    TooOften(Wait),
    /// The account is not one of ours, or was changed again meanwhile.
    NoAccount,
}

/// Changes the bearer's password, which ends all sessions, and opens a new one.
pub(crate) async fn change(
    world: &World,
    bearer: Bearer,
    old: String,
    new: String,
    client: String,
) -> Result<Outcome, Fault> {
    let Some(profile) = bearer.profile else {
        return Ok(Outcome::NoAccount);
    };
    let account = AccountStub::of(&world.env, &profile.email);
    let version = match account.change_password(old, new).await? {
        Changed::To(version) => version,
        Changed::WrongPassword => return Ok(Outcome::WrongPassword),
        Changed::Wait(seconds) => return Ok(Outcome::TooOften(Wait(seconds))),
    };
    let admitted = Admitted {
        sub: bearer.sub,
        credential: version,
        profile: Some(profile),
        wishes: Wishes::default(),
    };
    Ok(open(world, admitted, FormName::Pair, client)
        .await?
        .map_or(Outcome::NoAccount, Outcome::Changed))
}
