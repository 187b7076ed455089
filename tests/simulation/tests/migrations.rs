//! Tables of older and of later releases.

use std::panic;

use hallpass_simulation::chance::Chance;
use hallpass_simulation::ground::Planned;
use hallpass_simulation::history::{Happens, History, Step};
use hallpass_simulation::settings::Settings;
use hallpass_simulation::world::World;

/// Runs these steps in so many ways.
fn holds(ways: u64, happens: &[Happens]) {
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
        let history = History {
            settings: Settings::default(),
            steps: happens.iter().map(step).collect(),
        };
        assert_eq!(World::run(&history).1, Ok(()), "way {way}");
    }
}

const SUBJECT: usize = 0;
const SIGN_IN: Happens = Happens::SignIn {
    subject: SUBJECT,
    sliding: false,
};

#[test]
fn a_program_that_dies_anywhere_in_a_migration_takes_all_of_its_steps_when_it_wakes() {
    for effects in 0..20 {
        for later in [1, 2] {
            let happens = [
                SIGN_IN,
                Happens::Wait(10),
                Happens::Release { later },
                Happens::Panic {
                    subject: SUBJECT,
                    effects,
                },
                Happens::Refresh { holder: 0 },
                Happens::Wait(3000),
                Happens::Logout { holder: 0 },
            ];
            holds(10, &happens);
        }
    }
}

#[test]
fn a_machine_or_a_statement_that_fails_in_a_migration_leaves_the_tables_as_they_were() {
    for effects in 0..20 {
        let happens = [
            SIGN_IN,
            Happens::Wait(10),
            Happens::Release { later: 2 },
            Happens::Fault {
                subject: SUBJECT,
                effects,
            },
            Happens::Refresh { holder: 0 },
            Happens::PowerLoss { subject: SUBJECT },
            Happens::Refresh { holder: 0 },
        ];
        holds(10, &happens);
    }
}

#[test]
fn an_older_release_leaves_a_later_ones_tables_alone_and_nothing_gets_lost() {
    let happens = [
        Happens::Release { later: 1 },
        SIGN_IN,
        Happens::Wait(10),
        Happens::Logout { holder: 0 },
        Happens::Release { later: 0 },
        Happens::Refresh { holder: 0 },
        SIGN_IN,
        Happens::Wait(600_000),
        Happens::Release { later: 2 },
        Happens::Refresh { holder: 0 },
    ];
    holds(200, &happens);
}
