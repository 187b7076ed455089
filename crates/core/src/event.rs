//! What is worth telling an administrator: the security events. Never a single refresh.

use crate::jti::Jti;
use crate::revocation::Reason;
use crate::rotation::{Refusal, Reuse, Verdict};
use crate::session::{Life, Session};

/// What happened. The names are stable: they are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// A session began.
    Login,
    /// Its holder ended it.
    Logout,
    /// All sessions were ended.
    EndAll,
    /// The password was changed, which ended all sessions.
    PasswordChanged,
    /// A token or a session was called back, by a client or an administrator.
    Revoked,
    /// A session gave way to a newer one.
    Evicted,
    /// The subject was deactivated.
    Deactivated,
    /// The subject was reactivated.
    Reactivated,
    /// The subject was deleted.
    Deleted,
    /// Somebody guessed at a password until there was a wait.
    Lockout,
    /// A spent token was presented.
    Reuse(ReuseKind),
    /// A key of the ring signs from now on.
    KeySigns,
    /// A key of the ring will sign earlier than planned.
    KeySignsEarlier,
    /// A key of the ring was declared leaked: nothing that it signed is taken any more.
    KeyLeaked,
    /// A key of the ring left it: no token of it could be accepted any more.
    KeyLeft,
}

/// What a spent token met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReuseKind {
    /// It had been spent a moment ago: refused, the session lives.
    Race,
    /// It ended the session.
    Stale,
    /// The session had ended already.
    Ended,
}

impl EventKind {
    /// All of them.
    pub const ALL: [Self; 17] = [
        Self::Login,
        Self::Logout,
        Self::EndAll,
        Self::PasswordChanged,
        Self::Revoked,
        Self::Evicted,
        Self::Deactivated,
        Self::Reactivated,
        Self::Deleted,
        Self::Lockout,
        Self::Reuse(ReuseKind::Race),
        Self::Reuse(ReuseKind::Stale),
        Self::Reuse(ReuseKind::Ended),
        Self::KeySigns,
        Self::KeySignsEarlier,
        Self::KeyLeaked,
        Self::KeyLeft,
    ];

