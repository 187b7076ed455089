//! The exchange of a refresh token for the next pair.

use crate::jti::Jti;
use crate::revocation::Reason;
use crate::session::{Form, Lifetimes, Session};
use crate::validation::{Leeway, has_passed};
use alloc::boxed::Box;

/// For how long after a rotation the token it spent is taken for a lost race and not for a theft,
/// in seconds.
pub const RACE_SECONDS: u64 = 10;

/// The settings that decide a rotation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// `ROTATE_REFRESH_TOKENS`.
    pub rotate: bool,
    /// `REFRESH_GRACE_SECONDS`; 0: never.
    pub grace: u64,
    /// `LEEWAY`.
    pub leeway: Leeway,
    /// The lifetimes of what is issued now.
    pub lifetimes: Lifetimes,
}

/// What becomes of a presented refresh or sliding token, with the session's next state where it has
/// one.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// The token is spent: store the next state and answer its pair.
    Rotate(Box<Session>),
    /// The token stays: store the next state and answer a bearer token issued now.
    Renew {
        /// The next state.
        next: Box<Session>,
        /// `exp` of the bearer token.
        exp: u64,
    },
    /// The token was spent a moment ago: answer the pair of that rotation again, byte for byte.
    Replay,
    /// Nothing happens.
    Refuse(Refusal),
    /// Somebody holds a copy: store the next state, in which the session has ended.
    EndSession(Box<Session>, Reuse),
}

/// Why a presented token is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It was spent a moment ago.
    LostRace,
    /// Its session has ended, for this reason.
    Ended(Reason),
    /// Its session is over.
    Expired,
    /// No session issued it.
    NotIssuedHere,
}

/// The facts of a reuse, for the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reuse {
    /// By how many rotations the token is behind.
    pub behind: u32,
    /// Seconds since the last rotation.
    pub since_rotation: u64,
}

/// Decides what a presented token does to its session. This is the function on which "spent exactly
/// once" rests, so it is written to be read against its truth table, top to bottom, first match:
///
/// | session | presented counter | when | verdict |
/// |---|---|---|---|
/// | ended | any | – | **Refuse**, ended, with the reason it ended for |
/// | any | not of this session, or > current | – | **Refuse**, not issued here |
/// | over | any | now ≥ `expires_at` + leeway, or as long after the session's own end | **Refuse**, expired |
/// | sliding | = current | – | **Renew**: the same `jti` and `refresh_exp`, a new `exp` |
/// | pair, rotation on | = current | – | **Rotate**: counter + 1, `rotated_at` = now |
/// | pair, rotation off | = current | – | **Renew**: a new access token; the refresh token stays |
/// | live | = current − 1 | less than the grace after the rotation | **Replay** |
/// | live | = current − 1 | less than [`RACE_SECONDS`] after it | **Refuse**, lost a race |
/// | live | < current | otherwise | **`EndSession`**, for reuse |
///
/// At most one successor per counter (I1): only the row "pair, rotation on" moves the counter, by
/// one, and afterwards the presented counter is no longer current. The caller must store the next
/// state in the same transaction in which it read this one.
///
/// A counter that cannot grow any more ends the session, as exhausted: four thousand million
/// rotations are no client.
#[must_use]
pub fn present(
    session: &Session,
    presented: &Jti,
    key_id: Option<&str>,
    policy: &Policy,
    now: u64,
) -> Verdict {
    if let Some(reason) = session.end_reason() {
        return Verdict::Refuse(Refusal::Ended(reason));
    }
    let Some(behind) = session
        .counter_of(presented)
        .and_then(|c| session.counter.checked_sub(c))
    else {
        return Verdict::Refuse(Refusal::NotIssuedHere);
    };
    // A session lifetime may have been set, or shortened, since these tokens were issued.
    let end = policy.lifetimes.end_of_session(session.started_at);
    if has_passed(session.expires_at.min(end), policy.leeway, now) {
        return Verdict::Refuse(Refusal::Expired);
    }
    let since_rotation = now.saturating_sub(session.rotated_at);
    match (behind, session.form) {
        (0, Form::Pair) if policy.rotate => rotate(session, key_id, policy, now),
        (0, Form::Pair | Form::Sliding) => renew(session, policy, now),
        (1, _) if since_rotation < policy.grace => Verdict::Replay,
        (1, _) if since_rotation < RACE_SECONDS => Verdict::Refuse(Refusal::LostRace),
        _ => {
            let ended = session.clone().ended(Reason::Reuse, now);
            Verdict::EndSession(
                Box::new(ended),
                Reuse {
                    behind,
                    since_rotation,
                },
            )
        }
    }
}

