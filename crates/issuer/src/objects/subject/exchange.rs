//! Exchanging a token: the session it names or opens, and what becomes of both.

use hallpass_core::claims::{Claims, CustomClaims, TokenType};
use hallpass_core::event;
use hallpass_core::revocation;
use hallpass_core::rotation::{self, Policy, Refusal, Verdict};
use hallpass_core::session::{Adopted, Form, Opening, Session};
use hallpass_core::subject::Standing;
use hallpass_core::{Kind, SessionKey};

use super::decide::{Aftermath, Scene, identified, sid_of, subject_of, unsigned};
use super::message::{Present, Presented, Refused, Why};
use super::sessions::Kept;
use super::sight::Sight;
use super::spent::Lacking;
use crate::fault::Fault;

impl Scene<'_> {
    /// Exchanges a token, by [`rotation::present`].
    pub(super) fn present(&mut self, present: &Present) -> Result<(Presented, Aftermath), Fault> {
        let refusal = |refused| Ok((Presented::Refused(refused), Aftermath::default()));
        let claims = self.claims(&present.payload)?;
        let (seen, jti) = (self.store.sight(&claims)?, identified(&claims)?);
        let state = seen.state;
        let (kept, is_new) = match self.found(&claims, seen)? {
            Ok(found) => found,
            Err(refused) => return refusal(refused),
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
        let sweeping = self.sweeping(&kept);
        let lacking = kept.published < kept.session.counter;
        let spent = lacking.then(|| Lacking {
            kept,
            sub: subject.map(ToOwned::to_owned),
        });
        let aftermath = Aftermath {
            outbox: evicted,
            events: is_new,
            spent,
            ..sweeping
        };
        Ok((
            Presented::Issued(unsigned(form, payloads, key_id.as_deref())),
            aftermath,
        ))
    }

    /// The session a token names, or the one it opens by being adopted (and that it is new); or what
    /// the token hears that has neither.
    pub(super) fn found(
        &self,
        claims: &Claims,
        seen: Sight,
    ) -> Result<Result<(Kept, bool), Refused>, Fault> {
        if let Some(kept) = seen.kept {
            return Ok(Ok((kept, false)));
        }
        // It may have been called back by its id before it was ever used here.
        if seen.by_itself || revocation::is_cut_off(seen.state.cutoff, claims.iat) {
            return Ok(Err(Refused::CalledBack(None)));
        }
        let adopted = if claims.sid.is_none() && self.config.adopt_foreign_tokens {
            self.adopted(claims)?
        } else {
            None
        };
        Ok(adopted
            .map(|kept| (kept, true))
            .ok_or(Refused::NotIssuedHere))
    }

    /// The session that another issuer's token opens, if it says enough and not too much.
    fn adopted(&self, claims: &Claims) -> Result<Option<Kept>, Fault> {
        let (Some(sid), Some(jti), Some(exp)) = (sid_of(claims), claims.jti.clone(), claims.exp)
        else {
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
        Ok(Some(Kept {
            session: Session::adopted(opening, token, self.now),
            published: 0,
        }))
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