    /// The name in stores and on the wire: of a reuse `reuse`, whatever it met.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Logout => "logout",
            Self::EndAll => "end_all",
            Self::PasswordChanged => "password_changed",
            Self::Revoked => "revoked",
            Self::Evicted => "evicted",
            Self::Deactivated => "deactivated",
            Self::Reactivated => "reactivated",
            Self::Deleted => "deleted",
            Self::Lockout => "lockout",
            Self::Reuse(_) => "reuse",
            Self::KeySigns => "key_signs",
            Self::KeySignsEarlier => "key_signs_earlier",
            Self::KeyLeaked => "key_leaked",
            Self::KeyLeft => "key_left",
        }
    }

    /// What a reuse met, by its name; of other kinds, nothing.
    #[must_use]
    pub const fn met(self) -> &'static str {
        match self {
            Self::Reuse(met) => met.as_str(),
            Self::Login
            | Self::Logout
            | Self::EndAll
            | Self::PasswordChanged
            | Self::Revoked
            | Self::Evicted
            | Self::Deactivated
            | Self::Reactivated
            | Self::Deleted
            | Self::Lockout
            | Self::KeySigns
            | Self::KeySignsEarlier
            | Self::KeyLeaked
            | Self::KeyLeft => "",
        }
    }

    /// The kind of that name which met this.
    #[must_use]
    pub fn named(name: &str, met: &str) -> Option<Self> {
        let is_it = |kind: &Self| kind.as_str() == name && kind.met() == met;
        Self::ALL.into_iter().find(is_it)
    }

    /// Whether somebody should hear of it at once, for it may be an attack or its end:
    ///
    /// | kind | is urgent | because |
    /// |---|---|---|
    /// | a spent token that ended its session | yes | somebody held a copy |
    /// | a lockout | yes | somebody guesses at a password |
    /// | a key signs, will sign earlier, leaked | yes | whoever did not expect it has to ask who did it |
    /// | any other reuse | no | anybody with a dead token brings it about at will |
    /// | a key left | no | nothing comes of it |
    /// | what a user or an administrator does to sessions or a user | no | they know |
    #[must_use]
    pub const fn is_urgent(self) -> bool {
        match self {
            Self::Reuse(ReuseKind::Stale)
            | Self::Lockout
            | Self::KeySigns
            | Self::KeySignsEarlier
            | Self::KeyLeaked => true,
            Self::Login
            | Self::Logout
            | Self::EndAll
            | Self::PasswordChanged
            | Self::Revoked
            | Self::Evicted
            | Self::Deactivated
            | Self::Reactivated
            | Self::Deleted
            | Self::Reuse(ReuseKind::Race | ReuseKind::Ended)
            | Self::KeyLeft => false,
        }
    }

    /// Whether something that worked before does not work any more.
    #[must_use]
    pub const fn calls_back(self) -> bool {
        match self {
            Self::Logout
            | Self::EndAll
            | Self::PasswordChanged
            | Self::Revoked
            | Self::Evicted
            | Self::Deactivated
            | Self::Deleted
            | Self::Reuse(ReuseKind::Stale)
            | Self::KeyLeaked => true,
            Self::Login
            | Self::Reactivated
            | Self::Lockout
            | Self::Reuse(ReuseKind::Race | ReuseKind::Ended)
            | Self::KeySigns
            | Self::KeySignsEarlier
            | Self::KeyLeft => false,
        }
    }

    /// How much it weighs where there is no room for all: the lightest gives way first. What
    /// anybody who holds a dead token can bring about at will is light.
    #[must_use]
    pub const fn weight(self) -> u8 {
        match self {
            Self::Reuse(ReuseKind::Race) => 0,
            Self::Reuse(ReuseKind::Ended) | Self::Lockout => 1,
            Self::Login | Self::Logout | Self::Evicted | Self::KeyLeft => 2,
            Self::EndAll | Self::PasswordChanged | Self::Revoked => 3,
            Self::Deactivated
            | Self::Reactivated
            | Self::Deleted
            | Self::KeySigns
            | Self::KeySignsEarlier => 4,
            Self::Reuse(ReuseKind::Stale) => 5,
            Self::KeyLeaked => 6,
        }
    }

    /// The event of a session that ended for this reason, if it is one: an end for reuse is told
    /// with the facts of the reuse.
    #[must_use]
    pub const fn of_ending(reason: Reason) -> Option<Self> {
        match reason {
            Reason::Logout => Some(Self::Logout),
            Reason::EndAll => Some(Self::EndAll),
            Reason::PasswordChanged => Some(Self::PasswordChanged),
            Reason::Revoked | Reason::Admin => Some(Self::Revoked),
            Reason::Evicted => Some(Self::Evicted),
            Reason::Deactivated => Some(Self::Deactivated),
            Reason::Deleted => Some(Self::Deleted),
            Reason::Rotated | Reason::Reuse | Reason::Exhausted | Reason::KeyLeaked => None,
        }
    }
}

impl ReuseKind {
    /// The name in stores and on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Race => "race",
            Self::Stale => "stale",
            Self::Ended => "ended",
        }
    }
}

/// For how long after a `race` or an `ended` of a session a further one is not told, in seconds:
/// whoever holds a spent token can present it at will.
pub const QUIET_SECONDS: u64 = 60;

