//! Whether a subject may have tokens at all, and how that changes.

use crate::revocation::{self, Reason};
use crate::session::{Life, Session};
use crate::subject::SubjectState;

/// Whether a subject may have tokens at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Standing {
    /// It may.
    #[default]
    Active,
    /// Not at present.
    Deactivated,
    /// Never again.
    Deleted,
}

impl Standing {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Active, Self::Deactivated, Self::Deleted];

    /// The name in stores.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Deactivated => "deactivated",
            Self::Deleted => "deleted",
        }
    }

    /// The standing of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == name)
    }
}

/// What an administrator does to a subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// No tokens until it is reactivated.
    Deactivate,
    /// Tokens again.
    Reactivate,
    /// No tokens ever again.
    Delete,
}

/// What becomes of a subject that is moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moved {
    /// Store the next state, end the live sessions for this reason if there is one, and tell the
    /// blacklist of everything issued up to now.
    To {
        /// The next state.
        state: SubjectState,
        /// Why its sessions end.
        ending: Option<Reason>,
    },
    /// It stands so already: nothing happens.
    Already,
    /// It was deleted, which is final.
    Deleted,
}

impl SubjectState {
    /// Decides what a move does to a subject:
    ///
    /// | standing | **Deactivate** | **Reactivate** | **Delete** |
    /// |---|---|---|---|
    /// | active | deactivated; all sessions end | already | deleted; all sessions end |
    /// | deactivated | already | active; everything from before is cut off | deleted; all sessions end |
    /// | deleted | final | final | already |
    ///
    /// While a subject is not active its standing refuses everything, so the cutoff need not move and
    /// a token hears what is true: that its subject is gone, or that it had been called back before.
    /// Reactivating raises the cutoff: nothing that was issued before, by whomever, lives again.
    #[must_use]
    pub fn moved(self, to: Move, now: u64) -> Moved {
        let ending = |standing, reason| Moved::To {
            state: Self { standing, ..self },
            ending: Some(reason),
        };
        match (self.standing, to) {
            (Standing::Active, Move::Deactivate) => {
                ending(Standing::Deactivated, Reason::Deactivated)
            }
            (Standing::Active | Standing::Deactivated, Move::Delete) => {
                ending(Standing::Deleted, Reason::Deleted)
            }
            (Standing::Deactivated, Move::Reactivate) => Moved::To {
                state: Self {
                    standing: Standing::Active,
                    cutoff: revocation::cutoff(self.cutoff, now),
                    ..self
                },
                ending: None,
            },
            (Standing::Active, Move::Reactivate)
            | (Standing::Deactivated, Move::Deactivate)
            | (Standing::Deleted, Move::Delete) => Moved::Already,
            (Standing::Deleted, Move::Deactivate | Move::Reactivate) => Moved::Deleted,
        }
    }

    /// What tokens of a session hear about their subject before they hear about the session: that it
    /// is gone. Those of a session that had ended before it went hear that they were called back.
    #[must_use]
    pub fn absence(&self, session: Option<&Session>) -> Option<Standing> {
        let ended_otherwise = session.is_some_and(|session| match session.life {
            Life::Live => false,
            Life::Ended { reason, .. } => !matches!(reason, Reason::Deactivated | Reason::Deleted),
        });
        match self.standing {
            Standing::Active => None,
            Standing::Deactivated | Standing::Deleted if ended_otherwise => None,
            Standing::Deactivated | Standing::Deleted => Some(self.standing),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claims::CustomClaims;
    use crate::jti::SessionKey;
    use crate::session::{Form, Lifetimes, Opening};
    use crate::subject::Admission;

    const NOW: u64 = 1_700_000_000;

    fn state(standing: Standing) -> SubjectState {
        SubjectState {
            standing,
            cutoff: NOW - 100,
            credential: 3,
        }
    }

    fn to(standing: Standing, cutoff: u64, ending: Option<Reason>) -> Moved {
        let state = SubjectState {
            cutoff,
            ..state(standing)
        };
        Moved::To { state, ending }
    }

    #[test]
    fn every_row_of_the_moves() {
        use Move::{Deactivate, Delete, Reactivate};
        use Standing::{Active, Deactivated, Deleted};
        let before = NOW - 100;
        let rows = [
            (
                Active,
                Deactivate,
                to(Deactivated, before, Some(Reason::Deactivated)),
            ),
            (Active, Reactivate, Moved::Already),
            (Active, Delete, to(Deleted, before, Some(Reason::Deleted))),
            (Deactivated, Deactivate, Moved::Already),
            (Deactivated, Reactivate, to(Active, NOW + 1, None)),
            (
                Deactivated,
                Delete,
                to(Deleted, before, Some(Reason::Deleted)),
            ),
            (Deleted, Deactivate, Moved::Deleted),
            (Deleted, Reactivate, Moved::Deleted),
            (Deleted, Delete, Moved::Already),
        ];
        for (standing, done, expected) in rows {
            assert_eq!(
                state(standing).moved(done, NOW),
                expected,
                "{standing:?} {done:?}"
            );
        }
    }

    #[test]
    fn whoever_is_reactivated_signs_in_anew_and_keeps_the_lowest_credential() {
        let Moved::To { state, .. } = state(Standing::Deactivated).moved(Move::Reactivate, NOW)
        else {
            panic!("a deactivated subject cannot be reactivated")
        };
        assert!(revocation::is_cut_off(state.cutoff, Some(NOW)));
        assert_eq!(state.admit(2, NOW + 1), Admission::Refuse);
        assert_eq!(state.admit(3, NOW), Admission::WaitUntil(NOW + 1));
        assert_eq!(state.admit(3, NOW + 1), Admission::Open);
    }

    #[test]
    fn nobody_who_is_deactivated_or_deleted_is_admitted() {
        for done in [Move::Deactivate, Move::Delete] {
            let Moved::To { state, .. } = state(Standing::Active).moved(done, NOW) else {
                panic!("{done:?} does nothing")
            };
            assert_eq!(state.admit(u32::MAX, NOW + 1_000_000), Admission::Refuse);
        }
    }

    #[test]
    fn what_was_called_back_before_its_subject_went_hears_so() {
        let opening = Opening {
            sid: "s".into(),
            key: SessionKey::new([6; 32]),
            form: Form::Pair,
            key_id: None,
            custom: CustomClaims::default(),
        };
        let lifetimes = Lifetimes {
            bearer: 300,
            refresh: 86_400,
            session: 0,
        };
        let live = Session::opened(opening, &lifetimes, NOW);
        for gone in [Standing::Deactivated, Standing::Deleted] {
            let state = state(gone);
            assert_eq!(state.absence(None), Some(gone));
            assert_eq!(state.absence(Some(&live)), Some(gone));
            for reason in Reason::ALL {
                let ended = live.clone().ended(reason, NOW);
                let by_standing = matches!(reason, Reason::Deactivated | Reason::Deleted);
                let heard = state.absence(Some(&ended));
                assert_eq!(heard, by_standing.then_some(gone), "{reason:?}");
            }
        }
        let ended = live.ended(Reason::Deactivated, NOW);
        assert_eq!(state(Standing::Active).absence(Some(&ended)), None);
    }

    #[test]
    fn standings_read_back_from_their_names() {
        for standing in Standing::ALL {
            assert_eq!(Standing::named(standing.as_str()), Some(standing));
        }
    }
}
