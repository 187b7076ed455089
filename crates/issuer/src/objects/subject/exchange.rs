//! Exchanging a token: the session it names or opens, and what becomes of both.

use hallpass_core::claims::{Claims, CustomClaims, TokenType};
use hallpass_core::event;
use hallpass_core::revocation;
use hallpass_core::rotation::{self, Policy, Refusal, Verdict};
use hallpass_core::session::{Adopted, Form, Opening, Session};
use hallpass_core::subject::{Standing, SubjectState};
use hallpass_core::{Kind, SessionKey};

use super::decide::{Aftermath, Scene, identified, sid_of, subject_of, unsigned};
use super::message::{Present, Presented, Refused, Why};
use super::sessions::Kept;
use crate::fault::Fault;

impl Scene<'_> {
    /// Exchanges a token, by [`rotation::present`].
    pub(super) fn present(&mut self, present: &Present) -> Result<(Presented, Aftermath), Fault> {
        let refusal = |refused| Ok((Presented::Refused(refused), Aftermath::default()));
        let claims = self.claims(&present.payload)?;
        let (state, jti) = (self.store.subject()?, identified(&claims)?);
        let Some((kept, is_new)) = self.found(&claims, &state)? else {
            return refusal(self.not_found(&claims, &state)?);
        };
        let form = kept.session.form;
        let policy = self.policy(form);
        let key_id = present.key_id.as_deref();
        let verdict = rotation::present(&kept.session, &jti, key_id, &policy, self.now);
        let subject = subject_of(&claims);
        let reuse = event::reuse_in(&verdict, &kept.session, &jti, self.now);
        let events = self.note_reuse(reuse, subject, &kept.session.sid)?;
        let refusal = |refused| {
            let aftermath = Aftermath {
                events,
                ..Aftermath::default()
            };
            Ok((Presented::Refused(refused), aftermath))
        };
        if let Some(standing) = state.absence(Some(&kept.session)) {
            return refusal(gone(standing));
        }
        let (next, payloads, key_id) = match verdict {
            Verdict::Refuse(why) => return refusal(refused(why)),
            Verdict::EndSession(next, _) => {
                let why = Why::ended(&next);
                let ended = Kept {
                    session: *next,
                    ..kept
                };
                let aftermath = Aftermath {
                    events,
                    ..self.keep_ended(ended, is_new, subject)?
                };
                return Ok((Presented::Refused(Refused::CalledBack(why)), aftermath));
            }
            Verdict::Replay => {
                let payloads = self.issuer(subject).current(&kept.session);
                let key_id = kept.session.key_id.as_deref();
                return Ok((
                    Presented::Issued(unsigned(form, payloads, key_id)),
                    Aftermath::default(),
                ));
            }
            Verdict::Rotate(next) => {
                let payloads = self.issuer(subject).current(&next);
                let key_id = next.key_id.clone();
                (next, payloads, key_id)
            }
            Verdict::Renew { next, exp } => {
                let random = self.ground.bytes()?;
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
            events: is_new,
            ..self.sweeping(&kept)
        };
        Ok((
            Presented::Issued(unsigned(form, payloads, key_id.as_deref())),
            aftermath,
        ))
    }

    /// The session a token names, or the one it opens by being adopted (and that it is new).
    pub(super) fn found(
        &self,
        claims: &Claims,
        state: &SubjectState,
    ) -> Result<Option<(Kept, bool)>, Fault> {
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
        // It was called back by its id before it was ever used here.
        if self.store.is_revoked(&jti)? {
            return Ok(None);
        }
        let form = match claims.token_type {
            TokenType::Of(Kind::Sliding) => Form::Sliding,
            TokenType::Of(Kind::Refresh | Kind::Access) | TokenType::Other | TokenType::Absent => {
                Form::Pair
            }
        };
        let opening = Opening {
            sid,
            key: SessionKey::new(self.ground.bytes()?),
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

    /// What a token hears that has no session and opens none.
    pub(super) fn not_found(
        &self,
        claims: &Claims,
        state: &SubjectState,
    ) -> Result<Refused, Fault> {
        let by_itself = match &claims.jti {
            Some(jti) => self.store.is_revoked(jti)?,
            None => false,
        };
        Ok(
            if by_itself || revocation::is_cut_off(state.cutoff, claims.iat) {
                Refused::CalledBack(None)
            } else {
                Refused::NotIssuedHere
            },
        )
    }

    fn policy(&self, form: Form) -> Policy {
        Policy {
            rotate: self.config.rotate_refresh_tokens,
            grace: self.config.refresh_grace_seconds,
            leeway: self.config.rules.leeway,
            lifetimes: self.config.lifetimes(form),
        }
    }
}

/// What tokens of a subject hear that may not have any.
pub(super) const fn gone(standing: Standing) -> Refused {
    match standing {
        // Asked of those only who are not.
        Standing::Active | Standing::Deactivated => Refused::Deactivated,
        Standing::Deleted => Refused::Deleted,
    }
}

pub(super) const fn refused(refusal: Refusal) -> Refused {
    match refusal {
        Refusal::LostRace => Refused::CalledBack(Some(Why::LostRace)),
        Refusal::Ended(reason) => Refused::CalledBack(Some(Why::Ended(reason))),
        Refusal::Expired => Refused::Expired,
        Refusal::NotIssuedHere => Refused::NotIssuedHere,
    }
}
