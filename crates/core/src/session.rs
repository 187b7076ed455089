//! A session: everything from one login to its end.

use alloc::string::String;
use sha2::{Digest, Sha256};

use crate::claims::CustomClaims;
use crate::jti::{Jti, SessionKey, hex};
use crate::kind::Kind;
use crate::revocation::Reason;

/// One login and all that came of it. Its tokens are functions of this, so none is stored.
#[derive(Clone, Debug)]
pub struct Session {
    /// `sid`, random.
    pub sid: String,
    /// Which tokens it has.
    pub form: Form,
    /// The id of the token it was adopted with, if another issuer began it: that token's counter
    /// is 0.
    pub adopted: Option<Jti>,
    /// What the tokens' ids follow from.
    pub key: SessionKey,
    /// The counter of the tokens that are unspent.
    pub counter: u32,
    /// When the current tokens were issued: their `iat`.
    pub rotated_at: u64,
    /// The `kid` of the key that signs the current tokens; `None` with a shared secret.
    pub key_id: Option<String>,
    /// `exp` of the current access token.
    pub access_expires_at: u64,
    /// `exp` of the current refresh token, or the `refresh_exp` of a sliding one.
    pub expires_at: u64,
    /// When it began.
    pub started_at: u64,
    /// The latest `exp` of any bearer token it ever had.
    pub latest_bearer_exp: u64,
    /// The latest `exp` of any refresh token it has spent.
    pub latest_spent_exp: u64,
    /// Claims given at sign-in, carried by every rotation.
    pub custom: CustomClaims,
    /// Lifetimes of its own, where they are shorter than the settings'.
    pub own: OwnLifetimes,
    /// Whether it lives.
    pub life: Life,
}

/// Which tokens a session has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// An access and a refresh token.
    Pair,
    /// One sliding token.
    Sliding,
}

impl Form {
    /// The kind of token that is presented to go on.
    #[must_use]
    pub const fn presented(self) -> Kind {
        match self {
            Self::Pair => Kind::Refresh,
            Self::Sliding => Kind::Sliding,
        }
    }

    /// The kind of token that is taken as a bearer.
    #[must_use]
    pub const fn bearer(self) -> Kind {
        match self {
            Self::Pair => Kind::Access,
            Self::Sliding => Kind::Sliding,
        }
    }
}

/// Whether a session lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Life {
    /// It does, until its `expires_at`.
    Live,
    /// It was ended, and nothing brings it back.
    Ended {
        /// When, seconds.
        at: u64,
        /// Why.
        reason: Reason,
    },
}

/// Lifetimes in seconds, from the settings or what a client of ours asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetimes {
    /// Of an access token, or of a sliding one as a bearer.
    pub bearer: u64,
    /// Of a refresh token, or of a sliding one until its last refresh.
    pub refresh: u64,
    /// Of the session however often it rotates; 0: no bound.
    pub session: u64,
}

/// Lifetimes that were asked for when a session was opened, in seconds. They can only shorten.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OwnLifetimes {
    /// Of a bearer token.
    pub bearer: Option<u64>,
    /// Of a refresh token.
    pub refresh: Option<u64>,
}

impl Lifetimes {
    /// These, or a session's own where they are shorter.
    #[must_use]
    pub fn shortened(self, own: OwnLifetimes) -> Self {
        Self {
            bearer: own.bearer.map_or(self.bearer, |own| own.min(self.bearer)),
            refresh: own
                .refresh
                .map_or(self.refresh, |own| own.min(self.refresh)),
            ..self
        }
    }

    /// The last second of a session that began then.
    pub(crate) const fn end_of_session(&self, started_at: u64) -> u64 {
        if self.session == 0 {
            u64::MAX
        } else {
            started_at.saturating_add(self.session)
        }
    }

    /// `exp` of a refresh token issued now.
    #[must_use]
    pub fn refresh_exp(&self, started_at: u64, now: u64) -> u64 {
        now.saturating_add(self.refresh)
            .min(self.end_of_session(started_at))
    }

    /// `exp` of a bearer token issued now.
    #[must_use]
    pub fn bearer_exp(&self, started_at: u64, now: u64) -> u64 {
        now.saturating_add(self.bearer)
            .min(self.end_of_session(started_at))
    }
}

