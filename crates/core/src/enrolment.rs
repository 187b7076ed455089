//! Taking over the users of another system, who keep their ids there as their subjects here.
//!
//! An address belongs to one subject and a subject has one address. The subject's object decides the
//! second, the account's object the first; each by one of these functions, so that whatever a file
//! says, nobody's account becomes somebody else's.

use crate::standing::Standing;

/// The address that a subject has here, beside the one it is to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Address {
    /// It has none.
    None,
    /// It has that one.
    Same,
    /// It has another.
    Other,
}

/// Whether a subject may have an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Enrolment {
    /// Store that it has.
    Enrol,
    /// It has it.
    Already,
    /// It has another.
    OtherAddress,
    /// It was deleted, which is final.
    Deleted,
}

/// Decides whether a subject gets an address:
///
/// | standing | address | verdict |
/// |---|---|---|
/// | deleted | any | **Deleted** |
/// | active, deactivated | none | **Enrol** |
/// | active, deactivated | the same | **Already** |
/// | active, deactivated | another | **`OtherAddress`** |
#[must_use]
pub const fn enrol(standing: Standing, address: Address) -> Enrolment {
    match (standing, address) {
        (Standing::Deleted, _) => Enrolment::Deleted,
        (Standing::Active | Standing::Deactivated, Address::None) => Enrolment::Enrol,
        (Standing::Active | Standing::Deactivated, Address::Same) => Enrolment::Already,
        (Standing::Active | Standing::Deactivated, Address::Other) => Enrolment::OtherAddress,
    }
}

/// Whose an address is, and where its password is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// By nobody.
    Free,
    /// By another subject than the one that is to have it.
    ByAnother,
    /// By that subject, with a password that was set or used here.
    WithOurs,
    /// By that subject, with the very password that comes now, or likewise none.
    WithTheSame,
    /// By that subject, with another password that came from the other system, or none.
    WithFormer,
}

/// What becomes of an account that is taken over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takeover {
    /// There is a new one.
    Insert,
    /// It gets the password that comes now.
    Replace,
    /// It stays as it is.
    Keep,
    /// The address is somebody else's.
    Taken,
}

/// Decides what becomes of an account that comes from another system:
///
/// | the address is held | verdict |
/// |---|---|
/// | by nobody | **Insert** |
/// | by another subject | **Taken** |
/// | by this one, with a password set or used here | **Keep**: what the other system knows is older |
/// | by this one, as it comes now | **Keep** |
/// | by this one, with another password of the other system, never used here | **Replace** |
#[must_use]
pub const fn take_over(held: Held) -> Takeover {
    match held {
        Held::Free => Takeover::Insert,
        Held::ByAnother => Takeover::Taken,
        Held::WithOurs | Held::WithTheSame => Takeover::Keep,
        Held::WithFormer => Takeover::Replace,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_an_enrolment() {
        for address in [Address::None, Address::Same, Address::Other] {
            assert_eq!(enrol(Standing::Deleted, address), Enrolment::Deleted);
        }
        for standing in [Standing::Active, Standing::Deactivated] {
            assert_eq!(enrol(standing, Address::None), Enrolment::Enrol);
            assert_eq!(enrol(standing, Address::Same), Enrolment::Already);
            assert_eq!(enrol(standing, Address::Other), Enrolment::OtherAddress);
        }
    }

    #[test]
    fn every_row_of_a_takeover() {
        let rows = [
            (Held::Free, Takeover::Insert),
            (Held::ByAnother, Takeover::Taken),
            (Held::WithOurs, Takeover::Keep),
            (Held::WithTheSame, Takeover::Keep),
            (Held::WithFormer, Takeover::Replace),
        ];
        for (held, verdict) in rows {
            assert_eq!(take_over(held), verdict, "{held:?}");
        }
    }
}
