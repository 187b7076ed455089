//! The object of an e-mail address: one password and whose it is.
//!
//! Registration, sign-in and change of one address come one after the other here, so an address is
//! registered once however many ask, and a password is checked against one version of itself.
//!
//! The hashing runs here and not in the Worker in front: its 19 MiB and its time belong to one
//! address's object.
//!
//! A change of password stores the new hash and the next version first, then has the subject end
//! all sessions and refuse every lower version. If that second step does not get through, an alarm
//! tries again until it does.

#![expect(
    missing_docs,
    reason = "the macro writes methods that it does not document"
)]

mod store;
mod stub;

pub(crate) use stub::{AccountStub, Changed, Registered, Registration, Verified};

use std::rc::Rc;
use std::time::Duration;

use worker::{DurableObject, Env, Request, Response, State, durable_object};

use self::store::{Account, Accounts};
use self::stub::Command;
use super::call;
use super::subject::SubjectStub;
use super::subject::message::{By, EndAll};
use crate::adapters::ground_worker::OnWorker;
use crate::adapters::password_argon2::{self, PasswordHash};
use crate::fault::Fault;
use crate::ground::Ground;
use crate::ground::sql::{Sql, transaction};
use crate::log;

/// How long after a change of password the alarm looks whether all sessions have ended.
const RETRY: Duration = Duration::from_secs(5);

/// See the module.
#[durable_object]
pub struct AccountObject(Rc<Inner>);

struct Inner {
    ground: Rc<dyn Ground>,
    env: Env,
}

impl DurableObject for AccountObject {
    fn new(state: State, env: Env) -> Self {
        Self(Rc::new(Inner {
            ground: OnWorker::ground(state, env.clone()),
            env,
        }))
    }

    async fn fetch(&self, request: Request) -> worker::Result<Response> {
        let carry_out = async |command: String| {
            let command = serde_json::from_str(&command)?;
            self.0.carry_out(command).await
        };
        call::serve(request, carry_out).await
    }

    async fn alarm(&self) -> worker::Result<Response> {
        if let Err(fault) = self.0.announce().await {
            log::error("account", &fault.to_string());
            self.0.ground.set_alarm(RETRY * 6).await?;
        }
        Response::empty()
    }
}

impl Inner {
    async fn carry_out(&self, command: Command) -> Result<String, Fault> {
        match command {
            Command::Register(registration) => call::answer(&self.register(registration)?),
            Command::Exists => call::answer(&self.account()?.is_some()),
            Command::Verify { password } => call::answer(&self.verify(&password)?),
            Command::ChangePassword { old, new } => call::answer(&self.change(&old, &new).await?),
            Command::Forget { sub } => call::answer(&self.forget(sub)?),
        }
    }

    fn account(&self) -> Result<Option<Account>, Fault> {
        Accounts::of(&Sql::of(&self.ground)).account()
    }

    fn register(&self, registration: Registration) -> Result<Registered, Fault> {
        if self.account()?.is_some() {
            return Ok(Registered::Taken);
        }
        let Registration { profile, password } = registration;
        let account = Account {
            sub: self.ground.id()?,
            profile,
            version: 1,
            password: PasswordHash::of(&password)?,
        };
        let sub = account.sub.clone();
        transaction(&self.ground, move |sql| Accounts::of(sql).insert(&account))?;
        Ok(Registered::As { sub, version: 1 })
    }

    /// Checks a password. Where there is no account, the same work is done all the same.
    fn verify(&self, password: &str) -> Result<Verified, Fault> {
        let Some(account) = self.account()? else {
            password_argon2::check_against_nobody(password)?;
            return Ok(Verified::No);
        };
        if !account.password.is_of(password)? {
            return Ok(Verified::No);
        }
        let Account {
            sub,
            version,
            profile,
            ..
        } = account;
        Ok(Verified::As {
            sub,
            version,
            profile,
        })
    }

    async fn change(&self, old: &str, new: &str) -> Result<Changed, Fault> {
        let Some(account) = self.account()? else {
            password_argon2::check_against_nobody(old)?;
            return Ok(Changed::WrongPassword);
        };
        if !account.password.is_of(old)? {
            return Ok(Changed::WrongPassword);
        }
        let password = PasswordHash::of(new)?;
        let version = transaction(&self.ground, move |sql| {
            let version = account.version + 1;
            Accounts::of(sql).replace_password(&password, version)?;
            Ok(version)
        })?;
        // Committed with the new hash: no await lies between.
        self.ground.set_alarm(RETRY).await?;
        self.announce().await?;
        Ok(Changed::To { version })
    }

    /// The address can be registered again, by a new subject.
    fn forget(&self, sub: String) -> Result<(), Fault> {
        if self.account()?.is_none_or(|account| account.sub != sub) {
            return Ok(());
        }
        transaction(&self.ground, move |sql| Accounts::of(sql).delete(&sub))
    }

    /// Has the subject end all sessions opened below the current version, unless it has already.
    async fn announce(&self) -> Result<(), Fault> {
        let unannounced = Accounts::of(&Sql::of(&self.ground)).unannounced()?;
        let Some((sub, version)) = unannounced else {
            return Ok(());
        };
        let end_all = EndAll {
            sub: sub.clone(),
            credential: Some(version),
            by: By::Holder,
        };
        SubjectStub::of(&self.env, &sub).end_all(end_all).await?;
        Accounts::of(&Sql::of(&self.ground)).announced(version)
    }
}
