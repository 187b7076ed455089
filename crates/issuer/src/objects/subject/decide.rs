//! What a command does: load, let the core decide, store. Each function runs inside one
//! transaction.

use hallpass_core::claims::{Claims, CustomClaims};
use hallpass_core::event::EventKind;
use hallpass_core::issuance::{Issuer, Payloads};
use hallpass_core::json::{Duplicates, Object};
use hallpass_core::revocation::{Reason, Target};
use hallpass_core::session::{Form, Life, Lifetimes, Opening, Session, adopted_sid};
use hallpass_core::subject::{self, Admission, MAX_LIVE_SESSIONS};
use hallpass_core::{Jti, MAX_LEEWAY, SessionKey, Subject};

use super::events::Noted;
use super::message::{
    Check, Checked, Described, Listed, Open, Opened, Outstanding, Refused, Serve, Unsigned,
};
use super::sessions::Kept;
use super::spent::Lacking;
use super::store::Store;
use crate::adapters::blacklist_kv::Facts;
use crate::config::Config;
use crate::fault::Fault;
use crate::ground::Ground;

/// Where a command is carried out, and when.
pub(super) struct Scene<'a> {
    pub(super) store: Store<'a>,
    pub(super) ground: &'a dyn Ground,
    pub(super) config: &'a Config,
    /// The object's clock, which never goes back; seconds.
    pub(super) now: u64,
}

