//! Runs a target on as many inputs as are asked for.

use std::env;
use std::fmt;
use std::thread;

use crate::random::Random;

const SEED: u64 = 0x4A11_9A55;

/// Enough for every build; a longer run says how many.
const RUNS: u64 = 20_000;

/// Makes inputs and checks each of them. What was checked when a check fails is printed.
pub(crate) fn fuzz<T: fmt::Debug>(
    target: &str,
    make: impl Fn(&mut Random) -> T,
    mut check: impl FnMut(&T),
) {
    let seed = number("HALLPASS_SEED").unwrap_or(SEED);
    let runs = number("HALLPASS_FUZZ_RUNS").unwrap_or(RUNS);
    println!("{target}: seed {seed:#x}, {runs} inputs");
    for nth in 0..runs {
        let input = make(&mut Random::new(seed, nth));
        let _shown = ShownOnPanic { nth, input: &input };
        check(&input);
    }
}

fn number(variable: &str) -> Option<u64> {
    let text = env::var(variable).ok()?;
    let hex = text.strip_prefix("0x");
    let number = hex.map_or_else(|| text.parse(), |hex| u64::from_str_radix(hex, 16));
    Some(number.unwrap_or_else(|_| panic!("{variable} is no number: {text}")))
}

struct ShownOnPanic<'a, T: fmt::Debug> {
    nth: u64,
    input: &'a T,
}

impl<T: fmt::Debug> Drop for ShownOnPanic<'_, T> {
    fn drop(&mut self) {
        if thread::panicking() {
            println!("input {}: {:?}", self.nth, self.input);
        }
    }
}
