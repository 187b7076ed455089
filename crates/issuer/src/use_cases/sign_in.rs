//! Opening a session.

use std::time::Duration;

use hallpass_core::CustomClaims;
use hallpass_core::second_factor::GOOD_SECONDS;

use super::door::{self, Caller, Wait};
use super::{Failure, Tokens, World};
use crate::adapters::clock;
use crate::adapters::slip::Slip;
use crate::fault::Fault;
use crate::objects::account::{AccountStub, Owner, Verified};
use crate::objects::subject::SubjectStub;
use crate::objects::subject::message::{FormName, Open, Opened, Own, Profile};

/// Who signs in, and with what.
pub(crate) struct Credentials {
    pub(crate) email: String,
    pub(crate) password: String,
}

/// A subject whose credential was checked.
pub(crate) struct Admitted {
    pub(crate) sub: String,
    /// The version of the credential that was right.
    pub(crate) credential: u32,
    pub(crate) profile: Option<Profile>,
    /// What was asked of the session.
    pub(crate) wishes: Wishes,
}

impl From<Owner> for Admitted {
    fn from(owner: Owner) -> Self {
        let Owner {
            sub,
            version,
            profile,
        } = owner;
        Self {
            sub,
            credential: version,
            profile: Some(profile),
            wishes: Wishes::default(),
        }
    }
}

/// What a session is to be like, besides the settings.
#[derive(Clone, Default)]
pub(crate) struct Wishes {
    pub(crate) custom: CustomClaims,
    pub(crate) own: Own,
}

/// What came of a sign-in.
pub(crate) enum Outcome {
    SignedIn(Tokens),
    /// The password is right, and a code is asked for as well: it is in the mail. This goes with it.
    CodeNeeded(String),
    /// There is no such active account, or this is not its password.
    NoAccount,
    /// It was guessed too often: nothing was looked at.
    TooOften(Wait),
}

/// Checks a password and opens a session.
pub(crate) async fn sign_in(
    world: &World,
    credentials: Credentials,
    caller: Caller,
    form: FormName,
    client: String,
) -> Result<Outcome, Fault> {
    let Credentials { email, password } = credentials;
    let door = match door::at_account(world, caller, &email).await {
        Ok(door) => door,
        Err(wait) => return Ok(Outcome::TooOften(wait)),
    };
    let account = AccountStub::of(&world.env, &email);
    match account.verify(door, password).await? {
        Verified::No => Ok(Outcome::NoAccount),
        Verified::Code(version) => {
            let challenge = Slip {
                address: email,
                credential: version,
                opens: Some(form),
                expires_at: clock::seconds() + GOOD_SECONDS,
            };
            Ok(Outcome::CodeNeeded(challenge.sealed(&world.config)?))
        }
        Verified::Wait(seconds) => Ok(Outcome::TooOften(Wait(seconds))),
        Verified::As(owner) => {
            let opened = open(world, owner.into(), form, client).await?;
            Ok(opened.map_or(Outcome::NoAccount, Outcome::SignedIn))
        }
    }
}

/// Opens a session. `None`: the subject or its credential is not admitted any more.
pub(crate) async fn open(
    world: &World,
    admitted: Admitted,
    form: FormName,
    client: String,
) -> Result<Option<Tokens>, Fault> {
    let Admitted {
        sub,
        credential,
        profile,
        wishes,
    } = admitted;
    let object = SubjectStub::of(&world.env, &sub);
    issued(world, async |key_id| {
        let open = Open {
            sub: sub.clone(),
            credential,
            form,
            key_id,
            client: client.clone(),
            profile: profile.clone(),
            custom: wishes.custom.as_stored().to_owned(),
            own: wishes.own,
        };
        object.open(open).await
    })
    .await
}

/// How often an object is asked: each end-all and each leaked key in between costs one time.
const TRIES: usize = 5;

/// Asks an object to issue with the key that signs now. `None`: it does not.
///
/// In the second in which all of a subject's sessions were ended, everything issued is dead. Whoever
/// asks then waits for the next, and asks again, for the password may have been changed.
pub(super) async fn issued(
    world: &World,
    ask: impl AsyncFn(Option<String>) -> Result<Opened, Fault>,
) -> Result<Option<Tokens>, Fault> {
    for _ in 0..TRIES {
        match ask(world.keys().await?.current_id()).await? {
            Opened::Issued(unsigned) => match world.sign(unsigned).await {
                Ok(tokens) => return Ok(Some(tokens)),
                Err(Failure::Fault(fault)) => return Err(fault),
                // The key was declared leaked in between: with the next one, then.
                Err(Failure::Refused(_)) => {}
            },
            Opened::Refused => return Ok(None),
            Opened::WaitUntil(second) => clock::sleep_until(second, Duration::from_secs(2)).await,
        }
    }
    Err(Fault::new(
        "whoever asked was overtaken by an end of all sessions or of the key, again and again",
    ))
}
