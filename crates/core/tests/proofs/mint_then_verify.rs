//! What we mint and they sign verifies, and nothing that differs from it in a single bit does (I6).

use hallpass_core::compact::{decode, encode};
use hallpass_core::issuance::Issuer;
use hallpass_core::key::BadKey;
use hallpass_core::session::{Form, Lifetimes, Opening, Session};
use hallpass_core::{
    Algorithm, CustomClaims, Kind, Malformed, Rejection, Rules, SessionKey, Subject, VerifyingKey,
    VerifyingKeys,
};
use sha2::{Digest, Sha512};

use crate::oracle::{KEY_ID, NOW, Oracle, SECRET, SEED_BYTES, joined, parts, public_key};

fn session(form: Form, custom: CustomClaims) -> Session {
    let opening = Opening {
        sid: "5e55".into(),
        key: SessionKey::new([7; 32]),
        form,
        key_id: Some(KEY_ID.into()),
        custom,
    };
    let lifetimes = Lifetimes {
        bearer: 300,
        refresh: 86_400,
        session: 0,
    };
    Session::opened(opening, &lifetimes, NOW)
}

/// Tokens of every kind, signed by them.
fn minted(oracle: &Oracle, custom: &str) -> [(Kind, String); 3] {
    let rules = Rules::default();
    let issuer = Issuer {
        rules: &rules,
        subject: Some("u7"),
    };
    let custom = CustomClaims::parse(custom, &rules.names).unwrap();
    let pair = issuer.current(&session(Form::Pair, custom.clone()));
    let sliding = issuer.current(&session(Form::Sliding, custom));
    [
        (Kind::Access, oracle.sign(pair.bearer.as_str())),
        (Kind::Refresh, oracle.sign(pair.refresh.unwrap().as_str())),
        (Kind::Sliding, oracle.sign(sliding.bearer.as_str())),
    ]
}

fn token(oracle: &Oracle) -> String {
    let [(_, access), ..] = minted(oracle, "{}");
    assert_eq!(oracle.verdict(&access), Ok(Kind::Access));
    access
}

#[test]
fn every_kind_under_every_algorithm_verifies_and_says_what_was_minted() {
    for oracle in Oracle::all() {
        for (kind, token) in minted(&oracle, r#"{"name":"Zoë \"☂\" \u0000","n":[1.50]}"#) {
            assert!(oracle.takes(&token), "{token}");
            assert_eq!(oracle.verdict(&token), Ok(kind), "{token}");
            let authentic = oracle.authentic(&token).unwrap();
            let claims = authentic.claims();
            assert_eq!(claims.subject, Subject::Of("u7".into()));
            assert_eq!(claims.sid.as_deref(), Some("5e55"));
            assert_eq!(
                claims.custom().as_stored(),
                r#","name":"Zoë \"☂\" \u0000","n":[1.50]"#
            );
            assert_eq!(
                claims.payload().as_bytes(),
                parts(&token).get(1).unwrap().as_slice()
            );
        }
    }
}

#[test]
fn every_flipped_bit_of_header_payload_and_signature_is_refused() {
    for oracle in Oracle::all() {
        let token = token(&oracle);
        let whole = parts(&token);
        for (part, bytes) in whole.iter().enumerate() {
            for bit in 0..bytes.len() * 8 {
                let mut flipped = whole.clone();
                flipped[part][bit / 8] ^= 1 << (bit % 8);
                let refused = oracle.verdict(&joined(&flipped)).is_err();
                assert!(refused, "{:?} part {part} bit {bit}", oracle.algorithm);
            }
        }
    }
}

/// Each character becomes every other one of the alphabet, `=` and a dot; three of them under `EdDSA`,
/// where in a debug build a check takes milliseconds.
#[test]
fn every_changed_character_is_refused() {
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=.";
    for oracle in Oracle::all() {
        let token = token(&oracle);
        let step = if oracle.algorithm.is_shared_secret() {
            1
        } else {
            22
        };
        for (at, old) in token.char_indices() {
            for new in alphabet
                .chars()
                .cycle()
                .skip(at % step)
                .step_by(step)
                .take(66 / step)
            {
                if new == old {
                    continue;
                }
                let mut changed = token.clone();
                changed.replace_range(at..=at, new.encode_utf8(&mut [0; 4]));
                let refused = oracle.verdict(&changed).is_err();
                assert!(refused, "{:?} {at} {old} {new}", oracle.algorithm);
            }
        }
    }
}

#[test]
fn every_removed_or_doubled_character_is_refused() {
    for oracle in Oracle::all() {
        let token = token(&oracle);
        for (at, c) in token.char_indices() {
            let mut removed = token.clone();
            removed.remove(at);
            let mut doubled = token.clone();
            doubled.insert(at, c);
            for changed in [removed, doubled] {
                assert!(oracle.verdict(&changed).is_err(), "{at} {changed}");
            }
        }
    }
}

