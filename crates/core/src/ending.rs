//! Giving a refresh token back: logging out, blacklisting, revoking.

use crate::jti::Jti;
use crate::revocation::Reason;
use crate::rotation::Refusal;
use crate::session::Session;
use alloc::boxed::Box;

/// What becomes of a session whose token is given back, with its next state where it has one.
#[derive(Clone, Debug)]
pub enum Ending {
    /// The session has ended.
    Ended(Box<Session>),
    /// The token was spent already. Who holds it may have it from anybody, so the session has ended
    /// all the same, though the answer is that of a blacklisted token.
    EndedBySpent(Box<Session>),
    /// Nothing happens.
    Refuse(Refusal),
}

/// Decides what giving a token back does to its session. First match:
///
/// | session | presented counter | ending |
/// |---|---|---|
/// | ended | any | **Refuse**, ended, with the reason it ended for |
/// | live | not of this session, or > current | **Refuse**, not issued here |
/// | live | = current | **Ended**, for the given reason |
/// | live | < current | **`EndedBySpent`**, for the given reason |
///
/// A session that is over is ended like any other: its bearer tokens may live on.
#[must_use]
pub fn give_back(session: &Session, presented: &Jti, reason: Reason, now: u64) -> Ending {
    if let Some(reason) = session.end_reason() {
        return Ending::Refuse(Refusal::Ended(reason));
    }
    match session
        .counter_of(presented)
        .and_then(|counter| session.counter.checked_sub(counter))
    {
        None => Ending::Refuse(Refusal::NotIssuedHere),
        Some(0) => Ending::Ended(Box::new(session.clone().ended(reason, now))),
        Some(_) => Ending::EndedBySpent(Box::new(session.clone().ended(reason, now))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claims::CustomClaims;
    use crate::jti::SessionKey;
    use crate::kind::Kind;
    use crate::session::{Form, Life, Lifetimes, Opening};

    const LIFETIMES: Lifetimes = Lifetimes {
        bearer: 300,
        refresh: 86_400,
        session: 0,
    };

    fn session_at(counter: u32) -> Session {
        let opening = Opening {
            sid: "s".into(),
            key: SessionKey::new([7; 32]),
            form: Form::Pair,
            key_id: None,
            custom: CustomClaims::default(),
        };
        Session {
            counter,
            ..Session::opened(opening, &LIFETIMES, 1000)
        }
    }

    fn life(session: &Session) -> Life {
        session.life
    }

    #[test]
    fn the_current_token_ends_its_session() {
        let session = session_at(3);
        let ending = give_back(
            &session,
            &session.jti(Kind::Refresh, 3),
            Reason::Logout,
            1100,
        );
        let Ending::Ended(next) = ending else {
            panic!("{ending:?}")
        };
        assert_eq!(
            life(&next),
            Life::Ended {
                at: 1100,
                reason: Reason::Logout
            }
        );
    }

    #[test]
    fn a_spent_token_ends_its_session_too() {
        let session = session_at(3);
        for spent in 0..3 {
            let jti = session.jti(Kind::Refresh, spent);
            let ending = give_back(&session, &jti, Reason::Logout, 1100);
            let Ending::EndedBySpent(next) = ending else {
                panic!("{ending:?}")
            };
            assert_ne!(life(&next), Life::Live);
        }
    }

    #[test]
    fn a_token_of_the_future_or_of_another_kind_ends_nothing() {
        let session = session_at(3);
        for jti in [session.jti(Kind::Refresh, 4), session.jti(Kind::Access, 3)] {
            let ending = give_back(&session, &jti, Reason::Logout, 1100);
            assert!(
                matches!(ending, Ending::Refuse(Refusal::NotIssuedHere)),
                "{ending:?}"
            );
        }
    }

    #[test]
    fn an_ended_session_cannot_be_ended_again() {
        let session = session_at(0).ended(Reason::Reuse, 1050);
        let ending = give_back(
            &session,
            &session.jti(Kind::Refresh, 0),
            Reason::Logout,
            1100,
        );
        assert!(
            matches!(ending, Ending::Refuse(Refusal::Ended(Reason::Reuse))),
            "{ending:?}"
        );
    }
}