fn rotate(session: &Session, key_id: Option<&str>, policy: &Policy, now: u64) -> Verdict {
    let Some(counter) = session.counter.checked_add(1) else {
        let ended = session.clone().ended(Reason::Exhausted, now);
        return Verdict::EndSession(
            Box::new(ended),
            Reuse {
                behind: 0,
                since_rotation: 0,
            },
        );
    };
    let lifetimes = policy.lifetimes.shortened(session.own);
    let access_expires_at = lifetimes.bearer_exp(session.started_at, now);
    Verdict::Rotate(Box::new(Session {
        counter,
        rotated_at: now,
        key_id: key_id.map(Into::into),
        access_expires_at,
        expires_at: lifetimes.refresh_exp(session.started_at, now),
        latest_bearer_exp: session.latest_bearer_exp.max(access_expires_at),
        latest_spent_exp: session.latest_spent_exp.max(session.expires_at),
        ..session.clone()
    }))
}

/// Nothing moves but the latest date on which a bearer token of the session ends.
fn renew(session: &Session, policy: &Policy, now: u64) -> Verdict {
    // As Simple JWT: a sliding token's last extension may reach past its `refresh_exp`, though never
    // past the end of its session.
    let lifetimes = policy.lifetimes.shortened(session.own);
    let exp = lifetimes.bearer_exp(session.started_at, now);
    let latest_bearer_exp = session.latest_bearer_exp.max(exp);
    Verdict::Renew {
        next: Box::new(Session {
            latest_bearer_exp,
            ..session.clone()
        }),
        exp,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claims::CustomClaims;
    use crate::jti::SessionKey;
    use crate::kind::Kind;
    use crate::session::{Adopted, Life, Opening};
    use alloc::string::String;

    /// When the session was rotated last.
    const THEN: u64 = 1_700_000_000;
    const EXPIRES: u64 = THEN + 86_400;
    const COUNTER: u32 = 5;

    fn session(form: Form) -> Session {
        Session {
            counter: COUNTER,
            rotated_at: THEN,
            access_expires_at: THEN + 300,
            expires_at: EXPIRES,
            started_at: THEN - 5000,
            latest_bearer_exp: THEN + 300,
            latest_spent_exp: THEN + 80_000,
            key_id: Some("old".into()),
            ..Session::opened(opening(form), &lifetimes(), THEN - 5000)
        }
    }

    fn opening(form: Form) -> Opening {
        Opening {
            sid: "s".into(),
            key: SessionKey::new([9; 32]),
            form,
            key_id: Some("first".into()),
            custom: CustomClaims::default(),
        }
    }

    /// A session of another issuer's token, at this counter.
    fn adopted(counter: u32) -> Session {
        let token = Adopted {
            jti: foreign(),
            iat: THEN - 100,
            exp: EXPIRES,
            refresh_exp: EXPIRES,
        };
        Session {
            counter,
            rotated_at: THEN,
            ..Session::adopted(opening(Form::Pair), token, THEN)
        }
    }

    fn foreign() -> Jti {
        Jti::presented("a1b2c3".into())
    }

    fn lifetimes() -> Lifetimes {
        Lifetimes {
            bearer: 300,
            refresh: 86_400,
            session: 0,
        }
    }

    fn policy() -> Policy {
        Policy {
            rotate: true,
            grace: 0,
            leeway: Leeway::default(),
            lifetimes: lifetimes(),
        }
    }

    fn rotation_off() -> Policy {
        Policy {
            rotate: false,
            ..policy()
        }
    }

    fn grace(grace: u64) -> Policy {
        Policy { grace, ..policy() }
    }

    fn leeway(seconds: u64) -> Policy {
        Policy {
            leeway: Leeway::new(seconds).unwrap(),
            ..policy()
        }
    }

    fn logged_out(session: Session) -> Session {
        session.ended(Reason::Logout, THEN)
    }

    /// A verdict without its next state.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    enum Outcome {
        Rotate,
        Renew,
        Replay,
        Refuse(Refusal),
        Reuse(u32, u64),
    }
    use Outcome::{Refuse, Renew, Replay, Reuse as Reused, Rotate};
    use Refusal::{Ended, Expired, LostRace, NotIssuedHere};

    fn outcome(session: &Session, presented: &Jti, policy: &Policy, now: u64) -> Outcome {
        match present(session, presented, Some("new"), policy, now) {
            Verdict::Rotate(_) => Rotate,
            Verdict::Renew { .. } => Renew,
            Verdict::Replay => Replay,
            Verdict::Refuse(refusal) => Refuse(refusal),
            Verdict::EndSession(_, reuse) => Reused(reuse.behind, reuse.since_rotation),
        }
    }

    #[test]
    fn every_row_of_the_truth_table_and_both_sides_of_every_boundary() {
        let pair = || session(Form::Pair);
        let sliding = || session(Form::Sliding);
        let refresh = |counter| pair().jti(Kind::Refresh, counter);
        let slide = |counter| sliding().jti(Kind::Sliding, counter);
        let current = || refresh(COUNTER);
        let spent = || refresh(COUNTER - 1);
        let long_spent = || refresh(COUNTER - 2);
        #[rustfmt::skip]
        let rows = vec![
            // session, presented, policy, now, outcome
            ("current rotates at once", pair(), current(), policy(), THEN, Rotate),
            ("current rotates in its last second", pair(), current(), policy(), EXPIRES - 1, Rotate),
            ("expires_at is over", pair(), current(), policy(), EXPIRES, Refuse(Expired)),
            ("current rotates while the leeway lasts", pair(), current(), leeway(300), EXPIRES + 299, Rotate),
            ("expires_at + leeway is over", pair(), current(), leeway(300), EXPIRES + 300, Refuse(Expired)),
            ("rotation off renews", pair(), current(), rotation_off(), THEN, Renew),
            ("rotation off renews in the last second", pair(), current(), rotation_off(), EXPIRES - 1, Renew),
            ("rotation off still ends", pair(), current(), rotation_off(), EXPIRES, Refuse(Expired)),
            ("a grace changes nothing for the current one", pair(), current(), grace(30), THEN, Rotate),

            ("no grace: a lost race at once", pair(), spent(), policy(), THEN, Refuse(LostRace)),
            ("no grace: a lost race after 9 s", pair(), spent(), policy(), THEN + 9, Refuse(LostRace)),
            ("no grace: reuse after 10 s", pair(), spent(), policy(), THEN + 10, Reused(1, 10)),
            ("no grace: reuse after 11 s", pair(), spent(), policy(), THEN + 11, Reused(1, 11)),
            ("a clock that went back is no time at all", pair(), spent(), policy(), THEN - 50, Refuse(LostRace)),
            ("rotation off forgives no reuse", pair(), spent(), rotation_off(), THEN + 10, Reused(1, 10)),
            ("rotation off knows races", pair(), spent(), rotation_off(), THEN + 9, Refuse(LostRace)),

            ("grace 5: replay at once", pair(), spent(), grace(5), THEN, Replay),
            ("grace 5: replay after 4 s", pair(), spent(), grace(5), THEN + 4, Replay),
            ("grace 5: a lost race after 5 s", pair(), spent(), grace(5), THEN + 5, Refuse(LostRace)),
            ("grace 5: a lost race after 9 s", pair(), spent(), grace(5), THEN + 9, Refuse(LostRace)),
            ("grace 5: reuse after 10 s", pair(), spent(), grace(5), THEN + 10, Reused(1, 10)),
            ("grace 30: replay after the race window", pair(), spent(), grace(30), THEN + 10, Replay),
            ("grace 30: replay after 29 s", pair(), spent(), grace(30), THEN + 29, Replay),
            ("grace 30: reuse after 30 s", pair(), spent(), grace(30), THEN + 30, Reused(1, 30)),
            ("a replay needs no rotation setting", pair(), spent(), Policy { rotate: false, ..grace(5) }, THEN, Replay),

            ("two behind is reuse at once", pair(), long_spent(), policy(), THEN, Reused(2, 0)),
            ("two behind has no grace", pair(), long_spent(), grace(30), THEN, Reused(2, 0)),
            ("the first of all is reuse", pair(), refresh(0), policy(), THEN + 1, Reused(COUNTER, 1)),
            ("expired beats reuse", pair(), long_spent(), policy(), EXPIRES, Refuse(Expired)),
            ("expired beats replay", pair(), spent(), grace(u64::MAX), EXPIRES, Refuse(Expired)),

            ("one ahead", pair(), refresh(COUNTER + 1), policy(), THEN, Refuse(NotIssuedHere)),
            ("far ahead", pair(), refresh(u32::MAX), policy(), THEN, Refuse(NotIssuedHere)),
            ("the access token's id", pair(), pair().jti(Kind::Access, COUNTER), policy(), THEN, Refuse(NotIssuedHere)),
            ("the other form's id", pair(), slide(COUNTER), policy(), THEN, Refuse(NotIssuedHere)),
            ("a foreign id", pair(), foreign(), policy(), THEN, Refuse(NotIssuedHere)),
            ("no id at all", pair(), Jti::presented(String::new()), policy(), THEN, Refuse(NotIssuedHere)),
            ("another session's", pair(), SessionKey::new([8; 32]).jti(Kind::Refresh, COUNTER), policy(), THEN, Refuse(NotIssuedHere)),
            ("not issued here beats expired", pair(), foreign(), policy(), EXPIRES, Refuse(NotIssuedHere)),

            ("ended: current", logged_out(pair()), current(), policy(), THEN, Refuse(Ended(Reason::Logout))),
            ("ended: spent", logged_out(pair()), spent(), grace(30), THEN, Refuse(Ended(Reason::Logout))),
            ("ended beats reuse", logged_out(pair()), long_spent(), policy(), THEN + 100, Refuse(Ended(Reason::Logout))),
            ("ended beats not issued here", logged_out(pair()), foreign(), policy(), THEN, Refuse(Ended(Reason::Logout))),
            ("ended beats expired", logged_out(pair()), current(), policy(), EXPIRES, Refuse(Ended(Reason::Logout))),
            ("ended: sliding", logged_out(sliding()), slide(COUNTER), policy(), THEN, Refuse(Ended(Reason::Logout))),

            ("sliding renews", sliding(), slide(COUNTER), policy(), THEN, Renew),
            ("sliding renews whatever the rotation setting", sliding(), slide(COUNTER), rotation_off(), THEN, Renew),
            ("sliding renews in its last second", sliding(), slide(COUNTER), policy(), EXPIRES - 1, Renew),
            ("sliding past refresh_exp", sliding(), slide(COUNTER), policy(), EXPIRES, Refuse(Expired)),
            ("a refresh id is not a sliding one", sliding(), refresh(COUNTER), policy(), THEN, Refuse(NotIssuedHere)),

            ("adopted: its token rotates", adopted(0), foreign(), policy(), THEN, Rotate),
            ("adopted: its token renews", adopted(0), foreign(), rotation_off(), THEN, Renew),
            ("adopted: no own id at counter 0", adopted(0), refresh(0), policy(), THEN, Refuse(NotIssuedHere)),
            ("adopted: counter 0 stays the foreign id's", adopted(1), refresh(0), policy(), THEN, Refuse(NotIssuedHere)),
            ("adopted: its token is spent once", adopted(1), foreign(), policy(), THEN + 9, Refuse(LostRace)),
            ("adopted: its token again", adopted(1), foreign(), policy(), THEN + 10, Reused(1, 10)),
            ("adopted: its token replays", adopted(1), foreign(), grace(5), THEN, Replay),
            ("adopted: its token, long spent", adopted(COUNTER), foreign(), policy(), THEN, Reused(COUNTER, 0)),
            ("adopted: later tokens are ours", adopted(COUNTER), current(), policy(), THEN, Rotate),
        ];
        for (row, session, presented, policy, now, expected) in rows {
            let found = outcome(&session, &presented, &policy, now);
            assert_eq!(found, expected, "{row}");
        }
    }

    /// The table once more, told from the verdict to its conditions, over every combination.
    #[test]
    fn every_combination_agrees_with_the_table_read_backwards() {
        let mut combinations = 0;
        for form in [Form::Pair, Form::Sliding] {
            for ended in [false, true] {
                for rotate in [false, true] {
                    for grace in [0, 5, 10, 30] {
                        for behind in [-1i64, 0, 1, 2, 5] {
                            for elapsed in [0, 4, 5, 9, 10, 11, 29, 30, 86_399, 86_400] {
                                let live = session(form);
                                let session = if ended { logged_out(live) } else { live };
                                let counter = u32::try_from(i64::from(COUNTER) - behind).unwrap();
                                let presented = session.jti(form.presented(), counter);
                                let policy = Policy {
                                    rotate,
                                    grace,
                                    ..policy()
                                };
                                let alive = !ended && elapsed < 86_400;
                                let pair = form == Form::Pair;
                                let found = outcome(&session, &presented, &policy, THEN + elapsed);
                                let expected = match found {
                                    Rotate => alive && behind == 0 && pair && rotate,
                                    Renew => alive && behind == 0 && !(pair && rotate),
                                    Replay => alive && behind == 1 && elapsed < grace,
                                    Refuse(LostRace) => {
                                        alive && behind == 1 && elapsed >= grace && elapsed < 10
                                    }
                                    Reused(..) => {
                                        alive
                                            && behind > 0
                                            && (behind > 1 || (elapsed >= grace && elapsed >= 10))
                                    }
                                    Refuse(Ended(reason)) => ended && reason == Reason::Logout,
                                    Refuse(NotIssuedHere) => !ended && behind < 0,
                                    Refuse(Expired) => !ended && behind >= 0 && elapsed >= 86_400,
                                };
                                assert!(
                                    expected,
                                    "{found:?}: {form:?} ended {ended} rotate {rotate} \
                                     grace {grace} behind {behind} elapsed {elapsed}"
                                );
                                combinations += 1;
                            }
                        }
                    }
                }
            }
        }
        assert_eq!(combinations, 2 * 2 * 2 * 4 * 5 * 10);
    }

    #[test]
    fn every_token_of_an_ended_session_hears_the_reason_it_ended_for_and_no_later_one() {
        for reason in Reason::ALL {
            let ended = session(Form::Pair).ended(reason, THEN);
            let again = ended.ended(Reason::Reuse, THEN + 1);
            for counter in [0, COUNTER - 1, COUNTER, COUNTER + 1] {
                let jti = again.jti(Kind::Refresh, counter);
                let found = outcome(&again, &jti, &policy(), THEN + 100);
                assert_eq!(found, Refuse(Ended(reason)), "{counter}");
            }
        }
    }

    fn rotated(session: &Session, policy: &Policy, now: u64) -> Session {
        let current = session.jti(Kind::Refresh, session.counter);
        let verdict = present(session, &current, Some("new"), policy, now);
        let Verdict::Rotate(next) = verdict else {
            panic!("{verdict:?}")
        };
        *next
    }

    fn renewed(session: &Session, policy: &Policy, now: u64) -> (Session, u64) {
        let current = session.jti(session.form.presented(), session.counter);
        let verdict = present(session, &current, Some("new"), policy, now);
        let Verdict::Renew { next, exp } = verdict else {
            panic!("{verdict:?}")
        };
        (*next, exp)
    }

    #[test]
    fn a_rotation_moves_the_counter_by_one_and_notes_when_by_which_key_and_until_when() {
        let before = session(Form::Pair);
        let after = rotated(&before, &policy(), THEN + 1000);
        assert_eq!(after.counter, COUNTER + 1);
        assert_eq!(after.rotated_at, THEN + 1000);
        assert_eq!(after.key_id.as_deref(), Some("new"));
        assert_eq!(after.access_expires_at, THEN + 1300);
        assert_eq!(after.expires_at, THEN + 1000 + 86_400);
        assert_eq!(after.latest_bearer_exp, THEN + 1300);
        assert_eq!(after.latest_spent_exp, EXPIRES);
        assert_eq!(after.started_at, before.started_at);
        assert_eq!(after.sid, before.sid);
        assert_eq!(after.life, Life::Live);
    }

    #[test]
    fn shorter_lifetimes_do_not_forget_the_longer_ones_before() {
        let before = Session {
            latest_bearer_exp: THEN + 5000,
            latest_spent_exp: THEN + 200_000,
            ..session(Form::Pair)
        };
        let short = Policy {
            lifetimes: Lifetimes {
                bearer: 60,
                refresh: 120,
                session: 0,
            },
            ..policy()
        };
        let after = rotated(&before, &short, THEN + 10);
        assert_eq!(after.access_expires_at, THEN + 70);
        assert_eq!(after.expires_at, THEN + 130);
        assert_eq!(after.latest_bearer_exp, THEN + 5000);
        assert_eq!(after.latest_spent_exp, THEN + 200_000);
        assert_eq!(after.latest_exp(), THEN + 200_000);
    }

    #[test]
    fn renewing_moves_nothing_but_the_latest_exp_of_a_bearer_token() {
        for form in [Form::Pair, Form::Sliding] {
            let before = session(form);
            let (after, exp) = renewed(&before, &rotation_off(), THEN + 1000);
            assert_eq!(exp, THEN + 1300);
            let expected = Session {
                latest_bearer_exp: THEN + 1300,
                ..before.clone()
            };
            assert_eq!(format!("{after:?}"), format!("{expected:?}"), "{form:?}");
            let (again, _) = renewed(&after, &rotation_off(), THEN + 5);
            assert_eq!(again.latest_bearer_exp, THEN + 1300, "{form:?}");
        }
    }

    #[test]
    fn a_reuse_ends_the_session_and_changes_nothing_else() {
        let before = session(Form::Pair);
        let spent = before.jti(Kind::Refresh, COUNTER - 2);
        let Verdict::EndSession(after, reuse) = present(&before, &spent, None, &policy(), THEN + 3)
        else {
            panic!("the session goes on")
        };
        assert_eq!(
            reuse,
            Reuse {
                behind: 2,
                since_rotation: 3
            }
        );
        let life = Life::Ended {
            at: THEN + 3,
            reason: Reason::Reuse,
        };
        let expected = Session { life, ..before };
        assert_eq!(format!("{after:?}"), format!("{expected:?}"));
    }

    #[test]
    fn a_counter_that_cannot_grow_ends_the_session_and_does_not_start_again() {
        let last = Session {
            counter: u32::MAX,
            ..session(Form::Pair)
        };
        let current = last.jti(Kind::Refresh, u32::MAX);
        let verdict = present(&last, &current, None, &policy(), THEN + 20);
        let Verdict::EndSession(next, reuse) = verdict else {
            panic!("{verdict:?}")
        };
        let life = Life::Ended {
            at: THEN + 20,
            reason: Reason::Exhausted,
        };
        assert_eq!((next.counter, next.life, reuse.behind), (u32::MAX, life, 0));
        assert_eq!(
            outcome(&last, &current, &rotation_off(), THEN + 20),
            Renew,
            "what does not count goes on"
        );
        let spent = last.jti(Kind::Refresh, u32::MAX - 1);
        assert_eq!(outcome(&last, &spent, &grace(5), THEN), Replay);
        let before = Session {
            counter: u32::MAX - 1,
            ..session(Form::Pair)
        };
        assert_eq!(rotated(&before, &policy(), THEN).counter, u32::MAX);
    }

    #[test]
    fn the_end_of_time_does_not_overflow() {
        let mut session = session(Form::Pair);
        session.expires_at = u64::MAX;
        let endless = Policy {
            grace: u64::MAX,
            lifetimes: Lifetimes {
                bearer: u64::MAX,
                refresh: u64::MAX,
                session: u64::MAX,
            },
            ..leeway(300)
        };
        let after = rotated(&session, &endless, u64::MAX - 1);
        assert_eq!(after.expires_at, u64::MAX);
        let sliding = Session {
            form: Form::Sliding,
            ..session
        };
        assert_eq!(renewed(&sliding, &endless, u64::MAX - 1).1, u64::MAX);
    }

    /// `SESSION_LIFETIME`, with a session that began 5,000 s before [`THEN`].
    fn session_lifetime(session: u64) -> Policy {
        Policy {
            lifetimes: Lifetimes {
                session,
                ..lifetimes()
            },
            ..policy()
        }
    }

    #[test]
    fn no_rotation_outlives_the_session_lifetime() {
        let ends = THEN + 200;
        let after = rotated(&session(Form::Pair), &session_lifetime(5200), THEN + 50);
        assert_eq!(after.access_expires_at, ends);
        assert_eq!(after.expires_at, ends);
        assert_eq!(
            outcome(
                &after,
                &after.jti(Kind::Refresh, after.counter),
                &session_lifetime(5200),
                ends
            ),
            Refuse(Expired)
        );
    }

    #[test]
    fn no_sliding_token_outlives_the_session_lifetime() {
        let (after, exp) = renewed(&session(Form::Sliding), &session_lifetime(5200), THEN + 50);
        assert_eq!(exp, THEN + 200);
        assert_eq!(after.latest_bearer_exp, THEN + 300, "as it was");
    }

    #[test]
    fn a_sliding_token_may_reach_past_its_refresh_exp_as_with_simple_jwt() {
        let (_, exp) = renewed(&session(Form::Sliding), &policy(), EXPIRES - 1);
        assert_eq!(exp, EXPIRES + 299);
    }

    #[test]
    fn a_session_lifetime_that_was_shortened_holds_for_sessions_that_are_under_way() {
        for form in [Form::Pair, Form::Sliding] {
            let session = session(form);
            let current = session.jti(form.presented(), COUNTER);
            let before = outcome(&session, &current, &session_lifetime(5100), THEN + 99);
            assert!(matches!(before, Rotate | Renew), "{before:?}");
            let after = outcome(&session, &current, &session_lifetime(5100), THEN + 100);
            assert_eq!(after, Refuse(Expired), "a dead pair would be no answer");
        }
    }
}
