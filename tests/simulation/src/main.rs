//! Runs histories and says what came of them.

use std::env;
use std::panic;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use hallpass_simulation::ground::Planned;
use hallpass_simulation::history::History;
use hallpass_simulation::oracle::Broken;
use hallpass_simulation::shrink::shrink;
use hallpass_simulation::tally::Tally;
use hallpass_simulation::world::World;

fn main() -> ExitCode {
    silence_what_is_planned();
    let asked = |name: &str| {
        let mut arguments = env::args().skip_while(|argument| argument != name);
        arguments.nth(1).and_then(|value| value.parse::<u64>().ok())
    };
    let first = asked("--seed").unwrap_or(1);
    let histories = asked("--histories").unwrap_or(if asked("--steps").is_some() {
        u64::MAX
    } else {
        1
    });
    let steps = asked("--steps").unwrap_or(u64::MAX);
    let (tally, broken) = run(first, histories, steps);
    println!("{tally}, from seed {first}");
    match broken {
        None => ExitCode::SUCCESS,
        Some((seed, broken)) => {
            println!("\nseed {seed} breaks {broken}");
            if !env::args().any(|argument| argument == "--brief") {
                tell(seed, &broken);
            }
            ExitCode::FAILURE
        }
    }
}

/// Runs the histories of these seeds, on every processor, until one breaks something.
fn run(first: u64, histories: u64, steps: u64) -> (Tally, Option<(u64, Broken)>) {
    let next = AtomicU64::new(0);
    let over = AtomicBool::new(false);
    let found = Mutex::new((Tally::default(), None::<(u64, Broken)>));
    let work = || {
        while !over.load(Ordering::Relaxed) {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= histories {
                break;
            }
            let seed = first.wrapping_add(number);
            let (done, outcome) = World::run(&History::of(seed));
            let Ok(mut found) = found.lock() else { return };
            found.0 += done;
            if found.0.steps >= steps {
                over.store(true, Ordering::Relaxed);
            }
            if let Err(broken) = outcome {
                over.store(true, Ordering::Relaxed);
                if found.1.as_ref().is_none_or(|(earlier, _)| seed < *earlier) {
                    found.1 = Some((seed, broken));
                }
            }
        }
    };
    let processors = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..processors {
            scope.spawn(work);
        }
    });
    found.into_inner().unwrap_or_default()
}

/// Prints the shortest history that breaks the same.
fn tell(seed: u64, broken: &Broken) {
    println!("\nThe shortest history that does:");
    let (history, broken) = shrink(&History::of(seed), broken);
    println!("  {:?}", history.settings);
    for (number, step) in history.steps.iter().enumerate() {
        println!(
            "  {:3} {:?} (by chance {:#x})",
            number + 1,
            step.happens,
            step.chance
        );
    }
    println!("\nWhat happens in it, by true time:");
    let _ = World::tell(&history);
    println!("\nIt breaks {broken}");
}

/// Programs die here by plan; nobody wants to read of that.
fn silence_what_is_planned() {
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if !info.payload().is::<Planned>() {
            usual(info);
        }
    }));
}