/// What a new session is made of.
#[derive(Clone, Debug)]
pub struct Opening {
    /// A fresh random id.
    pub sid: String,
    /// Fresh random bytes.
    pub key: SessionKey,
    /// Which tokens it will have.
    pub form: Form,
    /// The key that will sign them.
    pub key_id: Option<String>,
    /// Claims for all of them.
    pub custom: CustomClaims,
}

impl Session {
    /// A session that begins with tokens of ours.
    #[must_use]
    pub fn opened(opening: Opening, lifetimes: &Lifetimes, now: u64) -> Self {
        Self::opened_with(opening, OwnLifetimes::default(), lifetimes, now)
    }

    /// A session that begins with tokens of ours, and lifetimes of its own.
    #[must_use]
    pub fn opened_with(
        opening: Opening,
        own: OwnLifetimes,
        lifetimes: &Lifetimes,
        now: u64,
    ) -> Self {
        let lifetimes = lifetimes.shortened(own);
        let access_expires_at = lifetimes.bearer_exp(now, now);
        Self {
            sid: opening.sid,
            form: opening.form,
            adopted: None,
            key: opening.key,
            counter: 0,
            rotated_at: now,
            key_id: opening.key_id,
            access_expires_at,
            expires_at: lifetimes.refresh_exp(now, now),
            started_at: now,
            latest_bearer_exp: access_expires_at,
            latest_spent_exp: 0,
            custom: opening.custom,
            own,
            life: Life::Live,
        }
    }

    /// A session that another issuer began with this token, which is thereby at counter 0 and
    /// unspent.
    #[must_use]
    pub fn adopted(opening: Opening, token: Adopted, now: u64) -> Self {
        Self {
            sid: opening.sid,
            form: opening.form,
            adopted: Some(token.jti),
            key: opening.key,
            counter: 0,
            rotated_at: token.iat.min(now),
            key_id: opening.key_id,
            access_expires_at: token.exp,
            expires_at: token.refresh_exp,
            started_at: now,
            latest_bearer_exp: token.exp,
            latest_spent_exp: 0,
            custom: opening.custom,
            own: OwnLifetimes::default(),
            life: Life::Live,
        }
    }

    /// The id of the token of that kind at that counter.
    #[must_use]
    pub fn jti(&self, kind: Kind, counter: u32) -> Jti {
        match &self.adopted {
            Some(jti) if counter == 0 && kind == self.form.presented() => jti.clone(),
            _ => self.key.jti(kind, counter),
        }
    }

    /// Where in this session's history the presented token stands; `None`: nowhere.
    #[must_use]
    pub fn counter_of(&self, presented: &Jti) -> Option<u32> {
        let adopted = |ours: &Jti| ours.is(presented);
        if self.adopted.as_ref().is_some_and(adopted) {
            return Some(0);
        }
        // Counter 0 of an adopted session is the other issuer's token and no one else's.
        let counter = self.key.counter_of(self.form.presented(), presented)?;
        (self.adopted.is_none() || counter > 0).then_some(counter)
    }

    /// The session after its end. What has ended stays as it ended.
    #[must_use]
    pub fn ended(mut self, reason: Reason, now: u64) -> Self {
        if self.life == Life::Live {
            self.life = Life::Ended { at: now, reason };
        }
        self
    }

    /// Why it has ended, if it has.
    #[must_use]
    pub const fn end_reason(&self) -> Option<Reason> {
        match self.life {
            Life::Live => None,
            Life::Ended { reason, .. } => Some(reason),
        }
    }

    /// Whether it is neither ended nor over.
    #[must_use]
    pub fn is_live(&self, now: u64) -> bool {
        self.life == Life::Live && now < self.expires_at
    }

    /// The latest second at which any token it ever had could be accepted, leeway not counted.
    #[must_use]
    pub fn latest_exp(&self) -> u64 {
        self.expires_at
            .max(self.latest_bearer_exp)
            .max(self.latest_spent_exp)
    }
}

/// The `sid` of the session that a token of another issuer opens when it is adopted: it follows from
/// the token's id, so that the same token always finds the same session. Nothing hangs on its being
/// secret.
#[must_use]
pub fn adopted_sid(jti: &Jti) -> String {
    let digest = Sha256::new()
        .chain_update("adopted:")
        .chain_update(jti.as_str())
        .finalize();
    hex(&digest).chars().take(32).collect()
}

