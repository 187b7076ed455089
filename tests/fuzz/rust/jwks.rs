//! Sets of keys.

use std::cell::Cell;

use hallpass_core::Algorithm;
use hallpass_core::jwks::{Jwk, Secrets, Wanted, parse, parse_array};
use serde_json::Value;

use crate::corpus;
use crate::mutated::mutated;
use crate::random::Random;
use crate::runner::fuzz;

const HMAC: &[Algorithm] = &[Algorithm::HS256, Algorithm::HS384, Algorithm::HS512];

/// As they may be wanted: by whoever reads a set in public, or has one of its own.
fn wanted(random: &mut Random) -> Wanted<'static> {
    let algorithms: &[Option<&[Algorithm]>] = &[None, Some(&Algorithm::ALL), Some(HMAC)];
    let secrets = [
        Secrets::Refused,
        Secrets::OfHashLength,
        Secrets::OfMinimumLength,
    ];
    Wanted {
        algorithms: algorithms[random.below(3)],
        secrets: secrets[random.below(3)],
    }
}

#[test]
fn a_key_is_used_only_for_what_it_says_it_is_for() {
    let corpus = corpus::key_sets();
    let used = Cell::new(0);
    let input = |random: &mut Random| (mutated(&corpus, random), wanted(random));
    fuzz("key sets", input, |(input, wanted)| {
        let Ok(text) = str::from_utf8(input) else {
            return;
        };
        let (ours, theirs) = (parse(text, *wanted), serde_json::from_str::<Value>(text));
        let (Ok(ours), Ok(theirs)) = (ours, theirs) else {
            return;
        };
        let theirs = theirs["keys"].as_array().unwrap();
        assert_eq!(ours.len(), theirs.len());
        for (ours, theirs) in ours.iter().zip(theirs) {
            assert_fits(ours, theirs, *wanted);
            used.set(used.get() + u32::from(ours.usable.is_ok()));
        }
        // An escape in what base64url or a name has none of makes a key unusable; printed anew it has gone.
        if !text.contains('\\') {
            let array = Value::from(theirs.clone()).to_string();
            assert_eq!(told(&parse_array(&array, *wanted).unwrap()), told(&ours));
        }
    });
    assert!(used.get() > 0, "the inputs are too wild");
}

/// What a key that is used has said of itself, as `serde_json` reads it.
fn assert_fits(ours: &Jwk, theirs: &Value, wanted: Wanted<'_>) {
    let text = |name: &str| theirs.get(name).map(|value| value.as_str().unwrap());
    let Ok(keys) = &ours.usable else {
        return;
    };
    assert_eq!(ours.key_id.as_deref(), text("kid"));
    assert!(text("use").is_none_or(|usage| usage == "sig"));
    let operations = theirs
        .get("key_ops")
        .map(|operations| operations.as_array().unwrap());
    assert!(operations.is_none_or(|operations| operations.iter().any(|one| one == "verify")));
    let shared = text("kty") == Some("oct");
    assert!(shared || theirs.get("d").is_none(), "a private key");
    assert!(!shared || wanted.secrets != Secrets::Refused, "a secret");
    assert!(!keys.is_empty());
    for key in keys {
        assert_eq!(key.key_id(), ours.key_id.as_deref());
        assert_eq!(key.algorithm().is_shared_secret(), shared);
        assert!(text("alg").is_none_or(|said| said == key.algorithm().as_str()));
        assert!(
            wanted
                .algorithms
                .is_none_or(|asked| asked.contains(&key.algorithm()))
        );
    }
}

fn told(keys: &[Jwk]) -> Vec<String> {
    keys.iter().map(|key| format!("{key:?}")).collect()
}
