//! Later releases, whose tables have taken steps that this one does not know.
//!
//! None of these steps can be taken twice, and none of them left out: a storage on which one was would
//! fail at the next, and its object for ever.

use std::sync::LazyLock;

use hallpass_issuer::{Step, SubjectKeeper};

/// How many releases there are: this one and later ones.
pub const RELEASES: usize = 3;

static STEPS: LazyLock<Vec<Step>> = LazyLock::new(|| {
    let known = SubjectKeeper::STEPS.iter().map(|Step(step)| Step(step));
    let later = [
        Step(&[
            "CREATE TABLE later (one INTEGER PRIMARY KEY, step INTEGER NOT NULL)",
            "ALTER TABLE session ADD COLUMN later INTEGER NOT NULL DEFAULT 1",
            "INSERT INTO later SELECT 1, 1 FROM (SELECT count(*) FROM session)",
        ]),
        Step(&[
            "ALTER TABLE subject ADD COLUMN later TEXT",
            "UPDATE session SET later = later + 1",
            "UPDATE later SET step = step + 1",
        ]),
    ];
    known.chain(later).collect()
});

/// The steps of a release that has so many more than this one.
#[must_use]
pub fn steps(later: usize) -> &'static [Step] {
    let known = SubjectKeeper::STEPS.len();
    STEPS.get(..known + later).unwrap_or(&STEPS)
}
