//! The password of an address: registering, checking, changing and forgetting it.
//!
//! A change stores the new hash and the next version first, then has the subject end all sessions and
//! refuse every lower version. If that second step does not get through, the alarm tries again until
//! it does.

use std::rc::Rc;

use super::AccountKeeper;
use super::attempts::Tried;
use super::factor::{self, Asked};
use super::store::{Account, Accounts};
use super::stub::{Changed, Door, Registered, Registration, Verified};
use super::tries::Tally;
use crate::adapters::password::StoredPassword;
use crate::adapters::password_argon2::PasswordHash;
use crate::fault::Fault;
use crate::ground::sql::{Sql, transaction};
use crate::objects::subject::SubjectStub;
use crate::objects::subject::message::{By, EndAll};

/// How long after a change of password the alarm looks whether all sessions have ended, in seconds.
const FIRST_RETRY: u64 = 5;

/// How long it waits after that, in seconds.
const RETRY: u64 = 30;

impl AccountKeeper {
    pub(super) fn register(&self, registration: Registration) -> Result<Registered, Fault> {
        let Registration { profile, password } = registration;
        let sub = self.ground.id()?;
        transaction(&self.tables, move |sql| {
            let accounts = Accounts::of(sql);
            if accounts.account()?.is_some() {
                return Ok(Registered::Taken);
            }
            let account = Account {
                sub,
                profile,
                version: 1,
                second_factor: false,
                password: StoredPassword::Ours(PasswordHash::of(&password)?),
            };
            accounts.insert(&account)?;
            Ok(Registered::As(account.into()))
        })
    }

    pub(super) fn exists(&self) -> Result<bool, Fault> {
        Ok(Accounts::of(&Sql::of(&self.tables)).account()?.is_some())
    }

    /// Checks a password, if it was not guessed too often, and counts. One that came from another system
    /// is hashed anew by what we hash with. Of whom a code is asked, too, one is mailed.
    pub(super) async fn verify(
        self: &Rc<Self>,
        door: Door,
        password: String,
    ) -> Result<Verified, Fault> {
        let (attempts, desk) = (self.attempts(door)?, self.desk()?);
        let (verified, is_written) = transaction(&self.tables, move |sql| {
            let account = match attempts.at(sql, &password)? {
                Tried::Wait(seconds) => return Ok((Verified::Wait(seconds), false)),
                Tried::Wrong => return Ok((Verified::No, false)),
                Tried::Right(account) => account,
            };
            let (former, version) = (&account.password, account.version);
            if !former.is_ours() {
                let ours = StoredPassword::Ours(PasswordHash::of(&password)?);
                Accounts::of(sql).store_otherwise(former, &ours, version)?;
            }
            if desk.config.second_factor.asks(account.second_factor) {
                return Ok(match factor::ask(&desk, sql, &account)? {
                    Asked::Wait(seconds) => (Verified::Wait(seconds), false),
                    Asked::Mailed => (Verified::Code(version), false),
                    Asked::New => (Verified::Code(version), true),
                });
            }
            Ok((Verified::As(account.into()), false))
        })?;
        if is_written {
            self.mail_was_written().await?;
        }
        self.look_after_attempts().await?;
        Ok(verified)
    }

    pub(super) async fn change(
        self: &Rc<Self>,
        old: String,
        new: String,
    ) -> Result<Changed, Fault> {
        let attempts = self.attempts(Door::Bearer)?;
        let changed = transaction(&self.tables, move |sql| {
            let account = match attempts.at(sql, &old)? {
                Tried::Wait(seconds) => return Ok(Changed::Wait(seconds)),
                Tried::Wrong => return Ok(Changed::WrongPassword),
                Tried::Right(account) => account,
            };
            let version = account.version + 1;
            Accounts::of(sql).replace_password(&PasswordHash::of(&new)?, version)?;
            Ok(Changed::To(version))
        })?;
        match changed {
            Changed::Wait(_) | Changed::WrongPassword => self.look_after_attempts().await?,
            Changed::To(_) => self.announce_change().await?,
        }
        Ok(changed)
    }

    /// The password was changed: all sessions end, with the alarm behind it. Called in the turn of the
    /// transaction, so that the alarm is committed with it.
    pub(super) async fn announce_change(self: &Rc<Self>) -> Result<(), Fault> {
        self.arm(self.now() + FIRST_RETRY).await?;
        self.look_after_attempts().await?;
        self.announce().await
    }

    /// The address can be registered again, by a new subject.
    pub(super) fn forget(&self, sub: String) -> Result<(), Fault> {
        transaction(&self.tables, move |sql| {
            let accounts = Accounts::of(sql);
            if accounts.account()?.is_none_or(|account| account.sub != sub) {
                return Ok(());
            }
            Tally(sql).forget_all()?;
            accounts.delete(&sub)
        })
    }

    /// Has the subject end all sessions opened below the current version, unless it has already.
    pub(super) async fn announce(&self) -> Result<(), Fault> {
        let unannounced = Accounts::of(&Sql::of(&self.tables)).unannounced()?;
        let Some((sub, version)) = unannounced else {
            return Ok(());
        };
        let end_all = EndAll {
            sub: sub.clone(),
            credential: Some(version),
            by: By::Holder,
        };
        SubjectStub::of(&self.env, &sub).end_all(end_all).await?;
        Accounts::of(&Sql::of(&self.tables)).announced(version)
    }
}

/// When the subject is to be told again of a change, if it was not told.
pub(super) fn due(sql: &Sql, now: u64) -> Result<Option<u64>, Fault> {
    let unannounced = Accounts::of(sql).unannounced()?;
    Ok(unannounced.map(|_| now + RETRY))
}
