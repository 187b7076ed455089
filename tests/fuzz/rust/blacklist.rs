//! What stands in the blacklist: entries that anybody could have written, and the keys they stand under.

use std::cell::Cell;
use std::collections::HashMap;

use hallpass_core::json::MAX_DEPTH;
use hallpass_core::revocation::{Target, calls_back, key_part};
use serde_json::Value;

use crate::json::{depth, half_a_character, out_of_range};
use crate::made;
use crate::mutated::mutated;
use crate::random::Random;
use crate::runner::fuzz;

const NAMES: &[&str] = &[
    "cutoff", "cutoff", "reason", "at", "sub", "sid", "kind", "until",
];
const CUTOFF: u64 = 1_700_000_000;

fn entry(random: &mut Random) -> String {
    let cutoff = CUTOFF - 2 + random.next() % 4;
    let good =
        format!(r#"{{"sub":"u7","reason":"end_all","at":{CUTOFF},"cutoff":{cutoff},"until":9}}"#);
    match random.below(3) {
        0 => made::object(NAMES, random),
        1 => String::from_utf8_lossy(&mutated(&[good.into_bytes()], random)).into_owned(),
        _ => good,
    }
}

/// Whoever is let in is let in by a cutoff that another reader sees as well.
#[test]
fn a_subjects_entry_spares_a_token_only_by_a_cutoff_that_can_be_read() {
    let spared = Cell::new(0);
    let input = |random: &mut Random| (entry(random), random.chance(90));
    fuzz("entries", input, |(entry, dated)| {
        let iat = dated.then_some(CUTOFF);
        if half_a_character(entry) || out_of_range(entry) || depth(entry) > MAX_DEPTH {
            return;
        }
        let theirs = serde_json::from_str::<Value>(entry).ok();
        let cutoff = theirs.as_ref().and_then(|facts| facts["cutoff"].as_u64());
        if !calls_back("sub:u7", entry, iat) {
            spared.set(spared.get() + 1);
            let cutoff = cutoff.expect("spared by something else");
            assert!(iat.unwrap_or(0) >= cutoff);
        }
        for key in ["jti:j", "sid:s", "kid:k"] {
            assert!(
                calls_back(key, entry, iat),
                "{key}: what is there calls back"
            );
        }
        assert_written_back_alike(entry, cutoff, iat);
    });
    assert!(spared.get() > 0, "the inputs are too wild");
}

/// An entry that was read as one with a cutoff says the same when it is written anew.
fn assert_written_back_alike(entry: &str, cutoff: Option<u64>, iat: Option<u64>) {
    let Some(facts) = cutoff.and_then(|_| serde_json::from_str::<Value>(entry).ok()) else {
        return;
    };
    let written = facts.to_string();
    let again = calls_back("sub:u7", &written, iat);
    // Only what stood twice may have called back more, for nobody knows which was meant.
    assert!(!again || calls_back("sub:u7", entry, iat));
    assert_eq!(again, Some(iat.unwrap_or(0)) < cutoff);
}

#[test]
fn two_names_have_two_keys_and_each_fits_into_a_store() {
    let text = |random: &mut Random| {
        let piece = random.pick(&["a", "é", "7", " ", "\u{0}", "c0ffee00", "A", "x:y"]);
        let times = random
            .pick(&["1", "8", "64", "128", "129", "300"])
            .parse()
            .unwrap();
        let name = piece.repeat(times);
        if random.chance(30) {
            key_part(&name)
        } else {
            name
        }
    };
    let mut known: HashMap<String, String> = HashMap::new();
    fuzz("keys", text, |name| {
        let part = key_part(name);
        assert!(
            part.len() <= 128 && part.bytes().all(|byte| byte.is_ascii_graphic())
                || name.is_empty()
        );
        assert_eq!(Target::Session(name.clone()).key(), format!("sid:{part}"));
        let before = known.entry(part).or_insert_with(|| name.clone());
        assert_eq!(before, name, "two names of one key");
    });
}
