//! What happens in a world, step by step.
//!
//! A step says all there is to say: what happens, and the number that everything by chance in it
//! follows from. So a step can be left out and the others stay as they are.

#![expect(
    missing_docs,
    reason = "fields are named for what they are the number of"
)]

use crate::chance::Chance;
use crate::kv::Weather;
use crate::release::RELEASES;
use crate::request::SaidExp;
use crate::settings::Settings;

/// Something that happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happens {
    /// Somebody signs in. A sliding session?
    SignIn { subject: usize, sliding: bool },
    /// Somebody comes with another issuer's refresh token.
    Arrive { subject: usize },
    /// A holder exchanges what it holds.
    Refresh { holder: usize },
    /// Somebody copies what a holder holds, and holds it from now on.
    Steal { holder: usize },
    /// Any token there ever was is exchanged.
    RefreshAny { token: usize },
    /// A token is checked strictly.
    Check { token: usize },
    /// A place lets the bearer of a token in, or not.
    Guard { token: usize, place: usize },
    /// A holder gives its refresh token back.
    Logout { holder: usize },
    /// A session is ended from the list.
    EndOne { token: usize },
    /// All sessions end.
    EndAll { subject: usize },
    /// A new password: all sessions end, the old one opens none.
    ChangePassword { subject: usize },
    /// A change of password is announced again, as until it is known to have got through.
    Announce { subject: usize },
    /// Somebody signs in with the password before this one.
    SignInLate { subject: usize },
    /// One token is called back.
    Revoke { token: usize },
    /// An administrator calls a token back by its id, and says until when it lives, if that is known.
    RevokeId { token: usize, exp: SaidExp },
    /// An administrator deactivates a subject.
    Deactivate { subject: usize },
    /// And reactivates it.
    Reactivate { subject: usize },
    /// And deletes it.
    Delete { subject: usize },
    /// Time passes, milliseconds.
    Wait(u64),
    /// A machine dies.
    PowerLoss { subject: usize },
    /// An object is not needed for a while and leaves memory.
    Evict { subject: usize },
    /// The program dies after so many effects.
    Panic { subject: usize, effects: u32 },
    /// The storage fails after so many effects.
    Fault { subject: usize, effects: u32 },
    /// KV does differently from now on.
    Weather(Weather),
    /// The clock of a place is set.
    Clock { place: usize },
    /// Another version with other settings is deployed.
    Deploy(Settings),
    /// A release is deployed that has so many steps of tables more than this one; also an older one
    /// than before.
    Release { later: usize },
    /// Somebody changes a token and presents it.
    Forge { token: usize },
    /// An object and a place are sent what is no command and no token.
    Junk { subject: usize },
}

/// See the module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// What happens.
    pub happens: Happens,
    /// What everything by chance in it follows from.
    pub chance: u64,
}

/// How many subjects a world has.
pub const SUBJECTS: usize = 2;

/// How many places verify.
pub const PLACES: usize = 3;

/// A history: the settings at its beginning, and its steps.
#[derive(Clone, Debug)]
pub struct History {
    /// The settings at the beginning.
    pub settings: Settings,
    /// What happens then.
    pub steps: Vec<Step>,
}

impl History {
    /// The history of this seed.
    #[must_use]
    pub fn of(seed: u64) -> Self {
        let mut chance = Chance::of(seed);
        let settings = Settings::some(&mut chance);
        let length = 20 + chance.below(100);
        let step = |_| Step {
            happens: happens(&mut chance, settings),
            chance: chance.next(),
        };
        Self {
            settings,
            steps: (0..length).map(step).collect(),
        }
    }
}

fn happens(chance: &mut Chance, settings: Settings) -> Happens {
    let subject = chance.index(SUBJECTS);
    let (holder, token) = (chance.index(64), late(chance));
    let place = chance.index(PLACES);
    let effects = u32::try_from(chance.below(30)).unwrap_or(0);
    match chance.below(200) {
        0..16 => Happens::SignIn {
            subject,
            sliding: chance.percent(25),
        },
        16..19 => Happens::Arrive { subject },
        19..50 => Happens::Refresh { holder },
        50..57 => Happens::Steal { holder },
        57..63 => Happens::RefreshAny { token },
        63..73 => Happens::Check { token },
        73..88 => Happens::Guard { token, place },
        88..93 => Happens::Logout { holder },
        93..97 => Happens::EndOne { token },
        97..101 => Happens::EndAll { subject },
        101..104 => Happens::ChangePassword { subject },
        104..106 => Happens::Announce { subject },
        106..109 => Happens::SignInLate { subject },
        109..112 => Happens::Revoke { token },
        112..115 => Happens::RevokeId {
            token,
            exp: chance.pick([SaidExp::Right, SaidExp::Nothing, SaidExp::TooEarly]),
        },
        115..117 => Happens::Deactivate { subject },
        117..119 => Happens::Reactivate { subject },
        119 => Happens::Delete { subject },
        120..138 => Happens::Wait(chance.below(3000)),
        138..154 => Happens::Wait(chance.below(90_000)),
        154..156 => Happens::Wait(chance.below(8 * 3_600_000)),
        156..164 => Happens::PowerLoss { subject },
        164..167 => Happens::Evict { subject },
        167..174 => Happens::Panic { subject, effects },
        174..179 => Happens::Fault { subject, effects },
        179..189 => Happens::Weather(chance.pick(Weather::ALL)),
        189..191 => Happens::Clock { place },
        191..193 => Happens::Deploy(settings.others(chance)),
        193 => Happens::Release {
            later: chance.index(RELEASES),
        },
        194..198 => Happens::Forge { token },
        _ => Happens::Junk { subject },
    }
}

/// A token by how many came after it: mostly few.
fn late(chance: &mut Chance) -> usize {
    let among = chance.pick([2, 4, 64]);
    chance.index(among)
}