/// What an adopted token says about itself.
#[derive(Clone, Debug)]
pub struct Adopted {
    /// Its id.
    pub jti: Jti,
    /// Its `iat`, 0 without one.
    pub iat: u64,
    /// Its `exp`.
    pub exp: u64,
    /// Until when it can be refreshed: `exp` of a refresh token, `refresh_exp` of a sliding one.
    pub refresh_exp: u64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::borrow::ToOwned;
    use alloc::string::ToString;
    use alloc::vec::Vec;

    const NOW: u64 = 1_700_000_000;

    fn opening(form: Form) -> Opening {
        Opening {
            sid: "s".into(),
            key: SessionKey::new([4; 32]),
            form,
            key_id: None,
            custom: CustomClaims::default(),
        }
    }

    fn lifetimes(bearer: u64, refresh: u64, session: u64) -> Lifetimes {
        Lifetimes {
            bearer,
            refresh,
            session,
        }
    }

    fn opened(form: Form) -> Session {
        Session::opened(opening(form), &lifetimes(300, 86_400, 0), NOW)
    }

    fn adopted(form: Form, iat: u64) -> Session {
        let token = Adopted {
            jti: foreign(),
            iat,
            exp: NOW + 50,
            refresh_exp: NOW + 500,
        };
        Session::adopted(opening(form), token, NOW)
    }

    fn foreign() -> Jti {
        Jti::presented("0000000000000000000000000000000f".into())
    }

    #[test]
    fn a_session_begins_live_at_counter_0_with_tokens_of_now() {
        let session = opened(Form::Pair);
        assert_eq!(session.counter, 0);
        assert_eq!(session.life, Life::Live);
        assert_eq!((session.started_at, session.rotated_at), (NOW, NOW));
        assert_eq!(session.access_expires_at, NOW + 300);
        assert_eq!(session.expires_at, NOW + 86_400);
        assert_eq!(session.latest_bearer_exp, NOW + 300);
        assert_eq!(session.latest_spent_exp, 0);
    }

    #[test]
    fn an_adopted_token_is_counter_0_and_nothing_else_is() {
        for form in [Form::Pair, Form::Sliding] {
            let session = adopted(form, NOW - 5);
            let kind = form.presented();
            assert_eq!(session.jti(kind, 0), foreign());
            assert_eq!(session.counter_of(&foreign()), Some(0));
            assert_eq!(session.counter_of(&session.key.jti(kind, 0)), None);
            let first = session.jti(kind, 1);
            assert_eq!(first, session.key.jti(kind, 1));
            assert_eq!(session.counter_of(&first), Some(1));
        }
    }

    #[test]
    fn an_adopted_refresh_tokens_id_is_no_access_tokens_id() {
        let session = adopted(Form::Pair, NOW);
        assert_eq!(
            session.jti(Kind::Access, 0),
            session.key.jti(Kind::Access, 0)
        );
    }

    #[test]
    fn an_adopted_id_is_compared_whole() {
        let session = adopted(Form::Pair, NOW);
        let id = foreign().to_string();
        let cut = id.get(..31).unwrap().to_owned();
        for other in [cut, format!("{id}0"), id.to_uppercase(), String::new()] {
            let other = Jti::presented(other);
            assert_eq!(session.counter_of(&other), None, "{other}");
        }
    }

    #[test]
    fn an_adopted_token_keeps_its_dates_and_is_not_from_the_future() {
        let session = adopted(Form::Sliding, NOW - 1000);
        assert_eq!(session.rotated_at, NOW - 1000);
        assert_eq!(session.started_at, NOW);
        assert_eq!(session.access_expires_at, NOW + 50);
        assert_eq!(session.expires_at, NOW + 500);
        assert_eq!(session.latest_exp(), NOW + 500);
        assert_eq!(adopted(Form::Pair, NOW + 60).rotated_at, NOW);
        assert_eq!(adopted(Form::Pair, 0).rotated_at, 0);
    }

