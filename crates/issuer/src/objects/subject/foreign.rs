//! What another issuer has decided of this subject, told by an administrator who moves over.

use hallpass_core::enrolment::{self, Address, Enrolment};
use hallpass_core::revocation::{Reason, Target};
use hallpass_core::session::adopted_sid;
use hallpass_core::{Jti, MAX_LEEWAY};

use super::decide::{Aftermath, Scene};
use super::message::{Enrol, Enrolled, ForeignToken, RevokeForeign, RevokedForeign};
use super::sessions::Kept;
use crate::adapters::blacklist_kv::Facts;
use crate::fault::Fault;

impl Scene<'_> {
    /// Calls tokens back that another issuer had revoked. Of each, the first that is true:
    ///
    /// | the token | what happens |
    /// |---|---|
    /// | is one of a session that lives here, current or spent | that session ends |
    /// | began a session here, which has ended | nothing: it is refused already |
    /// | was called back until its `exp` or later | nothing |
    /// | otherwise | it is called back until its `exp`: it never begins a session here |
    ///
    /// So the same list can be told again. It is no event: a hundred thousand lines would push out
    /// of the directory all that happened here.
    pub(super) fn revoke_foreign(
        &mut self,
        revoke: &RevokeForeign,
    ) -> Result<(RevokedForeign, Aftermath), Fault> {
        let mut all = Aftermath::default();
        let mut called_back = Vec::new();
        for token in &revoke.tokens {
            let aftermath = self.revoke_foreign_one(token, revoke.sub.as_deref())?;
            called_back.push(aftermath.is_some());
            if let Some(aftermath) = aftermath {
                all.outbox |= aftermath.outbox;
                all.events |= aftermath.events;
                all.sweep_at = all.sweep_at.into_iter().chain(aftermath.sweep_at).min();
            }
        }
        Ok((RevokedForeign(called_back), all))
    }

    fn revoke_foreign_one(
        &mut self,
        token: &ForeignToken,
        sub: Option<&str>,
    ) -> Result<Option<Aftermath>, Fault> {
        let jti = Jti::presented(token.jti.clone());
        if let Some(kept) = issued_by(self.store.live_sessions()?, &jti) {
            let session = kept.session.ended(Reason::Admin, self.now);
            let kept = Kept { session, ..kept };
            return Ok(Some(self.keep_ended(kept, false, sub)?));
        }
        if self.store.session(&adopted_sid(&jti))?.is_some()
            || self.store.revoked_until(&jti)? >= Some(token.exp)
        {
            return Ok(None);
        }
        self.store.create()?;
        self.store.put_profile(sub, None)?;
        let exp = self.store.revoke(&jti, token.exp)?;
        let facts = Facts::new(Reason::Admin, self.now, sub);
        self.enqueue(&Target::Token(jti), &facts, exp)?;
        Ok(Some(Aftermath {
            outbox: true,
            events: false,
            sweep_at: Some(exp.max(self.now) + MAX_LEEWAY),
            spent: None,
        }))
    }

    /// Notes the subject's address, by [`enrolment::enrol`].
    pub(super) fn enrol(&mut self, enrol: &Enrol) -> Result<(Enrolled, Aftermath), Fault> {
        let standing = self.store.subject()?.standing;
        let address = match self.store.profile()? {
            None => Address::None,
            Some(known) if same(&known.email, &enrol.profile.email) => Address::Same,
            Some(_) => Address::Other,
        };
        let enrolled = match enrolment::enrol(standing, address) {
            Enrolment::Enrol => {
                self.store.create()?;
                self.store
                    .put_profile(Some(&enrol.sub), Some(&enrol.profile))?;
                Enrolled::Yes
            }
            Enrolment::Already => Enrolled::Yes,
            Enrolment::OtherAddress => Enrolled::OtherAddress,
            Enrolment::Deleted => Enrolled::Deleted,
        };
        Ok((enrolled, Aftermath::default()))
    }

    /// Forgets an address that the account's object has given to somebody else.
    pub(super) fn withdraw(&mut self, enrol: &Enrol) -> Result<((), Aftermath), Fault> {
        self.store.withdraw(&enrol.profile.email)?;
        Ok(((), Aftermath::default()))
    }
}

/// Which of these sessions has issued a token of this id, or was adopted with it.
pub(super) fn issued_by(sessions: Vec<Kept>, jti: &Jti) -> Option<Kept> {
    let issued = |kept: &Kept| {
        let counter = kept.session.counter_of(jti);
        counter.is_some_and(|counter| counter <= kept.session.counter)
    };
    sessions.into_iter().find(issued)
}

/// Whether two spellings are taken for one address here: of those that differ in more than case, the
/// second is refused.
fn same(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}
