//! A simulated world in which the issuer's objects run, and crash: see the README next to this crate.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::wildcard_enum_match_arm,
    reason = "a test: it may fail, and it looks at some of many cases"
)]

pub mod chance;
pub mod disk;
pub mod ground;
pub mod history;
pub mod kv;
pub mod object;
pub mod oracle;
pub mod release;
pub mod request;
pub mod settings;
pub mod shrink;
pub mod tally;
pub mod token;
pub mod world;
