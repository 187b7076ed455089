//! The password of an address: registering, checking, changing and forgetting it.
//!
//! A change stores the new hash and the next version first, then has the subject end all sessions and
//! refuse every lower version. If that second step does not get through, the alarm tries again until
//! it does.

use super::AccountKeeper;
use super::store::{Account, Accounts};
use super::stub::{Changed, Registered, Registration, Verified};
use crate::adapters::password::StoredPassword;
use crate::adapters::password_argon2::{self, PasswordHash};
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
                password: StoredPassword::Ours(PasswordHash::of(&password)?),
            };
            accounts.insert(&account)?;
            let Account { sub, version, .. } = account;
            Ok(Registered::As { sub, version })
        })
    }

    pub(super) fn exists(&self) -> Result<bool, Fault> {
        Ok(Accounts::of(&Sql::of(&self.tables)).account()?.is_some())
    }

    /// Checks a password. Where there is no account, the same work is done all the same. One that
    /// came from another system is hashed anew by what we hash with.
    pub(super) fn verify(&self, password: &str) -> Result<Verified, Fault> {
        let account = Accounts::of(&Sql::of(&self.tables)).account()?;
        let Some(account) = owner(account, password)? else {
            return Ok(Verified::No);
        };
        let Account {
            sub,
            version,
            profile,
            password: former,
        } = account;
        if !former.is_ours() {
            let ours = StoredPassword::Ours(PasswordHash::of(password)?);
            transaction(&self.tables, move |sql| {
                Accounts::of(sql).store_otherwise(&former, &ours, version)
            })?;
        }
        Ok(Verified::As {
            sub,
            version,
            profile,
        })
    }

    pub(super) async fn change(&self, old: String, new: String) -> Result<Changed, Fault> {
        let changed = transaction(&self.tables, move |sql| {
            let accounts = Accounts::of(sql);
            let Some(account) = owner(accounts.account()?, &old)? else {
                return Ok(Changed::WrongPassword);
            };
            let version = account.version + 1;
            accounts.replace_password(&PasswordHash::of(&new)?, version)?;
            Ok(Changed::To { version })
        })?;
        match changed {
            Changed::WrongPassword => {}
            Changed::To { .. } => {
                self.arm(self.now() + FIRST_RETRY).await?;
                self.announce().await?;
            }
        }
        Ok(changed)
    }

    /// The address can be registered again, by a new subject.
    pub(super) fn forget(&self, sub: String) -> Result<(), Fault> {
        transaction(&self.tables, move |sql| {
            let accounts = Accounts::of(sql);
            if accounts.account()?.is_none_or(|account| account.sub != sub) {
                return Ok(());
            }
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

/// The account, if this is its password. Without one the same work is done.
fn owner(account: Option<Account>, password: &str) -> Result<Option<Account>, Fault> {
    let Some(account) = account else {
        password_argon2::check_against_nobody(password)?;
        return Ok(None);
    };
    let is_its = account.password.is_of(password)?;
    Ok(is_its.then_some(account))
}
