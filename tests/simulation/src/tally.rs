//! What was done.

use std::fmt;
use std::ops::AddAssign;

macro_rules! tally {
    ($($name:ident: $what:literal),* $(,)?) => {
        /// How much was done.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct Tally {
            $(#[doc = $what] pub $name: u64,)*
        }

        impl AddAssign for Tally {
            fn add_assign(&mut self, other: Self) {
                $(self.$name += other.$name;)*
            }
        }

        impl fmt::Display for Tally {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let all = [$((self.$name, $what)),*];
                let all = all.map(|(count, what)| format!("{count} {what}"));
                f.write_str(&all.join(", "))
            }
        }
    };
}

tally! {
    histories: "histories",
    steps: "steps",
    turns: "turns between them",
    requests: "requests",
    answers: "answers",
    revocations: "revocations acknowledged",
    thefts: "thefts",
    reuses: "reuses noticed",
    replays: "replays",
    deaths: "deaths of objects",
    alarms: "alarms",
    puts: "writes to KV",
    failed_puts: "of them failed or unheard of",
    guarded: "tokens verified elsewhere",
    forged: "tokens forged",
}
