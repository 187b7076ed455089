//! What the design wants proved (its section 12), as far as the core alone can prove it: tokens that
//! another implementation signed, random histories of a subject, and input of every kind.
//!
//! Everything random here starts from [`SEED`], so a failure comes again.

#![cfg(all(feature = "hmac", feature = "ed25519"))]

#[cfg(test)]
mod attempts;
#[cfg(test)]
mod differential;
#[cfg(test)]
mod histories;
#[cfg(test)]
mod mint_then_verify;
#[cfg(test)]
mod no_input_panics;
#[cfg(test)]
mod oracle;
#[cfg(test)]
mod rings;

/// Where everything random starts.
#[cfg(test)]
const SEED: u64 = 0x4A11_9A55;

/// That many cases from [`SEED`], which is printed for whoever sees one of them fail.
#[cfg(test)]
fn seeded(cases: u32) -> proptest::test_runner::Config {
    seeded_by(SEED, cases)
}

#[cfg(test)]
fn seeded_by(seed: u64, cases: u32) -> proptest::test_runner::Config {
    println!("seed {seed:#x}");
    proptest::test_runner::Config {
        cases,
        rng_seed: proptest::test_runner::RngSeed::Fixed(seed),
        failure_persistence: None,
        ..proptest::test_runner::Config::default()
    }
}
