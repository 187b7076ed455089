//! What a command does: load, let the core decide, store. Each function runs inside one
//! transaction.

use hallpass_core::claims::{Claims, CustomClaims, TokenType};
use hallpass_core::ending::{self, Ending};
use hallpass_core::issuance::{Issuer, Payloads};
use hallpass_core::json::{Duplicates, Object};
use hallpass_core::revocation::{self, Reason, Target};
use hallpass_core::rotation::{self, Policy, Refusal, Reuse, Verdict};
use hallpass_core::session::{Adopted, Form, Life, Opening, Session, adopted_sid};
use hallpass_core::subject::{self, Admission, MAX_LIVE_SESSIONS, Standing, SubjectState};
use hallpass_core::{Jti, Kind, MAX_LEEWAY, SessionKey, Subject};
use serde::Serialize;

use super::message::{
    Check, Checked, EndAll, GiveBack, GivenBack, Open, Opened, Present, Presented, Refused,
    Unsigned,
};
use super::store::{Kept, Store};
use crate::adapters::blacklist_kv::Facts;
use crate::adapters::entropy;
use crate::config::Config;
use crate::fault::Fault;
use crate::log;

/// Where a command is carried out, and when.
pub(super) struct Scene<'a> {
    pub(super) store: Store<'a>,
    pub(super) config: &'a Config,
    /// The object's clock, which never goes back; seconds.
    pub(super) now: u64,
}

/// What a command leaves behind for later.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Aftermath {
    /// The blacklist lacks something.
    pub(super) outbox: bool,
    /// A session of which it lacks a spent id.
    pub(super) spent: Option<String>,
    /// A row can go at this second.
    pub(super) sweep_at: Option<u64>,
}