/// What a command leaves behind for later.
#[derive(Default)]
pub(super) struct Aftermath {
    /// The outbox has an entry that the blacklist lacks.
    pub(super) outbox: bool,
    /// A session of which it lacks a spent id.
    pub(super) spent: Option<Lacking>,
    /// The directory lacks an event.
    pub(super) events: bool,
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
            sid: self.ground.id()?,
            key: SessionKey::new(self.ground.bytes()?),
            form,
            key_id: open.key_id.clone(),
            custom: CustomClaims::stored(open.custom.clone()),
        };
        let lifetimes = self.config.lifetimes(form);
        let session = Session::opened_with(opening, open.own.into(), &lifetimes, self.now);
        let issued = unsigned(
            form,
            self.issuer(Some(&open.sub)).current(&session),
            session.key_id.as_deref(),
        );
        let kept = Kept {
            session,
            published: 0,
        };
        self.store.insert(&kept, &open.client)?;
        let login = Noted::of(EventKind::Login, Some(&open.sub)).in_session(&kept.session.sid);
        self.note(login.with_profile(open.profile.clone()))?;
        Ok((
            Opened::Issued(issued),
            Aftermath {
                outbox,
                events: true,
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
        let sid = oldest.session.sid.clone();
        let ended = oldest.session.ended(Reason::Evicted, self.now);
        self.store_ended(
            Kept {
                session: ended,
                ..oldest
            },
            sub,
        )?;
        self.note(Noted::of(EventKind::Evicted, sub).in_session(&sid))?;
        Ok(true)
    }

    /// Says whether a token was called back, by [`subject::check`].
    pub(super) fn check(&self, check: &Check) -> Result<Checked, Fault> {
        let claims = self.claims(&check.payload)?;
        let seen = self.store.sight(&claims)?;
        let session = seen.kept.as_ref().map(|kept| &kept.session);
        let refused =
            if claims.sid.is_none() && session.is_none() && !self.config.adopt_foreign_tokens {
                Some(Refused::NotIssuedHere)
            } else {
                match subject::check(&seen.state, session, seen.by_itself, &claims) {
                    subject::Check::Good => None,
                    subject::Check::CalledBack => Some(Refused::CalledBack(None)),
                    subject::Check::NotIssuedHere => Some(Refused::NotIssuedHere),
                    subject::Check::Deactivated => Some(Refused::Deactivated),
                    subject::Check::Deleted => Some(Refused::Deleted),
                }
            };
        Ok(Checked {
            refused,
            profile: seen.profile,
        })
    }

    /// The live sessions.
    pub(super) fn list(&self) -> Result<Vec<Listed>, Fault> {
        self.store.listed(self.now)
    }

    /// Everything an administrator may want to see; `None`: nothing was ever stored.
    pub(super) fn describe(&self) -> Result<Option<Described>, Fault> {
        if !self.store.is_known()? {
            return Ok(None);
        }
        let listed = self.store.listed(self.now)?;
        let outstanding = |session: Listed| -> Result<Option<Outstanding>, Fault> {
            let kept = self.store.session(&session.sid)?;
            Ok(kept.map(|Kept { session: live, .. }| {
                let kind = live.form.presented();
                Outstanding {
                    session,
                    jti: live.jti(kind, live.counter).to_string(),
                    kind: kind.as_str().to_owned(),
                }
            }))
        };
        let sessions = listed
            .into_iter()
            .filter_map(|one| outstanding(one).transpose());
        Ok(Some(Described {
            standing: self.store.subject()?.standing.as_str().to_owned(),
            profile: self.store.profile()?,
            sessions: sessions.collect::<Result<_, _>>()?,
        }))
    }

    /// Issues an access token to a client of ours. All its tokens belong to one session, for a client
    /// that asks a hundred times a minute, and for whatever scopes, is one client.
    pub(super) fn serve(&mut self, serve: &Serve) -> Result<(Opened, Aftermath), Fault> {
        match self.store.subject()?.admit(0, self.now) {
            Admission::Open => {}
            Admission::WaitUntil(second) => {
                return Ok((Opened::WaitUntil(second), Aftermath::default()));
            }
            Admission::Refuse => return Ok((Opened::Refused, Aftermath::default())),
        }
        let lives = |kept: &Kept| kept.session.is_live(self.now);
        let standing = self.store.live_sessions()?.into_iter().find(lives);
        // Nobody has signed in here whom SESSION_LIFETIME would ask to do so again.
        let lifetimes = Lifetimes {
            session: 0,
            ..self.config.lifetimes(Form::Pair)
        };
        let (session, is_new) = match standing {
            Some(kept) => (kept.session, false),
            None => (self.service(&lifetimes)?, true),
        };
        let exp = lifetimes.bearer_exp(session.started_at, self.now);
        let latest_bearer_exp = session.latest_bearer_exp.max(exp);
        let kept = Kept {
            session: Session {
                latest_bearer_exp,
                ..session
            },
            published: 0,
        };
        let mut rules = self.config.rules.clone();
        if let Some(audience) = &serve.audience {
            rules.audiences = vec![audience.clone()];
        }
        let issuer = Issuer {
            rules: &rules,
            subject: Some(&serve.sub),
        };
        let asking = Session {
            custom: CustomClaims::stored(serve.custom.clone()),
            ..kept.session.clone()
        };
        let payloads = issuer.renewed(&asking, self.ground.bytes()?, exp, self.now);
        let evicted = self.keep(&kept, is_new, Some(&serve.sub))?;
        let answer = Opened::Issued(unsigned(Form::Pair, payloads, serve.key_id.as_deref()));
        let aftermath = Aftermath {
            outbox: evicted,
            events: is_new,
            ..self.sweeping(&kept)
        };
        Ok((answer, aftermath))
    }

    fn service(&self, lifetimes: &Lifetimes) -> Result<Session, Fault> {
        let opening = Opening {
            sid: self.ground.id()?,
            key: SessionKey::new(self.ground.bytes()?),
            form: Form::Pair,
            key_id: None,
            custom: CustomClaims::default(),
        };
        Ok(Session::opened(opening, lifetimes, self.now))
    }

    /// Stores a session; says whether another one had to end for it.
    pub(super) fn keep(
        &mut self,
        kept: &Kept,
        is_new: bool,
        subject: Option<&str>,
    ) -> Result<bool, Fault> {
        if !is_new {
            return self.store.update(kept, self.now).map(|()| false);
        }
        self.store.create()?;
        self.store.put_profile(subject, None)?;
        let lives = kept.session.life == Life::Live;
        let evicted = lives && self.make_room(subject)?;
        self.store.insert(kept, "")?;
        self.note(Noted::of(EventKind::Login, subject).in_session(&kept.session.sid))?;
        Ok(evicted)
    }

    pub(super) fn enqueue(&self, target: &Target, facts: &Facts, exp: u64) -> Result<(), Fault> {
        self.store
            .enqueue(target.rank(), &target.to_string(), facts, exp)
    }

    pub(super) fn sweeping(&self, kept: &Kept) -> Aftermath {
        let over = kept.session.latest_exp() + MAX_LEEWAY;
        Aftermath {
            sweep_at: Some(over.max(self.now)),
            ..Aftermath::default()
        }
    }

    pub(super) fn issuer<'s>(&'s self, subject: Option<&'s str>) -> Issuer<'s> {
        Issuer {
            rules: &self.config.rules,
            subject,
        }
    }

    pub(super) fn claims(&self, payload: &str) -> Result<Claims, Fault> {
        let object = Object::parse(payload.to_owned(), Duplicates::Refuse);
        let object =
            object.map_err(|_| Fault::new("a payload that was read before cannot be read"))?;
        Claims::read(object, &self.config.rules.names).map_err(|why| Fault::new(why.to_string()))
    }
}

/// A token that was presented has an id, or it would have been refused before.
pub(super) fn identified(claims: &Claims) -> Result<Jti, Fault> {
    claims
        .jti
        .clone()
        .ok_or_else(|| Fault::new("a token without id was presented to an object"))
}

/// The session a token names, or that follows from its id when another issuer made it.
pub(super) fn sid_of(claims: &Claims) -> Option<String> {
    claims
        .sid
        .clone()
        .or_else(|| claims.jti.as_ref().map(adopted_sid))
}

pub(super) fn subject_of(claims: &Claims) -> Option<&str> {
    match &claims.subject {
        Subject::Of(sub) => Some(sub),
        Subject::Absent | Subject::Nobody | Subject::Unreadable => None,
    }
}

pub(super) fn unsigned(form: Form, payloads: Payloads, key_id: Option<&str>) -> Unsigned {
    Unsigned {
        form: form.into(),
        bearer: payloads.bearer.into_string(),
        refresh: payloads
            .refresh
            .map(hallpass_core::issuance::Payload::into_string),
        key_id: key_id.map(Into::into),
    }
}
