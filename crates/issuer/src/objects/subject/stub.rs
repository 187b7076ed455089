//! Asking a subject's object.

use hallpass_core::revocation::Target;
use hallpass_core::session::adopted_sid;
use hallpass_core::{Claims, Jti, Subject};
use serde::de::DeserializeOwned;
use worker::Env;

use super::message::{
    Change, Check, Checked, Command, Described, EndAll, EndOne, EndedOne, Enrol, Enrolled,
    GiveBack, GivenBack, Listed, Open, Opened, Present, Presented, RevokeForeign, RevokeId,
    RevokeOne, RevokedAs, RevokedForeign, Serve, Stand, Stood,
};
use crate::config::SUBJECTS;
use crate::fault::Fault;
use crate::objects::{call, probe};

/// The object of one subject.
pub(crate) struct SubjectStub<'a> {
    env: &'a Env,
    name: String,
}

impl<'a> SubjectStub<'a> {
    /// The object that keeps this subject's sessions.
    pub(crate) fn of(env: &'a Env, sub: &str) -> Self {
        Self {
            env,
            name: Target::Subject(sub.to_owned()).to_string(),
        }
    }

    /// An object of nobody.
    pub(crate) fn for_probe(env: &'a Env) -> Self {
        Self {
            env,
            name: probe::NAME.to_owned(),
        }
    }

    /// The object that keeps the session of this token: its subject's, or for a token of nobody one
    /// for its session alone. `None`: it names neither.
    pub(crate) fn of_token(env: &'a Env, claims: &Claims) -> Option<Self> {
        if let Subject::Of(sub) = &claims.subject {
            return Some(Self::of(env, sub));
        }
        let sid = claims
            .sid
            .clone()
            .or_else(|| claims.jti.as_ref().map(adopted_sid))?;
        Some(Self {
            env,
            name: Target::Session(sid).to_string(),
        })
    }

    /// The object that this token of another issuer finds when it is adopted, without the token.
    pub(crate) fn of_foreign(env: &'a Env, sub: Option<&str>, jti: &Jti) -> Self {
        match sub {
            Some(sub) => Self::of(env, sub),
            None => Self {
                env,
                name: Target::Session(adopted_sid(jti)).to_string(),
            },
        }
    }

    /// Tells it from the objects of others.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) async fn open(&self, open: Open) -> Result<Opened, Fault> {
        self.ask(&Command::Change(Change::Open(open))).await
    }

    pub(crate) async fn present(&self, present: Present) -> Result<Presented, Fault> {
        self.ask(&Command::Change(Change::Present(present))).await
    }

    pub(crate) async fn check(&self, check: Check) -> Result<Checked, Fault> {
        self.ask(&Command::Check(check)).await
    }

    pub(crate) async fn give_back(&self, give_back: GiveBack) -> Result<GivenBack, Fault> {
        self.ask(&Command::Change(Change::GiveBack(give_back)))
            .await
    }

    pub(crate) async fn list(&self) -> Result<Vec<Listed>, Fault> {
        self.ask(&Command::List).await
    }

    /// `None`: nothing is known of this subject.
    pub(crate) async fn describe(&self) -> Result<Option<Described>, Fault> {
        self.ask(&Command::Describe).await
    }

    pub(crate) async fn revoke_id(&self, revoke_id: RevokeId) -> Result<RevokedAs, Fault> {
        self.ask(&Command::Change(Change::RevokeId(revoke_id)))
            .await
    }

    pub(crate) async fn revoke_foreign(
        &self,
        revoke: RevokeForeign,
    ) -> Result<RevokedForeign, Fault> {
        self.ask(&Command::Change(Change::RevokeForeign(revoke)))
            .await
    }

    pub(crate) async fn enrol(&self, enrol: Enrol) -> Result<Enrolled, Fault> {
        self.ask(&Command::Change(Change::Enrol(enrol))).await
    }

    pub(crate) async fn withdraw(&self, enrol: Enrol) -> Result<(), Fault> {
        self.ask(&Command::Change(Change::Withdraw(enrol))).await
    }

    pub(crate) async fn stand(&self, stand: Stand) -> Result<Stood, Fault> {
        self.ask(&Command::Change(Change::Stand(stand))).await
    }

    pub(crate) async fn end_one(&self, end_one: EndOne) -> Result<EndedOne, Fault> {
        self.ask(&Command::Change(Change::EndOne(end_one))).await
    }

    pub(crate) async fn revoke_one(&self, revoke_one: RevokeOne) -> Result<(), Fault> {
        self.ask(&Command::Change(Change::RevokeOne(revoke_one)))
            .await
    }

    pub(crate) async fn serve(&self, serve: Serve) -> Result<Opened, Fault> {
        self.ask(&Command::Change(Change::Serve(serve))).await
    }

    pub(crate) async fn end_all(&self, end_all: EndAll) -> Result<(), Fault> {
        self.ask(&Command::Change(Change::EndAll(end_all))).await
    }

    pub(crate) async fn probe(&self) -> Result<(), Fault> {
        self.ask(&Command::Probe).await
    }

    async fn ask<A: DeserializeOwned>(&self, command: &Command) -> Result<A, Fault> {
        call::ask(self.env, SUBJECTS, &self.name, command).await
    }
}