/// The reuse in a verdict of [`rotation::present`](crate::rotation::present) on this session, with
/// its facts, if there is one:
///
/// | verdict | presented counter | reuse |
/// |---|---|---|
/// | refused, lost a race | – | **race** |
/// | ended, for reuse | – | **stale** |
/// | refused, its session had ended | < current | **ended** |
/// | refused, its session had ended | = current: a client that does not know yet | – |
/// | otherwise | – | – |
#[must_use]
pub fn reuse_in(
    verdict: &Verdict,
    before: &Session,
    presented: &Jti,
    now: u64,
) -> Option<(ReuseKind, Reuse)> {
    let behind = before
        .counter_of(presented)
        .and_then(|counter| before.counter.checked_sub(counter))
        .filter(|behind| *behind > 0);
    let since_rotation = now.saturating_sub(before.rotated_at);
    let facts = behind.map(|behind| Reuse {
        behind,
        since_rotation,
    });
    match verdict {
        Verdict::Refuse(Refusal::LostRace) => Some(ReuseKind::Race).zip(facts),
        Verdict::Refuse(Refusal::Ended(_)) => Some(ReuseKind::Ended).zip(facts),
        Verdict::EndSession(next, reuse) => match next.life {
            Life::Ended {
                reason: Reason::Reuse,
                ..
            } => Some((ReuseKind::Stale, *reuse)),
            Life::Ended { .. } | Life::Live => None,
        },
        Verdict::Refuse(Refusal::Expired | Refusal::NotIssuedHere)
        | Verdict::Rotate(_)
        | Verdict::Renew { .. }
        | Verdict::Replay => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claims::CustomClaims;
    use crate::jti::SessionKey;
    use crate::kind::Kind;
    use crate::rotation::{Policy, RACE_SECONDS, present};
    use crate::session::{Form, Lifetimes, Opening};
    use crate::validation::Leeway;

    const THEN: u64 = 1_700_000_000;
    const COUNTER: u32 = 5;

    fn session() -> Session {
        let opening = Opening {
            sid: "s".into(),
            key: SessionKey::new([9; 32]),
            form: Form::Pair,
            key_id: None,
            custom: CustomClaims::default(),
        };
        Session {
            counter: COUNTER,
            ..Session::opened(opening, &LIFETIMES, THEN)
        }
    }

    const LIFETIMES: Lifetimes = Lifetimes {
        bearer: 300,
        refresh: 86_400,
        session: 0,
    };

    fn told(session: &Session, counter: u32, now: u64) -> Option<(ReuseKind, u32, u64)> {
        let policy = Policy {
            rotate: true,
            grace: 0,
            leeway: Leeway::default(),
            lifetimes: LIFETIMES,
        };
        let presented = session.jti(Kind::Refresh, counter);
        let verdict = present(session, &presented, None, &policy, now);
        let told = reuse_in(&verdict, session, &presented, now);
        told.map(|(kind, reuse)| (kind, reuse.behind, reuse.since_rotation))
    }

    #[test]
    fn every_row_of_reuse() {
        use ReuseKind::{Ended, Race, Stale};
        let over = session().ended(Reason::Logout, THEN);
        let full = Session {
            counter: u32::MAX,
            ..session()
        };
        let late = THEN + RACE_SECONDS;
        let rows = [
            ("a rotation", session(), COUNTER, THEN + 3, None),
            (
                "a lost race",
                session(),
                COUNTER - 1,
                THEN + 3,
                Some((Race, 1, 3)),
            ),
            (
                "its last second",
                session(),
                COUNTER - 1,
                late - 1,
                Some((Race, 1, 9)),
            ),
            (
                "a theft",
                session(),
                COUNTER - 1,
                late,
                Some((Stale, 1, 10)),
            ),
            (
                "an old one",
                session(),
                0,
                THEN + 1,
                Some((Stale, COUNTER, 1)),
            ),
            ("never issued", session(), COUNTER + 1, THEN, None),
            ("expired", session(), COUNTER - 1, THEN + 86_400, None),
            (
                "spent, of an ended session",
                over.clone(),
                2,
                THEN + 7,
                Some((Ended, 3, 7)),
            ),
            (
                "unspent, of an ended session",
                over.clone(),
                COUNTER,
                THEN + 7,
                None,
            ),
            (
                "never issued, in an ended session",
                over,
                COUNTER + 1,
                THEN,
                None,
            ),
            ("a counter that is full", full, u32::MAX, THEN, None),
        ];
        for (row, session, counter, now, expected) in rows {
            assert_eq!(told(&session, counter, now), expected, "{row}");
        }
    }

    #[test]
    fn what_an_attacker_can_repeat_gives_way_first() {
        let mut kinds = EventKind::ALL;
        kinds.sort_by_key(|kind| kind.weight());
        let lightest = [
            EventKind::Reuse(ReuseKind::Race),
            EventKind::Lockout,
            EventKind::Reuse(ReuseKind::Ended),
        ];
        assert_eq!(kinds.get(..3), Some(lightest.as_slice()));
        let heaviest = [EventKind::Reuse(ReuseKind::Stale), EventKind::KeyLeaked];
        assert!(kinds.ends_with(&heaviest));
    }

    #[test]
    fn a_kind_is_found_by_its_name_and_what_it_met() {
        for kind in EventKind::ALL {
            assert_eq!(EventKind::named(kind.as_str(), kind.met()), Some(kind));
        }
        for (name, met) in [("reuse", ""), ("login", "race"), ("key", ""), ("", "")] {
            assert_eq!(EventKind::named(name, met), None, "{name} {met}");
        }
    }

    #[test]
    fn what_anybody_can_repeat_at_will_is_not_urgent() {
        for kind in EventKind::ALL {
            // A lockout is told once an hour.
            let is_seldom = kind.weight() > 3 || kind == EventKind::Lockout;
            assert!(!kind.is_urgent() || is_seldom, "{kind:?}");
        }
    }

    #[test]
    fn every_end_but_those_told_otherwise_is_an_event() {
        for reason in Reason::ALL {
            let silent = matches!(
                reason,
                Reason::Rotated | Reason::Reuse | Reason::Exhausted | Reason::KeyLeaked
            );
            assert_eq!(EventKind::of_ending(reason).is_none(), silent, "{reason:?}");
        }
    }
}
