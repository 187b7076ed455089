//! A subject: whose tokens they are, and what holds for all of them at once.

use core::cmp::Ordering;

use crate::claims::{Claims, TokenType};
use crate::kind::Kind;
use crate::revocation;
use crate::session::{Life, Session};
pub use crate::standing::Standing;

/// How many sessions of a subject may live at once.
pub const MAX_LIVE_SESSIONS: usize = 100;

/// What holds for all tokens of a subject.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SubjectState {
    /// Whether it may have tokens.
    pub standing: Standing,
    /// A token with an `iat` under this is dead; 0: none is.
    pub cutoff: u64,
    /// The lowest version of its credential (a password, say) that opens a session.
    pub credential: u32,
}

/// Whether a session may begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// It may, now.
    Open,
    /// Everything issued in this second is dead already: ask again at this one.
    WaitUntil(u64),
    /// The credential was replaced, or the subject is not active.
    Refuse,
}

impl SubjectState {
    /// Whether a session may begin with a credential of this version, in this order:
    ///
    /// | standing | credential | now | admission |
    /// |---|---|---|---|
    /// | not active | any | any | **Refuse** |
    /// | active | lower than the lowest allowed | any | **Refuse** |
    /// | active | allowed | before the cutoff | **`WaitUntil`** the cutoff |
    /// | active | allowed | otherwise | **Open** |
    ///
    /// A password that was right a moment ago opens nothing once its change has ended all sessions:
    /// the change raised the lowest version in the same transaction.
    #[must_use]
    pub fn admit(&self, credential: u32, now: u64) -> Admission {
        match self.standing {
            Standing::Deactivated | Standing::Deleted => Admission::Refuse,
            Standing::Active if credential < self.credential => Admission::Refuse,
            Standing::Active if now < self.cutoff => Admission::WaitUntil(self.cutoff),
            Standing::Active => Admission::Open,
        }
    }

    /// The subject after all its sessions were ended. `credential` is the lowest version from now
    /// on; `None`: as before. Neither it nor the cutoff ever goes back.
    #[must_use]
    pub fn ended_all(self, credential: Option<u32>, now: u64) -> Self {
        Self {
            cutoff: revocation::cutoff(self.cutoff, now),
            credential: self.credential.max(credential.unwrap_or(0)),
            ..self
        }
    }
}

/// What a strict check of a token says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// It was not called back.
    Good,
    /// It was.
    CalledBack,
    /// It names a session that does not exist, or an id that session never issued.
    NotIssuedHere,
    /// Its subject may not have tokens at present.
    Deactivated,
    /// Its subject was deleted.
    Deleted,
}

