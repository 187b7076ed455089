//! What the simulation has found, each by a short history that broke an invariant before. What
//! happens by chance in it is tried in many ways.

use std::panic;

use hallpass_simulation::chance::Chance;
use hallpass_simulation::ground::Planned;
use hallpass_simulation::history::{Happens, History, Step};
use hallpass_simulation::kv::Weather;
use hallpass_simulation::request::SaidExp;
use hallpass_simulation::settings::Settings;
use hallpass_simulation::world::World;

const LONG: Settings = Settings {
    bearer: 7200,
    refresh: 7200,
    grace: 0,
    leeway: 0,
    rotate: true,
    blacklist: true,
};

/// Runs these steps in so many ways.
fn holds(ways: u64, settings: Settings, happens: &[Happens]) {
    panic::set_hook(Box::new(|info| {
        if !info.payload().is::<Planned>() {
            eprintln!("{info}");
        }
    }));
    for way in 0..ways {
        let mut chance = Chance::of(way);
        let step = |happens: &Happens| Step {
            happens: *happens,
            chance: chance.next(),
        };
        let steps = happens.iter().map(step).collect();
        let outcome = World::run(&History { settings, steps }).1;
        assert_eq!(outcome, Ok(()), "way {way}");
    }
}

#[test]
fn a_write_of_a_lower_cutoff_that_arrives_late_does_not_stay() {
    let (subject, sliding) = (0, false);
    let happens = [
        Happens::Weather(Weather::Silent),
        Happens::EndAll { subject },
        Happens::Wait(2100),
        Happens::SignIn { subject, sliding },
        Happens::Wait(10),
        Happens::EndAll { subject },
    ];
    holds(400, LONG, &happens);
}

#[test]
fn a_write_of_a_spent_id_that_nobody_hears_of_keeps_no_alarm_from_being_set() {
    let (subject, sliding) = (0, false);
    let happens = [
        Happens::SignIn { subject, sliding },
        Happens::Weather(Weather::Down),
        Happens::Refresh { holder: 0 },
        Happens::Wait(1_000),
        Happens::Weather(Weather::Silent),
        Happens::Wait(60_000),
        Happens::Weather(Weather::Down),
        Happens::EndAll { subject },
        Happens::Wait(1_000),
    ];
    holds(200, LONG, &happens);
}

#[test]
fn the_clock_of_an_object_does_not_go_back_behind_a_token_that_was_renewed() {
    let (subject, sliding) = (0, true);
    let happens = [
        Happens::SignIn { subject, sliding },
        Happens::Wait(58_000),
        Happens::Refresh { holder: 0 },
        Happens::Wait(10),
        Happens::PowerLoss { subject },
        Happens::Deactivate { subject },
    ];
    holds(400, LONG, &happens);
}

#[test]
fn a_program_that_dies_between_a_decision_and_its_alarm_is_told_of_when_it_wakes() {
    let subject = 0;
    let sign_in = |sliding| Happens::SignIn { subject, sliding };
    for effects in 0..30 {
        let happens = [
            sign_in(false),
            Happens::Wait(1400),
            sign_in(true),
            Happens::Wait(10),
            Happens::Panic { subject, effects },
            Happens::Logout { holder: 0 },
            Happens::Revoke { token: 0 },
        ];
        holds(20, LONG, &happens);
    }
}

#[test]
fn a_token_that_is_called_back_twice_stays_so_until_the_later_of_both_dates() {
    let (subject, sliding) = (0, false);
    let revoke = |exp| Happens::RevokeId { token: 1, exp };
    let happens = [
        Happens::SignIn { subject, sliding },
        Happens::Wait(10),
        revoke(SaidExp::TooEarly),
        Happens::Wait(10),
        revoke(SaidExp::Right),
        Happens::Wait(1_000_000),
        Happens::Check { token: 1 },
    ];
    holds(20, LONG, &happens);
}

/// The world had it wrong, not the issuer: of two that are asked at once, either may come first.
#[test]
fn who_is_deactivated_and_reactivated_at_once_may_be_either() {
    let (subject, sliding) = (0, false);
    let happens = [
        Happens::Reactivate { subject },
        Happens::Deactivate { subject },
        Happens::Wait(60_000),
        Happens::SignIn { subject, sliding },
    ];
    holds(100, LONG, &happens);
}

#[test]
fn an_alarm_that_cannot_even_be_set_again_goes_off_again() {
    let (subject, sliding) = (0, true);
    for effects in 0..12 {
        let happens = [
            Happens::Release { later: 1 },
            Happens::SignIn { subject, sliding },
            Happens::ChangePassword { subject },
            Happens::Deploy(LONG),
            Happens::Refresh { holder: 0 },
            Happens::Release { later: 0 },
            Happens::Fault { subject, effects },
            Happens::Wait(43_258),
        ];
        holds(100, LONG, &happens);
    }
}