#[test]
fn a_signature_of_any_other_length_is_refused() {
    for oracle in Oracle::all() {
        let [header, payload, signature] = parts(&token(&oracle));
        for length in (0..signature.len()).chain(signature.len() + 1..=signature.len() + 40) {
            let mut other = signature.clone();
            other.resize(length, 0);
            let token = joined(&[header.clone(), payload.clone(), other]);
            assert_eq!(
                oracle.verdict(&token),
                Err(Rejection::BadSignature),
                "{:?} {length}",
                oracle.algorithm
            );
        }
    }
}

#[test]
fn a_signature_under_another_key_id_is_refused_though_the_key_is_right() {
    for oracle in Oracle::all() {
        let name = oracle.algorithm.as_str();
        let [_, payload, _] = parts(&token(&oracle));
        for kid in ["k2", "K1", "k1 ", "", "k1\\u0000"] {
            let header = format!(r#"{{"alg":"{name}","kid":"{kid}"}}"#);
            let token = oracle.sign_as(&header, &payload);
            assert_eq!(oracle.verdict(&token), Err(Rejection::UnknownKey), "{kid}");
        }
        let unnamed = oracle.sign_as(&format!(r#"{{"alg":"{name}"}}"#), &payload);
        assert_eq!(oracle.verdict(&unnamed), Ok(Kind::Access));
    }
}

#[test]
fn the_header_never_chooses_the_algorithm() {
    let names = [
        "none", "nOnE", "NONE", "None", "", " ", "hs256", "HS256 ", "HS1", "eddsa", "Ed25519",
        "Ed448", "ES256", "RS256", "PS256", "HS256", "HS384", "HS512", "EdDSA",
    ];
    for oracle in Oracle::all() {
        let [_, payload, signature] = parts(&token(&oracle));
        for name in names.iter().filter(|n| **n != oracle.algorithm.as_str()) {
            let header = format!(r#"{{"alg":"{name}","kid":"{KEY_ID}","typ":"JWT"}}"#);
            let resigned = oracle.sign_as(&header, &payload);
            let bare = joined(&[header.clone().into_bytes(), payload.clone(), Vec::new()]);
            let kept = joined(&[header.into_bytes(), payload.clone(), signature.clone()]);
            for token in [resigned, bare, kept] {
                let verdict = oracle.verdict(&token);
                let refused = Err(Rejection::AlgorithmNotAllowed);
                assert_eq!(verdict, refused, "{name} {token}");
            }
        }
        for header in [
            "{}",
            r#"{"alg":null}"#,
            r#"{"alg":["HS256"]}"#,
            r#"{"alg":0}"#,
        ] {
            let token = oracle.sign_as(header, &payload);
            let malformed = Rejection::Malformed(Malformed::Algorithm);
            assert_eq!(oracle.verdict(&token), Err(malformed), "{header}");
        }
    }
}

#[test]
fn a_secret_is_for_the_one_algorithm_it_was_given_for() {
    for signer in Oracle::all()
        .iter()
        .filter(|o| o.algorithm.is_shared_secret())
    {
        for verifier in Oracle::all() {
            let verdict = verifier.verdict(&token(signer));
            if signer.algorithm == verifier.algorithm {
                assert_eq!(verdict, Ok(Kind::Access));
            } else {
                assert_eq!(verdict, Err(Rejection::AlgorithmNotAllowed));
            }
        }
    }
}

/// The oldest trick: the public key is public, so whoever takes it for an HMAC secret lets everybody
/// sign.
#[test]
fn the_public_key_is_no_shared_secret() {
    use jsonwebtoken::{EncodingKey, crypto};
    let eddsa = Oracle::of(Algorithm::EdDSA);
    let [_, payload, _] = parts(&token(&eddsa));
    let both: VerifyingKeys = [
        VerifyingKey::ed25519(&public_key()).unwrap(),
        VerifyingKey::shared(Algorithm::HS256, SECRET).unwrap(),
    ]
    .into_iter()
    .collect();
    let public = EncodingKey::from_secret(&public_key());
    for alg in ["HS256", "HS384", "HS512", "EdDSA"] {
        let theirs = match alg {
            "HS384" => jsonwebtoken::Algorithm::HS384,
            "HS512" => jsonwebtoken::Algorithm::HS512,
            _ => jsonwebtoken::Algorithm::HS256,
        };
        let header = format!(r#"{{"alg":"{alg}","kid":"{KEY_ID}"}}"#);
        let input = format!("{}.{}", encode(header.as_bytes()), encode(&payload));
        let signature = crypto::sign(input.as_bytes(), &public, theirs).unwrap();
        let token = format!("{input}.{signature}");
        assert!(eddsa.verdict(&token).is_err(), "{alg}");
        let names = hallpass_core::ClaimNames::default();
        let untrusted = hallpass_core::Untrusted::parse(&token).unwrap();
        assert!(untrusted.authenticate(&both, &names).is_err(), "{alg}");
    }
}

/// Points whose order divides 8, in every spelling. Under the first of them anybody can sign anything.
#[test]
fn a_public_key_of_small_order_is_refused() {
    let order_8 = "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a";
    let order_8_too = "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05";
    let mut small = [order_8, order_8_too].map(unhex).to_vec();
    for first in [0, 1] {
        small.push(little_endian(first));
    }
    // -1, and 0 and 1 spelled as p and p + 1.
    for first in [0xec, 0xed, 0xee] {
        let mut bytes = [0xff; 32];
        bytes[0] = first;
        bytes[31] = 0x7f;
        small.push(bytes);
    }
    for mut key in small {
        for sign in [0, 0x80] {
            key[31] = (key[31] & 0x7f) | sign;
            let refused = VerifyingKey::ed25519(&key).unwrap_err();
            assert_eq!(refused, BadKey::NotAPoint, "{key:02x?}");
        }
    }
}

/// `S` and `S + L` are the same number to the curve: with both taken, a token has two spellings.
#[test]
fn an_ed25519_signature_has_one_spelling() {
    let oracle = Oracle::of(Algorithm::EdDSA);
    let [header, payload, signature] = parts(&token(&oracle));
    let (r, s) = signature.split_at(32);
    let mut more = <[u8; 32]>::try_from(s).unwrap();
    for multiple in 1..=8 {
        let Some(sum) = add(&more, &ORDER) else { break };
        more = sum;
        let other = [r, &more].concat();
        let token = joined(&[header.clone(), payload.clone(), other]);
        let verdict = oracle.verdict(&token);
        assert_eq!(verdict, Err(Rejection::BadSignature), "S + {multiple} L");
    }
}

/// A signer can choose `R` so that its signature says nothing about the message. Verifiers disagree
/// on those: the rival takes this one.
#[test]
fn an_ed25519_signature_with_a_small_order_r_is_refused() {
    let oracle = Oracle::of(Algorithm::EdDSA);
    let [header, payload, _] = parts(&token(&oracle));
    let input = format!("{}.{}", encode(&header), encode(&payload));
    let r = little_endian(1);
    let secret: [u8; 64] = Sha512::digest(SEED_BYTES).into();
    let mut scalar = <[u8; 32]>::try_from(&secret[..32]).unwrap();
    scalar[0] &= 0xf8;
    scalar[31] = (scalar[31] & 0x7f) | 0x40;
    let challenge = Sha512::digest([&r, &public_key(), input.as_bytes()].concat());
    // R is the neutral element, so S = r + k·a = k·a.
    let s = product(&challenge, &scalar);
    let token = format!("{input}.{}", encode(&[r, s].concat()));
    assert!(oracle.takes_signature(&token), "the attack is a real one");
    assert_eq!(oracle.verdict(&token), Err(Rejection::BadSignature));
}

/// L, the order of the curve's base point, little-endian (RFC 8032 section 5.1).
const ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

fn little_endian(first: u8) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes[0] = first;
    bytes
}

fn unhex(hex: &str) -> [u8; 32] {
    std::array::from_fn(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap())
}

/// `None` where it does not fit 32 bytes.
fn add(a: &[u8; 32], b: &[u8; 32]) -> Option<[u8; 32]> {
    let mut carry = 0;
    let sum = std::array::from_fn(|i| {
        let digit = u16::from(a[i]) + u16::from(b[i]) + carry;
        carry = digit >> 8;
        digit.to_le_bytes()[0]
    });
    (carry == 0).then_some(sum)
}

/// The remainder of a number by L.
fn reduced(mut a: [u8; 32]) -> [u8; 32] {
    while a.iter().rev().ge(ORDER.iter().rev()) {
        let mut borrow = 0;
        a = std::array::from_fn(|i| {
            let digit = i16::from(a[i]) - i16::from(ORDER[i]) - borrow;
            borrow = i16::from(digit < 0);
            digit.to_le_bytes()[0]
        });
    }
    a
}

/// The remainder of a product by L, by doubling and adding.
fn product(factor: &[u8], other: &[u8; 32]) -> [u8; 32] {
    let other = reduced(*other);
    let bits = factor
        .iter()
        .rev()
        .flat_map(|b| (0..8).rev().map(move |i| b >> i & 1));
    bits.fold([0; 32], |sum, bit| {
        let doubled = reduced(add(&sum, &sum).unwrap());
        if bit == 1 {
            reduced(add(&doubled, &other).unwrap())
        } else {
            doubled
        }
    })
}

#[test]
fn a_signature_is_spelled_as_encode_spells_it() {
    for oracle in Oracle::all() {
        let token = token(&oracle);
        let (_, signature) = token.rsplit_once('.').unwrap();
        assert_eq!(encode(&decode(signature).unwrap()), signature);
    }
}