impl Scene<'_> {
    /// Opens a session, if the subject and its credential allow it, now.
    pub(super) fn open(&mut self, open: &Open) -> Result<(Opened, Aftermath), Fault> {
        match self.store.subject()?.admit(open.credential, self.now) {
            Admission::Open => {}
            Admission::WaitUntil(second) => {
                return Ok((Opened::WaitUntil(second), Aftermath::default()));
            }
            Admission::Refuse => return Ok((Opened::Refused, Aftermath::default())),
        }
        self.store.create()?;
        self.store
            .put_profile(Some(&open.sub), open.profile.as_ref())?;
        let outbox = self.make_room(Some(&open.sub))?;
        let form = Form::from(open.form);
        let opening = Opening {
            sid: entropy::id()?,
            key: SessionKey::new(entropy::bytes()?),
            form,
            key_id: open.key_id.clone(),
            custom: CustomClaims::default(),
        };
        let session = Session::opened(opening, &self.config.lifetimes(form), self.now);
        let issued = unsigned(
            self.issuer(Some(&open.sub)).current(&session),
            session.key_id.as_deref(),
        );
        let kept = Kept {
            session,
            published: 0,
        };
        self.store.insert(&kept, &open.client)?;
        Ok((
            Opened::Issued(issued),
            Aftermath {
                outbox,
                ..self.sweeping(&kept)
            },
        ))
    }

    /// Ends the least recently refreshed session where there are as many as may live.
    fn make_room(&self, sub: Option<&str>) -> Result<bool, Fault> {
        let mut live = self.store.live_sessions()?;
        live.retain(|kept| kept.session.is_live(self.now));
        if live.len() < MAX_LIVE_SESSIONS {
            return Ok(false);
        }
        let Some(oldest) = live.into_iter().min_by_key(|kept| kept.session.rotated_at) else {
            return Ok(false);
        };
        let ended = oldest.session.ended(Reason::Evicted, self.now);
        self.store_ended(
            Kept {
                session: ended,
                ..oldest
            },
            sub,
        )?;
        Ok(true)
    }

    /// Exchanges a token, by [`rotation::present`].
    pub(super) fn present(&mut self, present: &Present) -> Result<(Presented, Aftermath), Fault> {
        let refusal = |refused| Ok((Presented::Refused(refused), Aftermath::default()));
        let claims = self.claims(&present.payload)?;
        let (state, jti) = (self.store.subject()?, identified(&claims)?);
        let Some((kept, is_new)) = self.found(&claims, &state)? else {
            return refusal(not_found(&claims, &state));
        };
        let policy = self.policy(kept.session.form);
        let key_id = present.key_id.as_deref();
        let verdict = rotation::present(&kept.session, &jti, key_id, &policy, self.now);
        let subject = subject_of(&claims);
        let may_go_on = state.standing == Standing::Active;
        let (next, payloads, key_id) = match verdict {
            Verdict::Refuse(why) => return refusal(refused(why)),
            Verdict::EndSession(next, reuse) => {
                record(&next, subject, reuse);
                let aftermath = self.keep_ended(
                    Kept {
                        session: *next,
                        ..kept
                    },
                    is_new,
                    subject,
                )?;
                return Ok((Presented::Refused(Refused::CalledBack), aftermath));
            }
            Verdict::Rotate(_) | Verdict::Renew { .. } | Verdict::Replay if !may_go_on => {
                return refusal(Refused::Inactive);
            }
            Verdict::Replay => {
                let payloads = self.issuer(subject).current(&kept.session);
                let key_id = kept.session.key_id.as_deref();
                return Ok((
                    Presented::Issued(unsigned(payloads, key_id)),
                    Aftermath::default(),
                ));
            }
            Verdict::Rotate(next) => {
                let payloads = self.issuer(subject).current(&next);
                let key_id = next.key_id.clone();
                (next, payloads, key_id)
            }
            Verdict::Renew { next, exp } => {
                let random = entropy::bytes()?;
                let payloads = self.issuer(subject).renewed(&next, random, exp, self.now);
                (next, payloads, present.key_id.clone())
            }
        };
        let published = if self.config.blacklist_after_rotation {
            kept.published
        } else {
            next.counter
        };
        let kept = Kept {
            session: *next,
            published,
        };
        let evicted = self.keep(&kept, is_new, subject)?;
        let lacking = kept.published < kept.session.counter;
        let aftermath = Aftermath {
            outbox: lacking || evicted,
            spent: lacking.then(|| kept.session.sid.clone()),
            ..self.sweeping(&kept)
        };
        Ok((
            Presented::Issued(unsigned(payloads, key_id.as_deref())),
            aftermath,
        ))
    }

    /// Says whether a token was called back, by [`subject::check`].
    pub(super) fn check(&self, check: &Check) -> Result<Checked, Fault> {
        let claims = self.claims(&check.payload)?;
        let kept = match sid_of(&claims) {
            Some(sid) => self.store.session(&sid)?,
            None => None,
        };
        let session = kept.as_ref().map(|kept| &kept.session);
        let refused = if claims.sid.is_none()
            && session.is_none()
            && !self.config.adopt_foreign_tokens
        {
            Some(Refused::NotIssuedHere)
        } else {
            match subject::check(&self.store.subject()?, session, &claims) {
                subject::Check::Good => None,
                subject::Check::CalledBack => Some(Refused::CalledBack),
                subject::Check::NotIssuedHere => Some(Refused::NotIssuedHere),
                subject::Check::Deactivated | subject::Check::Deleted => Some(Refused::Inactive),
            }
        };
        Ok(Checked {
            refused,
            profile: self.store.profile()?,
        })
    }

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

    /// Ends all sessions and everything else issued up to now; for a change of credential once.
    pub(super) fn end_all(&mut self, end_all: &EndAll) -> Result<Aftermath, Fault> {
        let state = self.store.subject()?;
        if end_all
            .credential
            .is_some_and(|version| version <= state.credential)
        {
            // A change of credential is announced until its account knows that it got through.
            // What was opened since then was opened with the new one.
            return Ok(Aftermath::default());
        }
        self.store.create()?;
        let reason = match end_all.credential {
            Some(_) => Reason::PasswordChanged,
            None => Reason::EndAll,
        };
        let state = state.ended_all(end_all.credential, self.now);
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
            spent: None,
        })
    }

    /// The session a token names, or the one it opens by being adopted (and that it is new).
    fn found(&self, claims: &Claims, state: &SubjectState) -> Result<Option<(Kept, bool)>, Fault> {
        let Some(sid) = sid_of(claims) else {
            return Ok(None);
        };
        if let Some(kept) = self.store.session(&sid)? {
            return Ok(Some((kept, false)));
        }
        let cut_off = revocation::is_cut_off(state.cutoff, claims.iat);
        if claims.sid.is_some() || cut_off || !self.config.adopt_foreign_tokens {
            return Ok(None);
        }
        let (Some(jti), Some(exp)) = (claims.jti.clone(), claims.exp) else {
            return Ok(None);
        };
        let form = match claims.token_type {
            TokenType::Of(Kind::Sliding) => Form::Sliding,
            TokenType::Of(Kind::Refresh | Kind::Access) | TokenType::Other | TokenType::Absent => {
                Form::Pair
            }
        };
        let opening = Opening {
            sid,
            key: SessionKey::new(entropy::bytes()?),
            form,
            key_id: None,
            custom: claims.custom(),
        };
        if opening.custom.as_stored().len() > CustomClaims::MAX_BYTES {
            return Ok(None);
        }
        let refresh_exp = claims.refresh_exp.unwrap_or(exp);
        let token = Adopted {
            jti,
            iat: claims.iat.unwrap_or(0),
            exp,
            refresh_exp,
        };
        let session = Session::adopted(opening, token, self.now);
        Ok(Some((
            Kept {
                session,
                published: 0,
            },
            true,
        )))
    }

    /// Stores a session; says whether another one had to end for it.
    fn keep(&mut self, kept: &Kept, is_new: bool, subject: Option<&str>) -> Result<bool, Fault> {
        if !is_new {
            return self.store.update(kept).map(|()| false);
        }
        self.store.create()?;
        self.store.put_profile(subject, None)?;
        let lives = kept.session.life == Life::Live;
        let evicted = lives && self.make_room(subject)?;
        self.store.insert(kept, "")?;
        Ok(evicted)
    }

    /// Stores a session that has just ended, and that the blacklist lacks it.
    fn keep_ended(
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

    fn store_ended(&self, kept: Kept, subject: Option<&str>) -> Result<(), Fault> {
        if let Life::Ended { reason, .. } = kept.session.life {
            let facts = Facts::new(reason, self.now, subject);
            let target = Target::Session(kept.session.sid.clone());
            self.enqueue(&target, &facts, kept.session.latest_bearer_exp)?;
        }
        self.store_quietly_ended(kept, subject)
    }

    /// Spent ids of an ended session need not be published, its `sid` says it all; but the token a
    /// session was adopted with has no `sid`.
    fn store_quietly_ended(&self, mut kept: Kept, subject: Option<&str>) -> Result<(), Fault> {
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

    fn enqueue(&self, target: &Target, facts: &Facts, exp: u64) -> Result<(), Fault> {
        self.store
            .enqueue(target.rank(), &target.to_string(), facts, exp)
    }

    fn sweeping(&self, kept: &Kept) -> Aftermath {
        let over = kept.session.latest_exp() + MAX_LEEWAY;
        Aftermath {
            sweep_at: Some(over.max(self.now)),
            ..Aftermath::default()
        }
    }

    fn issuer<'s>(&'s self, subject: Option<&'s str>) -> Issuer<'s> {
        Issuer {
            rules: &self.config.rules,
            subject,
        }
    }

    fn policy(&self, form: Form) -> Policy {
        Policy {
            rotate: self.config.rotate_refresh_tokens,
            grace: self.config.refresh_grace_seconds,
            leeway: self.config.rules.leeway,
            lifetimes: self.config.lifetimes(form),
        }
    }

    fn claims(&self, payload: &str) -> Result<Claims, Fault> {
        let object = Object::parse(payload.to_owned(), Duplicates::Refuse);
        let object =
            object.map_err(|_| Fault::new("a payload that was read before cannot be read"))?;
        Claims::read(object, &self.config.rules.names).map_err(|why| Fault::new(why.to_string()))
    }
}

/// A token that was presented has an id, or it would have been refused before.
fn identified(claims: &Claims) -> Result<Jti, Fault> {
    claims
        .jti
        .clone()
        .ok_or_else(|| Fault::new("a token without id was presented to an object"))
}

/// The session a token names, or that follows from its id when another issuer made it.
fn sid_of(claims: &Claims) -> Option<String> {
    claims
        .sid
        .clone()
        .or_else(|| claims.jti.as_ref().map(adopted_sid))
}

fn subject_of(claims: &Claims) -> Option<&str> {
    match &claims.subject {
        Subject::Of(sub) => Some(sub),
        Subject::Absent | Subject::Nobody | Subject::Unreadable => None,
    }
}

fn not_found(claims: &Claims, state: &SubjectState) -> Refused {
    if revocation::is_cut_off(state.cutoff, claims.iat) {
        Refused::CalledBack
    } else {
        Refused::NotIssuedHere
    }
}

const fn refused(refusal: Refusal) -> Refused {
    match refusal {
        Refusal::LostRace | Refusal::Ended => Refused::CalledBack,
        Refusal::Expired => Refused::Expired,
        Refusal::NotIssuedHere => Refused::NotIssuedHere,
    }
}

fn unsigned(payloads: Payloads, key_id: Option<&str>) -> Unsigned {
    Unsigned {
        bearer: payloads.bearer.into_string(),
        refresh: payloads
            .refresh
            .map(hallpass_core::issuance::Payload::into_string),
        key_id: key_id.map(Into::into),
    }
}

/// Writes the end of a session to the log; a reuse means that somebody holds a copy of a refresh
/// token.
fn record(session: &Session, subject: Option<&str>, reuse: Reuse) {
    #[derive(Serialize)]
    struct Event<'a> {
        sid: &'a str,
        sub: Option<&'a str>,
        kind: &'static str,
        behind: u32,
        seconds_since_rotation: u64,
    }
    let kind: Kind = session.form.presented();
    let event = Event {
        sid: &session.sid,
        sub: subject,
        kind: kind.as_str(),
        behind: reuse.behind,
        seconds_since_rotation: reuse.since_rotation,
    };
    let why = match session.life {
        Life::Ended { reason, .. } => reason.as_str(),
        Life::Live => return,
    };
    log::notice(why, &event);
}