    #[test]
    fn the_tokens_of_a_session_have_an_id_each() {
        let session = opened(Form::Pair);
        let mut ids: Vec<_> = Kind::ALL
            .into_iter()
            .flat_map(|kind| (0..200).map(move |counter| (kind, counter)))
            // Without the counter, which anybody can write.
            .map(|(kind, counter)| session.jti(kind, counter).as_str()[8..].to_owned())
            .collect();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 600);
    }

    #[test]
    fn an_id_stays_what_it_was_when_its_session_was_stored() {
        // Reckoned by Python's hmac.
        let cases = [
            (Kind::Access, 0, "000000003907774a587a50a2fe8af167"),
            (Kind::Refresh, 0, "0000000022f825c5a9ae46a3f6ceb640"),
            (Kind::Refresh, 258, "00000102365df34d068a93b60ac2c5e1"),
            (Kind::Sliding, u32::MAX, "ffffffffa0efe91c46ae383d8829897e"),
        ];
        let session = opened(Form::Pair);
        for (kind, counter, id) in cases {
            assert_eq!(session.jti(kind, counter).as_str(), id, "{kind} {counter}");
        }
    }

    #[test]
    fn only_the_presented_kind_tells_a_counter() {
        for form in [Form::Pair, Form::Sliding] {
            let session = opened(form);
            for kind in Kind::ALL {
                let expected = (kind == form.presented()).then_some(7);
                assert_eq!(session.counter_of(&session.key.jti(kind, 7)), expected);
            }
        }
    }

    #[test]
    fn an_ended_session_stays_as_it_ended() {
        let ended = opened(Form::Pair).ended(Reason::Logout, NOW + 5);
        let life = Life::Ended {
            at: NOW + 5,
            reason: Reason::Logout,
        };
        assert_eq!(ended.life, life);
        for reason in Reason::ALL {
            let again = ended.clone().ended(reason, NOW + 9);
            assert_eq!(again.life, life, "{reason:?}");
        }
        assert!(!ended.is_live(NOW));
    }

    #[test]
    fn a_session_lives_until_its_expires_at() {
        let session = opened(Form::Pair);
        assert!(session.is_live(NOW + 86_399));
        assert!(!session.is_live(NOW + 86_400));
    }

    #[test]
    fn the_latest_exp_is_the_latest_of_all_its_tokens_whichever_that_is() {
        let with = |expires_at, latest_bearer_exp, latest_spent_exp| Session {
            expires_at,
            latest_bearer_exp,
            latest_spent_exp,
            ..opened(Form::Pair)
        };
        assert_eq!(with(3, 2, 1).latest_exp(), 3);
        assert_eq!(with(1, 3, 2).latest_exp(), 3);
        assert_eq!(with(2, 1, 3).latest_exp(), 3);
    }

    #[test]
    fn lifetimes_are_counted_from_now_and_end_with_the_session() {
        let started = NOW - 1000;
        let cases = [
            // lifetimes, exp of a refresh token, exp of a bearer token
            (lifetimes(300, 86_400, 0), NOW + 86_400, NOW + 300),
            (lifetimes(300, 86_400, 1001), NOW + 1, NOW + 1),
            (lifetimes(300, 86_400, 1500), NOW + 500, NOW + 300),
            (lifetimes(300, 86_400, 87_399), NOW + 86_399, NOW + 300),
            (lifetimes(300, 86_400, 87_400), NOW + 86_400, NOW + 300),
            (lifetimes(300, 86_400, 500), started + 500, started + 500),
            (lifetimes(u64::MAX, u64::MAX, 0), u64::MAX, u64::MAX),
            (lifetimes(u64::MAX, 1, u64::MAX), NOW + 1, u64::MAX),
        ];
        for (lifetimes, refresh, bearer) in cases {
            assert_eq!(
                lifetimes.refresh_exp(started, NOW),
                refresh,
                "{lifetimes:?}"
            );
            assert_eq!(lifetimes.bearer_exp(started, NOW), bearer, "{lifetimes:?}");
        }
    }

    #[test]
    fn a_session_that_may_last_less_than_its_tokens_opens_with_shorter_tokens() {
        let session = Session::opened(opening(Form::Pair), &lifetimes(300, 86_400, 60), NOW);
        assert_eq!(session.access_expires_at, NOW + 60);
        assert_eq!(session.expires_at, NOW + 60);
        assert_eq!(session.latest_exp(), NOW + 60);
    }

    #[test]
    fn a_session_does_not_print_its_key() {
        let printed = format!("{:?}", opened(Form::Pair));
        assert!(printed.contains("SessionKey(…)") && !printed.contains("4, 4"));
    }
}
