//! Ending sessions and calling tokens back.

use hallpass_core::claims::TokenType;
use hallpass_core::ending::{self, Ending};
use hallpass_core::event::{EventKind, QUIET_SECONDS};
use hallpass_core::revocation::{self, Reason, Target};
use hallpass_core::session::Life;
use hallpass_core::standing::{Moved, Standing};
use hallpass_core::{Jti, MAX_LEEWAY};

use super::decide::{Aftermath, Scene, identified, subject_of};
use super::events::Noted;
use super::exchange::{gone, refused};
use super::foreign::issued_by;
use super::message::{
    By, EndAll, EndOne, EndedOne, GiveBack, GivenBack, Refused, RevokeId, RevokeOne, RevokedAs,
    Stand, Stood, Why,
};
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
        let (seen, jti) = (self.store.sight(&claims)?, identified(&claims)?);
        let state = seen.state;
        let (kept, is_new) = match self.found(&claims, seen)? {
            Ok(found) => found,
            Err(refused) => return refusal(refused),
        };
        if let Some(standing) = state.absence(Some(&kept.session)) {
            return refusal(gone(standing));
        }
        let reason = reason(give_back.by, Reason::Logout);
        let (next, answer) = match ending::give_back(&kept.session, &jti, reason, self.now) {
            Ending::Refuse(why) => return refusal(refused(why)),
            Ending::Ended(next) => (next, GivenBack::Ended),
            Ending::EndedBySpent(next) => {
                let why = Why::ended(&next);
                (next, GivenBack::Refused(Refused::CalledBack(why)))
            }
        };
        let ended = Kept {
            session: *next,
            ..kept
        };
        let aftermath = self.keep_ended(ended, is_new, subject_of(&claims))?;
        Ok((answer, aftermath))
    }

    /// Ends one session, if it lives.
    pub(super) fn end_one(&mut self, end_one: &EndOne) -> Result<(EndedOne, Aftermath), Fault> {
        let kept = self.store.session(&end_one.sid)?;
        let Some(kept) = kept.filter(|kept| kept.session.life == Life::Live) else {
            return Ok((EndedOne(false), Aftermath::default()));
        };
        let sub = self.store.sub()?;
        let reason = reason(end_one.by, Reason::Logout);
        let session = kept.session.ended(reason, self.now);
        let aftermath = self.keep_ended(Kept { session, ..kept }, false, sub.as_deref())?;
        Ok((EndedOne(true), aftermath))
    }

    /// Calls one token back. Its session lives on.
    pub(super) fn revoke_one(&mut self, revoke: &RevokeOne) -> Result<Aftermath, Fault> {
        let claims = self.claims(&revoke.payload)?;
        let (jti, exp) = (identified(&claims)?, claims.exp.unwrap_or(self.now));
        let (sub, sid) = (subject_of(&claims), claims.sid.as_deref());
        let mut facts = Facts::new(reason(revoke.by, Reason::Revoked), self.now, sub);
        if let (Some(sid), TokenType::Of(kind)) = (sid, claims.token_type) {
            facts = facts.of_token(sid, kind);
        }
        self.store.create()?;
        let noted = Noted::of(EventKind::Revoked, sub).by(revoke.by);
        self.note(match sid {
            Some(sid) => noted.in_session(sid),
            None => noted,
        })?;
        self.revoke_until(jti, &facts, exp)
    }

    /// Calls one token back by its id. If it is a session's refresh or sliding token, current or
    /// spent, the session ends.
    pub(super) fn revoke_id(&mut self, revoke: &RevokeId) -> Result<(RevokedAs, Aftermath), Fault> {
        let jti = Jti::presented(revoke.jti.clone());
        let sub = Some(revoke.sub.as_str());
        let session_over = match issued_by(self.store.sessions()?, &jti) {
            Some(kept) if kept.session.life == Life::Live => {
                let session = kept.session.ended(Reason::Admin, self.now);
                let key = Target::Session(session.sid.clone()).to_string();
                let aftermath = self.keep_ended(Kept { session, ..kept }, false, sub)?;
                return Ok((RevokedAs(key), aftermath));
            }
            ended => ended.map_or(0, |kept| kept.session.latest_exp()),
        };
        self.store.create()?;
        self.store.put_profile(sub, None)?;
        self.note(Noted::of(EventKind::Revoked, sub).by(By::Admin))?;
        let longest = self.now + self.config.longest_lifetime();
        let exp = match revoke.exp {
            Some(exp) => exp,
            None => self.store.latest_exp()?.max(longest),
        };
        // A sliding token and the one that it was renewed from have one id, and the later one may have the
        // earlier `exp`.
        let exp = exp.max(session_over);
        let facts = Facts::new(Reason::Admin, self.now, sub);
        let key = RevokedAs(Target::Token(jti.clone()).to_string());
        Ok((key, self.revoke_until(jti, &facts, exp)?))
    }

    fn revoke_until(&self, jti: Jti, facts: &Facts, exp: u64) -> Result<Aftermath, Fault> {
        let exp = self.store.revoke(&jti, exp)?;
        self.enqueue(&Target::Token(jti), facts, exp)?;
        Ok(Aftermath {
            outbox: true,
            events: true,
            sweep_at: Some(exp.max(self.now) + MAX_LEEWAY),
            spent: None,
        })
    }

    /// Ends all sessions and everything else issued up to now; for a change of credential once.
    pub(super) fn end_all(&mut self, end_all: &EndAll) -> Result<Aftermath, Fault> {
        let before = self.store.subject()?;
        let is_known = |version| version <= before.credential;
        if end_all.credential.is_some_and(is_known) {
            // A change of credential is announced until its account knows that it got through.
            // What was opened since then was opened with the new one.
            return Ok(Aftermath::default());
        }
        self.store.create()?;
        let (ended_for, kind) = match end_all.credential {
            Some(_) => (Reason::PasswordChanged, EventKind::PasswordChanged),
            None => (reason(end_all.by, Reason::EndAll), EventKind::EndAll),
        };
        let state = before.ended_all(end_all.credential, self.now);
        self.store.put_subject(&end_all.sub, &state)?;
        // A token of an ended session may end all again at will, which is no news.
        let is_news = self.now >= before.cutoff.saturating_add(QUIET_SECONDS)
            || end_all.credential.is_some()
            || !self.store.live_sessions()?.is_empty();
        if is_news || end_all.by == By::Admin {
            self.note(Noted::of(kind, Some(&end_all.sub)).by(end_all.by))?;
        }
        self.end_live_sessions(&end_all.sub, ended_for)?;
        self.cut_off(&end_all.sub, ended_for, state.cutoff)
    }

    /// Changes the subject's standing, by [`hallpass_core::subject::SubjectState::moved`].
    pub(super) fn stand(&mut self, stand: &Stand) -> Result<(Stood, Aftermath), Fault> {
        let before = self.store.subject()?;
        let (state, ending) = match before.moved(stand.to.into(), self.now) {
            Moved::To { state, ending } => (state, ending),
            Moved::Already => return Ok((Stood::AsAsked, Aftermath::default())),
            Moved::Deleted => return Ok((Stood::Deleted, Aftermath::default())),
        };
        self.store.create()?;
        self.store.put_subject(&stand.sub, &state)?;
        let kind = match state.standing {
            Standing::Active => EventKind::Reactivated,
            Standing::Deactivated => EventKind::Deactivated,
            Standing::Deleted => EventKind::Deleted,
        };
        self.note(Noted::of(kind, Some(&stand.sub)).by(By::Admin))?;
        if let Some(reason) = ending {
            self.end_live_sessions(&stand.sub, reason)?;
        }
        if state.standing == Standing::Deleted {
            self.store.forget_names()?;
        }
        // The blacklist knows no standing: to its readers all that was issued up to now is dead, and
        // nothing is issued to who is not active.
        let cutoff = revocation::cutoff(state.cutoff, self.now);
        let reason = ending.unwrap_or(Reason::Deactivated);
        Ok((Stood::AsAsked, self.cut_off(&stand.sub, reason, cutoff)?))
    }

    fn end_live_sessions(&self, sub: &str, reason: Reason) -> Result<(), Fault> {
        for kept in self.store.live_sessions()? {
            let session = kept.session.ended(reason, self.now);
            // The subject's entry calls back every session's tokens that have an `iat`.
            self.store_quietly_ended(Kept { session, ..kept }, Some(sub))?;
        }
        Ok(())
    }

    /// Remembers to tell the blacklist that everything from before the cutoff is dead.
    fn cut_off(&self, sub: &str, reason: Reason, cutoff: u64) -> Result<Aftermath, Fault> {
        // Tokens of another issuer, not seen yet, may live as long as a fresh one of ours.
        let unseen = self.now + self.config.longest_lifetime();
        let exp = self.store.latest_exp()?.max(unseen);
        let facts = Facts::new(reason, self.now, Some(sub)).with_cutoff(cutoff);
        self.enqueue(&Target::Subject(sub.to_owned()), &facts, exp)?;
        Ok(Aftermath {
            outbox: true,
            events: true,
            sweep_at: Some(exp + MAX_LEEWAY),
            spent: None,
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
        if let Life::Ended { reason, .. } = kept.session.life
            && let Some(kind) = EventKind::of_ending(reason)
        {
            let by = if reason == Reason::Admin {
                By::Admin
            } else {
                By::Holder
            };
            let noted = Noted::of(kind, subject).by(by);
            self.note(noted.in_session(&kept.session.sid))?;
        }
        self.store_ended(kept, subject)?;
        Ok(Aftermath {
            outbox: true,
            events: true,
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
        self.store.update(&kept, self.now)
    }
}

const fn reason(by: By, holders: Reason) -> Reason {
    match by {
        By::Holder => holders,
        By::Admin => Reason::Admin,
    }
}
