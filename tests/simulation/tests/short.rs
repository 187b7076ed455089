//! A few histories, and that one can be had again by its seed.

use std::panic;

use hallpass_simulation::ground::Planned;
use hallpass_simulation::history::History;
use hallpass_simulation::world::World;

#[test]
fn a_history_can_be_had_again_by_its_seed() {
    panic::set_hook(Box::new(|info| {
        if !info.payload().is::<Planned>() {
            eprintln!("{info}");
        }
    }));
    for seed in 0..100 {
        let history = History::of(seed);
        let (tally, outcome) = World::run(&history);
        assert_eq!(outcome, Ok(()), "seed {seed}");
        assert_eq!(
            (tally, outcome),
            World::run(&History::of(seed)),
            "seed {seed}"
        );
    }
}
