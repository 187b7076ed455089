//! Ending sessions and calling tokens back.

use hallpass_core::MAX_LEEWAY;
use hallpass_core::claims::TokenType;
use hallpass_core::ending::{self, Ending};
use hallpass_core::revocation::{Reason, Target};
use hallpass_core::session::Life;

use super::decide::{Aftermath, Scene, identified, subject_of};
use super::exchange::{not_found, refused};
use super::message::{EndAll, EndOne, EndedOne, GiveBack, GivenBack, Refused, RevokeOne};
use super::sessions::Kept;
use crate::adapters::blacklist_kv::Facts;
use crate::fault::Fault;

impl Scene<'_> {
    /// Ends the session of a token that is given back, by [`ending::give_back`].
    pub(super) fn give_back(
        &mut self,
        give_back: &GiveBack,
    ) -> Result<(GivenBack, Aftermath), Fault> {
        let refusal = |refused| Ok((GivenBack::Refused(refused), Aftermath::default()));
        let claims = self.claims(&give_back.payload)?;
        let (state, jti) = (self.store.subject()?, identified(&claims)?);
        let Some((kept, is_new)) = self.found(&claims, &state)? else {
            return refusal(not_found(&claims, &state));
        };
        let (next, answer) = match ending::give_back(&kept.session, &jti, Reason::Logout, self.now)
        {
            Ending::Refuse(why) => return refusal(refused(why)),
            Ending::Ended(next) => (next, GivenBack::Ended),
            Ending::EndedBySpent(next) => (next, GivenBack::Refused(Refused::CalledBack)),
        };
        let aftermath = self.keep_ended(
            Kept {
                session: *next,
                ..kept
            },
            is_new,
            subject_of(&claims),
        )?;
        Ok((answer, aftermath))
    }

    /// Ends one session, if it lives.
    pub(super) fn end_one(&mut self, end_one: &EndOne) -> Result<(EndedOne, Aftermath), Fault> {
        let kept = self.store.session(&end_one.sid)?;
        let Some(kept) = kept.filter(|kept| kept.session.life == Life::Live) else {
            return Ok((EndedOne(false), Aftermath::default()));
        };
        let sub = self.store.sub()?;
        let session = kept.session.ended(Reason::Logout, self.now);
        let aftermath = self.keep_ended(Kept { session, ..kept }, false, sub.as_deref())?;
        Ok((EndedOne(true), aftermath))
    }

    /// Calls one token back. Its session lives on.
    pub(super) fn revoke_one(&mut self, revoke: &RevokeOne) -> Result<Aftermath, Fault> {
        let claims = self.claims(&revoke.payload)?;
        let (jti, exp) = (identified(&claims)?, claims.exp.unwrap_or(self.now));
        self.store.create()?;
        self.store.revoke(&jti, exp)?;
        let mut facts = Facts::new(Reason::Revoked, self.now, subject_of(&claims));
        if let (Some(sid), TokenType::Of(kind)) = (&claims.sid, claims.token_type) {
            facts = facts.of_token(sid, kind);
        }
        self.enqueue(&Target::Token(jti), &facts, exp)?;
        Ok(Aftermath {
            outbox: true,
            sweep_at: Some(exp.max(self.now) + MAX_LEEWAY),
        })
    }

    /// Ends all sessions and everything else issued up to now.
    pub(super) fn end_all(&mut self, end_all: &EndAll) -> Result<Aftermath, Fault> {
        self.store.create()?;
        let reason = match end_all.credential {
            Some(_) => Reason::PasswordChanged,
            None => Reason::EndAll,
        };
        let state = self
            .store
            .subject()?
            .ended_all(end_all.credential, self.now);
        self.store.put_subject(&end_all.sub, &state)?;
        for kept in self.store.live_sessions()? {
            let session = kept.session.ended(reason, self.now);
            // The subject's entry calls back every session's tokens that have an `iat`.
            self.store_quietly_ended(Kept { session, ..kept }, Some(&end_all.sub))?;
        }
        // Tokens of another issuer, not seen yet, may live as long as a fresh one of ours.
        let unseen = self.now + self.config.longest_lifetime();
        let exp = self.store.latest_exp()?.max(unseen);
        let facts = Facts::new(reason, self.now, Some(&end_all.sub)).with_cutoff(state.cutoff);
        self.enqueue(&Target::Subject(end_all.sub.clone()), &facts, exp)?;
        Ok(Aftermath {
            outbox: true,
            sweep_at: Some(exp + MAX_LEEWAY),
        })
    }

    /// Stores a session that has just ended, and that the blacklist lacks it.
    pub(super) fn keep_ended(
        &mut self,
        kept: Kept,
        is_new: bool,
        subject: Option<&str>,
    ) -> Result<Aftermath, Fault> {
        if is_new {
            self.keep(&kept, is_new, subject)?;
        }
        let sweeping = self.sweeping(&kept);
        self.store_ended(kept, subject)?;
        Ok(Aftermath {
            outbox: true,
            ..sweeping
        })
    }

    pub(super) fn store_ended(&self, kept: Kept, subject: Option<&str>) -> Result<(), Fault> {
        if let Life::Ended { reason, .. } = kept.session.life {
            let facts = Facts::new(reason, self.now, subject);
            let target = Target::Session(kept.session.sid.clone());
            self.enqueue(&target, &facts, kept.session.latest_bearer_exp)?;
        }
        self.store_quietly_ended(kept, subject)
    }

    /// Spent ids of an ended session need not be published, its `sid` says it all; but the token a
    /// session was adopted with has no `sid`.
    pub(super) fn store_quietly_ended(
        &self,
        mut kept: Kept,
        subject: Option<&str>,
    ) -> Result<(), Fault> {
        if let (Some(jti), 0, Life::Ended { reason, .. }) =
            (&kept.session.adopted, kept.published, kept.session.life)
        {
            let (kind, sid) = (kept.session.form.presented(), kept.session.sid.as_str());
            let facts = Facts::new(reason, self.now, subject).of_token(sid, kind);
            self.enqueue(
                &Target::Token(jti.clone()),
                &facts,
                kept.session.latest_exp(),
            )?;
        }
        kept.published = kept.session.counter;
        self.store.update(&kept)
    }
}
