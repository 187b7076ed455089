//! The compact form, and what is signed.

use std::cell::Cell;
use std::collections::HashSet;

use hallpass_core::compact::{encode, parse};
use hallpass_core::{ClaimNames, Untrusted};
use serde_json::Value;

use crate::corpus;
use crate::json::{half_a_character, out_of_range};
use crate::made;
use crate::mutated::mutated;
use crate::random::Random;
use crate::runner::fuzz;
use crate::signed::{keys, signed};

const HEADER_NAMES: &[&str] = &["alg", "kid", "typ", "crit", "b64", "cty", "a"];
const CLAIM_NAMES: &[&str] = &["exp", "iat", "nbf", "jti", "sub", "iss", "aud", "a"];

/// A token that never was one, of parts that look like a token's.
fn made(random: &mut Random) -> Vec<u8> {
    let header = made::object(HEADER_NAMES, random);
    let header = header.replacen('{', "{\"alg\":\"HS256\",", 1);
    let payload = made::object(CLAIM_NAMES, random);
    let signature = random.next().to_le_bytes();
    let parts = [header.as_bytes(), payload.as_bytes(), &signature];
    parts.map(encode).join(".").into_bytes()
}

#[test]
fn a_token_that_is_taken_apart_is_put_together_again() {
    let corpus = corpus::tokens();
    let input = |random: &mut Random| {
        if random.chance(40) {
            return made(random);
        }
        mutated(&corpus, random)
    };
    let read = Cell::new(0);
    fuzz("tokens", input, |input| {
        let Ok(token) = str::from_utf8(input) else {
            return;
        };
        let Ok(parts) = parse(token) else {
            return;
        };
        read.set(read.get() + 1);
        let [header, payload] = [parts.header_text.as_str(), parts.payload.as_str()];
        let encoded = [header.as_bytes(), payload.as_bytes(), &parts.signature].map(encode);
        assert_eq!(encoded.join("."), *token);
        assert_eq!(parts.signing_input, encoded[..2].join("."));
        assert_same(
            header,
            &parts.header.algorithm,
            parts.header.key_id.as_deref(),
        );
        let theirs = serde_json::from_str::<Value>(payload);
        let unread = half_a_character(payload) || out_of_range(payload);
        assert!(unread || theirs.is_ok_and(|claims| claims.is_object()));
    });
    assert!(read.get() > 0, "the inputs are too wild");
}

/// The header's members as `serde_json` reads them.
fn assert_same(header: &str, algorithm: &str, key_id: Option<&str>) {
    let Ok(theirs) = serde_json::from_str::<Value>(header) else {
        assert!(half_a_character(header) || out_of_range(header));
        return;
    };
    assert_eq!(theirs["alg"], *algorithm);
    assert_eq!(theirs.get("kid").and_then(Value::as_str), key_id);
    assert!(theirs.get("crit").is_none() && theirs.get("b64").is_none());
}

#[test]
fn nothing_is_authentic_that_was_not_signed() {
    let good: Vec<String> = ["{}", r#"{"exp":1700000300,"sub":"u7","aud":["a","b"]}"#]
        .map(|payload| signed(br#"{"alg":"HS256","typ":"JWT"}"#, payload.as_bytes()))
        .into();
    let mut corpus = corpus::tokens();
    let of_others = corpus.len();
    // As many of ours as of the others, so that changes of a good one are half of all.
    corpus.extend(
        good.iter()
            .cycle()
            .take(of_others)
            .map(|token| token.clone().into_bytes()),
    );
    let known: HashSet<&str> = good.iter().map(String::as_str).collect();
    let keys = keys();
    let accepted = Cell::new(0);
    fuzz(
        "signatures",
        |random| mutated(&corpus, random),
        |input| {
            let Ok(token) = str::from_utf8(input) else {
                return;
            };
            let authentic = Untrusted::parse(token)
                .is_ok_and(|token| token.authenticate(&keys, &ClaimNames::default()).is_ok());
            assert_eq!(authentic, known.contains(token));
            accepted.set(accepted.get() + u32::from(authentic));
        },
    );
    assert!(accepted.get() > 0, "the inputs are too wild");
}