/// Whether a valid token was called back, asked of what is certain: the subject and the session that
/// the token names (or was adopted into). First match:
///
/// | condition | answer |
/// |---|---|
/// | `iat` under the subject's cutoff | **`CalledBack`** |
/// | its id was called back by itself (`by_itself`) | **`CalledBack`** |
/// | it names a session that is unknown here | **`NotIssuedHere`** |
/// | the subject is not active, and its session had not ended before that | **`Deactivated`**, **`Deleted`** |
/// | its session has ended | **`CalledBack`** |
/// | a refresh or sliding token whose id is not the session's, or not yet | **`NotIssuedHere`** |
/// | a refresh or sliding token that is spent | **`CalledBack`** |
/// | otherwise | **`Good`** |
#[must_use]
pub fn check(
    subject: &SubjectState,
    session: Option<&Session>,
    by_itself: bool,
    claims: &Claims,
) -> Check {
    if by_itself || revocation::is_cut_off(subject.cutoff, claims.iat) {
        return Check::CalledBack;
    }
    if session.is_none() && claims.sid.is_some() {
        return Check::NotIssuedHere;
    }
    match subject.absence(session) {
        None | Some(Standing::Active) => {}
        Some(Standing::Deactivated) => return Check::Deactivated,
        Some(Standing::Deleted) => return Check::Deleted,
    }
    if session.is_some_and(|session| session.life != Life::Live) {
        return Check::CalledBack;
    }
    match (session, &claims.jti, claims.token_type) {
        (Some(session), Some(jti), TokenType::Of(Kind::Refresh | Kind::Sliding)) => {
            match session.counter_of(jti) {
                None => Check::NotIssuedHere,
                Some(counter) => match counter.cmp(&session.counter) {
                    Ordering::Less => Check::CalledBack,
                    Ordering::Equal => Check::Good,
                    Ordering::Greater => Check::NotIssuedHere,
                },
            }
        }
        _ => Check::Good,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claims::{ClaimNames, CustomClaims};
    use crate::json::{Duplicates, Object};
    use crate::jti::{Jti, SessionKey};
    use crate::revocation::Reason;
    use crate::session::{Adopted, Form, Lifetimes, Opening};
    use alloc::borrow::ToOwned;

    const NOW: u64 = 1_700_000_000;

    fn state(standing: Standing, cutoff: u64, credential: u32) -> SubjectState {
        SubjectState {
            standing,
            cutoff,
            credential,
        }
    }

    #[test]
    fn every_row_of_admission() {
        use Admission::{Open, Refuse, WaitUntil};
        use Standing::{Active, Deactivated, Deleted};
        let rows = [
            // standing, cutoff, lowest credential; credential; admission
            (state(Active, 0, 0), 0, Open),
            (state(Active, NOW, 0), 0, Open),
            (state(Active, NOW + 1, 0), 0, WaitUntil(NOW + 1)),
            (state(Active, u64::MAX, 0), 0, WaitUntil(u64::MAX)),
            (state(Active, 0, 3), 2, Refuse),
            (state(Active, 0, 3), 3, Open),
            (state(Active, 0, 3), 4, Open),
            (state(Active, 0, u32::MAX), u32::MAX, Open),
            (state(Active, NOW + 1, 3), 2, Refuse),
            (state(Active, NOW + 1, 3), 3, WaitUntil(NOW + 1)),
            (state(Deactivated, 0, 0), 0, Refuse),
            (state(Deactivated, NOW + 1, 0), 0, Refuse),
            (state(Deleted, 0, 0), u32::MAX, Refuse),
        ];
        for (state, credential, admission) in rows {
            let found = state.admit(credential, NOW);
            assert_eq!(found, admission, "{state:?} {credential}");
        }
    }

    #[test]
    fn a_sign_in_that_waited_as_told_is_let_in_and_its_tokens_live() {
        let state = SubjectState::default().ended_all(None, NOW);
        let Admission::WaitUntil(then) = state.admit(0, NOW) else {
            panic!("{:?}", state.admit(0, NOW))
        };
        assert_eq!(then, NOW + 1);
        assert_eq!(state.admit(0, then), Admission::Open);
        assert!(!revocation::is_cut_off(state.cutoff, Some(then)));
        assert!(revocation::is_cut_off(state.cutoff, Some(NOW)));
    }

    #[test]
    fn a_password_checked_before_its_change_opens_nothing_after_it() {
        let state = state(Standing::Active, 0, 1).ended_all(Some(2), NOW);
        for later in [NOW, NOW + 1, NOW + 1_000_000] {
            assert_eq!(state.admit(1, later), Admission::Refuse);
        }
        assert_eq!(state.admit(2, NOW + 1), Admission::Open);
    }

    #[test]
    fn ending_all_never_lowers_the_cutoff_or_the_credential_nor_touches_the_standing() {
        let before = state(Standing::Deactivated, NOW + 100, 7);
        for credential in [None, Some(0), Some(6), Some(7)] {
            assert_eq!(before.ended_all(credential, NOW), before, "{credential:?}");
        }
        let after = before.ended_all(Some(8), NOW + 100);
        assert_eq!(after, state(Standing::Deactivated, NOW + 101, 8));
        assert_eq!(after.ended_all(None, u64::MAX).cutoff, u64::MAX);
    }

    fn opening(form: Form) -> Opening {
        Opening {
            sid: "s".into(),
            key: SessionKey::new([6; 32]),
            form,
            key_id: None,
            custom: CustomClaims::default(),
        }
    }

    fn session(form: Form) -> Session {
        let lifetimes = Lifetimes {
            bearer: 300,
            refresh: 86_400,
            session: 0,
        };
        Session {
            counter: 3,
            ..Session::opened(opening(form), &lifetimes, NOW)
        }
    }

    fn adopted() -> Session {
        let token = Adopted {
            jti: Jti::presented("foreign".into()),
            iat: NOW,
            exp: NOW + 900,
            refresh_exp: NOW + 900,
        };
        Session::adopted(opening(Form::Pair), token, NOW)
    }

    fn claims(payload: &str) -> Claims {
        let object = Object::parse(payload.to_owned(), Duplicates::Refuse).unwrap();
        Claims::read(object, &ClaimNames::default()).unwrap()
    }

    fn token(kind: &str, jti: &Jti) -> Claims {
        claims(&format!(
            r#"{{"token_type":"{kind}","jti":"{jti}","sid":"s","iat":{NOW}}}"#
        ))
    }

    #[test]
    fn every_row_of_the_check() {
        use Check::{CalledBack, Deactivated, Deleted, Good, NotIssuedHere};
        let active = SubjectState::default();
        let cut = state(Standing::Active, NOW + 1, 0);
        let at = state(Standing::Active, NOW, 0);
        let off = state(Standing::Deactivated, 0, 0);
        let gone = state(Standing::Deleted, 0, 0);
        let live = || Some(session(Form::Pair));
        let sliding = || Some(session(Form::Sliding));
        let ended = || Some(session(Form::Pair).ended(Reason::Logout, NOW));
        let went = || Some(session(Form::Pair).ended(Reason::Deactivated, NOW));
        let id = |kind, counter| session(Form::Pair).jti(kind, counter);
        let refresh = |counter| token("refresh", &id(Kind::Refresh, counter));
        let access = || token("access", &id(Kind::Access, 1));
        let foreign = || claims(r#"{"token_type":"refresh","jti":"foreign","iat":1700000000}"#);
        let ageless = || claims(r#"{"token_type":"access","jti":"x"}"#);
        #[rustfmt::skip]
        let rows = vec![
            ("an access token", active, live(), access(), Good),
            ("an access token of a session at a later counter", active, live(), token("access", &id(Kind::Access, 0)), Good),
            ("the unspent refresh token", active, live(), refresh(3), Good),
            ("a spent one", active, live(), refresh(2), CalledBack),
            ("the first one", active, live(), refresh(0), CalledBack),
            ("one that was never issued", active, live(), refresh(4), NotIssuedHere),
            ("another session's", active, live(), token("refresh", &Jti::presented("00000003".repeat(4))), NotIssuedHere),
            ("an access token's id in a refresh token", active, live(), token("refresh", &id(Kind::Access, 3)), NotIssuedHere),
            ("a sliding token of a pair's session", active, live(), token("sliding", &id(Kind::Sliding, 3)), NotIssuedHere),
            ("a sliding token", active, sliding(), token("sliding", &id(Kind::Sliding, 3)), Good),
            ("a spent sliding token", active, sliding(), token("sliding", &id(Kind::Sliding, 2)), CalledBack),
            ("issued before the cutoff", cut, live(), access(), CalledBack),
            ("issued at the cutoff", at, live(), access(), Good),
            ("without iat, no cutoff", active, None, ageless(), Good),
            ("without iat, any cutoff", state(Standing::Active, 1, 0), None, ageless(), CalledBack),
            ("the cutoff beats an unknown session", cut, None, access(), CalledBack),
            ("the cutoff beats the standing", SubjectState { standing: Standing::Deleted, ..cut }, live(), access(), CalledBack),
            ("a session that is unknown here", active, None, access(), NotIssuedHere),
            ("an unknown session beats the standing", gone, None, access(), NotIssuedHere),
            ("access token of an ended session", active, ended(), access(), CalledBack),
            ("refresh token of an ended session", active, ended(), refresh(3), CalledBack),
            ("never issued, in an ended session", active, ended(), refresh(9), CalledBack),
            ("an ended session beats the standing", off, ended(), access(), CalledBack),
            ("ended by its subject's going", off, went(), access(), Deactivated),
            ("ended by it, and deleted since", gone, went(), refresh(3), Deleted),
            ("ended by it, and reactivated since", active, went(), access(), CalledBack),
            ("deactivated", off, live(), access(), Deactivated),
            ("deactivated beats spent", off, live(), refresh(0), Deactivated),
            ("deleted", gone, live(), access(), Deleted),
            ("deleted, a foreign token", gone, None, foreign(), Deleted),
            ("a foreign token that was not adopted", active, None, foreign(), Good),
            ("a foreign token that was adopted", active, Some(adopted()), foreign(), Good),
            ("a foreign token that was adopted and spent", active, Some(Session { counter: 1, ..adopted() }), foreign(), CalledBack),
            ("an own token at an adopted session's counter 0", active, Some(adopted()), refresh(0), NotIssuedHere),
            ("no kind", active, live(), claims(r#"{"sid":"s","iat":1700000000,"jti":"x"}"#), Good),
        ];
        for (row, subject, session, claims, expected) in rows {
            let found = check(&subject, session.as_ref(), false, &claims);
            let by_itself = check(&subject, session.as_ref(), true, &claims);
            assert_eq!(by_itself, CalledBack, "{row}");
            assert_eq!(found, expected, "{row}");
        }
    }

    #[test]
    fn a_check_never_praises_what_a_rotation_says_was_not_issued() {
        // A store that was set back shows tokens from counters it has not reached yet.
        let session = session(Form::Pair);
        let ahead = session.jti(Kind::Refresh, session.counter + 1);
        assert_eq!(
            check(
                &SubjectState::default(),
                Some(&session),
                false,
                &token("refresh", &ahead)
            ),
            Check::NotIssuedHere
        );
    }
}
