//! Whatever signature we accept, the rival accepts too; where it accepts more, it is listed here.

use std::cell::Cell;

use hallpass_core::compact::{MAX_TOKEN_BYTES, encode};
use hallpass_core::{Algorithm, Claim, Malformed, Rejection};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::TestRunner;

use crate::oracle::{KEY_ID, Oracle, joined, parts};
use crate::{SEED, seeded_by};

const PAYLOAD: &str = r#"{"token_type":"access","exp":1700000300,"iat":1700000000,"jti":"00000000","user_id":"u","sub":"u","sid":"s","x":[1,{"y":"\u00e9"}]}"#;

/// Pieces of JSON that could change what a token says.
const PIECES: &[&str] = &[
    "\"crit\":[\"exp\"],",
    "\"b64\":false,",
    "\"typ\":\"JWT\",",
    "\"alg\":\"none\",",
    "\"alg\":\"HS256\",",
    "\"kid\":\"k1\",",
    "\"exp\":9,",
    "\"sub\":\"root\",",
    "\"\\u0073ub\":\"x\",",
    "\"z\":null,",
    "{",
    "[",
    "\"",
    "\\u0000",
    "\\ud800",
    " ",
    "\n",
    "\u{0}",
    "1",
    "e5",
];

/// One way to spoil a token.
#[derive(Clone, Debug)]
enum Mutation {
    /// A character of the text becomes another.
    Character(Index, char),
    /// A character appears.
    Insert(Index, char),
    /// A character disappears.
    Remove(Index),
    /// Everything from here on disappears.
    Cut(Index),
    /// Two parts change places.
    Swap(Index, Index),
    /// A byte of a decoded part changes, and the whole is signed anew, or not.
    Byte {
        part: Index,
        at: Index,
        to: u8,
        signed: bool,
    },
    /// A piece of JSON appears in a decoded part, which is signed anew.
    Splice {
        part: Index,
        at: Option<Index>,
        piece: &'static str,
    },
    /// Nothing: the good token stays.
    Nothing,
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let index = any::<Index>;
    let alphabet: Vec<char> = "ABCXYZabcxyz0189-_=.+/ \n\u{e9}".chars().collect();
    prop_oneof![
        1 => (index(), select(alphabet.clone())).prop_map(|(i, c)| Mutation::Character(i, c)),
        1 => (index(), select(alphabet)).prop_map(|(i, c)| Mutation::Insert(i, c)),
        1 => index().prop_map(Mutation::Remove),
        1 => index().prop_map(Mutation::Cut),
        1 => (index(), index()).prop_map(|(a, b)| Mutation::Swap(a, b)),
        1 => (index(), index(), any::<u8>(), any::<bool>()).prop_map(|(part, at, to, signed)| {
            Mutation::Byte {
                part,
                at,
                to,
                signed,
            }
        }),
        3 => (index(), index(), select(PIECES)).prop_map(|(part, at, piece)| {
            Mutation::Splice { part, at: Some(at), piece }
        }),
        // Right behind the opening brace, where whole members fit.
        3 => (index(), select(PIECES)).prop_map(|(part, piece)| {
            Mutation::Splice { part, at: None, piece }
        }),
        1 => Just(Mutation::Nothing),
    ]
}

fn mutated(oracle: &Oracle, token: &str, mutation: &Mutation) -> String {
    let mut chars: Vec<char> = token.chars().collect();
    match mutation {
        Mutation::Character(at, c) => chars[at.index(token.len())] = *c,
        Mutation::Insert(at, c) => chars.insert(at.index(token.len() + 1), *c),
        Mutation::Remove(at) => drop(chars.remove(at.index(token.len()))),
        Mutation::Cut(at) => chars.truncate(at.index(token.len())),
        Mutation::Swap(a, b) => {
            let mut parts: Vec<&str> = token.split('.').collect();
            parts.swap(a.index(3), b.index(3));
            return parts.join(".");
        }
        Mutation::Byte {
            part,
            at,
            to,
            signed,
        } => {
            let mut parts = parts(token);
            let part = &mut parts[part.index(3)];
            let at = at.index(part.len());
            part[at] = *to;
            return if *signed {
                resigned(oracle, &parts)
            } else {
                joined(&parts)
            };
        }
        Mutation::Splice { part, at, piece } => {
            let mut parts = parts(token);
            let part = &mut parts[part.index(2)];
            let at = 1 + at.map_or(0, |at| at.index(part.len()));
            part.splice(at..at, piece.bytes());
            return resigned(oracle, &parts);
        }
        Mutation::Nothing => {}
    }
    chars.into_iter().collect()
}

fn half_a_character(token: &str) -> bool {
    parts(token)
        .iter()
        .any(|part| part.windows(6).any(|w| w == b"\\ud800"))
}

fn resigned(oracle: &Oracle, [header, payload, _]: &[Vec<u8>; 3]) -> String {
    // A header that is no text any more is signed as the text it is not.
    oracle.sign_as(&String::from_utf8_lossy(header), payload)
}

/// Several thousand tokens, most of them spoiled, half of those signed again by the rival so that
/// only their form speaks against them.
#[test]
fn what_we_accept_the_rival_accepts() {
    for (oracle, seed) in Oracle::all().into_iter().zip(SEED..) {
        let good = oracle.sign(PAYLOAD);
        let cases = if oracle.algorithm.is_shared_secret() {
            1500
        } else {
            400
        };
        let (ours, theirs) = (Cell::new(0), Cell::new(0));
        let mut runner = TestRunner::new(seeded_by(seed, cases));
        runner
            .run(
                &(mutation(), mutation(), any::<bool>()),
                |(one, two, both)| {
                    let mut token = mutated(&oracle, &good, &one);
                    if both && oracle.authentic(&token).is_ok() {
                        token = mutated(&oracle, &token, &two);
                    }
                    if oracle.authentic(&token).is_ok() {
                        ours.set(ours.get() + 1);
                        prop_assert!(oracle.takes_signature(&token), "{token}");
                        // serde_json refuses half a character where we only refuse to read it.
                        prop_assert!(oracle.takes(&token) || half_a_character(&token), "{token}");
                    }
                    theirs.set(theirs.get() + u32::from(oracle.takes(&token)));
                    Ok(())
                },
            )
            .unwrap();
        let (ours, theirs) = (ours.get(), theirs.get());
        println!(
            "{:?}: of {cases} we accept {ours}, the rival {theirs}",
            oracle.algorithm
        );
        assert!(
            ours > cases / 20 && ours < theirs,
            "the mutations are too tame or too wild"
        );
    }
}

/// The classes of tokens that the rival takes, signed by the right key, and we do not. Why:
///
/// * an extension of JWS (`crit`, `b64`) changes what a signature means, and must be refused by who
///   does not know it (RFC 7515 section 4.1.11);
/// * a `typ` of another kind of token is another kind of token (RFC 8725 section 3.11);
/// * a key id is a claim about the key: another's is not ours;
/// * of two members of one name, two readers take two different ones;
/// * a token deeper or longer than anybody needs costs more to read than to refuse;
/// * a claim of the wrong type would be skipped where it should have been checked.
#[test]
fn where_the_rival_accepts_more_is_known_by_class() {
    use Malformed as M;
    let deep = format!(r#"{{"x":{}{}}}"#, "[".repeat(124), "]".repeat(124));
    let long = format!(r#"{{"x":"{}"}}"#, "a".repeat(MAX_TOKEN_BYTES));
    for oracle in Oracle::all() {
        let alg = oracle.algorithm.as_str();
        let header = |more: &str| format!(r#"{{"alg":"{alg}","kid":"{KEY_ID}"{more}}}"#);
        let malformed = |how| Rejection::Malformed(how);
        let wrong = Rejection::WrongForm;
        #[rustfmt::skip]
        let classes = vec![
            ("crit", header(r#","crit":["exp"]"#), PAYLOAD, malformed(M::Critical)),
            ("an empty crit", header(r#","crit":[]"#), PAYLOAD, malformed(M::Critical)),
            ("b64 in words", header(r#","b64":"false""#), PAYLOAD, malformed(M::Critical)),
            ("a foreign typ", header(r#","typ":"dpop+jwt""#), PAYLOAD, malformed(M::Type)),
            ("an encrypted token's typ", header(r#","typ":"JWE""#), PAYLOAD, malformed(M::Type)),
            ("an empty typ", header(r#","typ":"""#), PAYLOAD, malformed(M::Type)),
            ("a typ of null", header(r#","typ":null"#), PAYLOAD, malformed(M::Type)),
            ("a kid of null", format!(r#"{{"alg":"{alg}","kid":null}}"#), PAYLOAD, malformed(M::KeyId)),
            ("another's kid", format!(r#"{{"alg":"{alg}","kid":"k2"}}"#), PAYLOAD, Rejection::UnknownKey),
            ("a header's member twice", header(r#","x":"1","x":"2""#), PAYLOAD, malformed(M::DuplicateMember)),
            ("a claim twice", header(""), r#"{"jti":"a","jti":"b"}"#, malformed(M::DuplicateMember)),
            ("a claim twice in two spellings", header(""), r#"{"role":"a","\u0072ole":"b"}"#, malformed(M::DuplicateMember)),
            ("a member twice further in", header(""), r#"{"x":{"a":1,"a":2}}"#, malformed(M::DuplicateMember)),
            ("deeper than we read", header(""), &*deep, malformed(M::Json)),
            ("longer than a body", header(""), &*long, malformed(M::TooLong)),
            ("an exp in words", header(""), r#"{"exp":"soon"}"#, wrong(Claim::Expiration)),
            ("an exp of null", header(""), r#"{"exp":null}"#, wrong(Claim::Expiration)),
            ("an exp with an exponent", header(""), r#"{"exp":17e8}"#, wrong(Claim::Expiration)),
            ("an exp after the year 9999", header(""), r#"{"exp":253402300800}"#, wrong(Claim::Expiration)),
            ("an iat in words", header(""), r#"{"iat":"now"}"#, wrong(Claim::IssuedAt)),
            ("an nbf that is true", header(""), r#"{"nbf":true}"#, wrong(Claim::NotBefore)),
            ("a numeric jti", header(""), r#"{"jti":7}"#, wrong(Claim::JwtId)),
            ("a numeric sub", header(""), r#"{"sub":7}"#, wrong(Claim::Subject)),
            ("a sid of null", header(""), r#"{"sid":null}"#, wrong(Claim::SessionId)),
            ("an iss in a list", header(""), r#"{"iss":["a"]}"#, wrong(Claim::Issuer)),
            ("an aud with a number in it", header(""), r#"{"aud":["a",1]}"#, wrong(Claim::Audience)),
        ];
        for (class, header, payload, rejection) in classes {
            let token = oracle.sign_as(&header, payload.as_bytes());
            assert!(
                oracle.takes(&token),
                "{alg}: {class}: the rival refuses it too"
            );
            assert_eq!(
                oracle.authentic(&token).unwrap_err(),
                rejection,
                "{alg}: {class}"
            );
        }
    }
}

/// And the few whose signature both take and that the rival does not parse: header members that mean
/// nothing to us, and half characters in claims that nobody reads.
#[test]
fn half_a_character_in_a_claim_of_no_meaning_is_carried_unread() {
    let oracle = Oracle::of(Algorithm::HS256);
    for payload in [r#"{"x":"\ud800"}"#, r#"{"\udc00":1}"#] {
        let token = oracle.sign(payload);
        assert!(oracle.authentic(&token).is_ok(), "{payload}");
        assert!(oracle.takes_signature(&token) && !oracle.takes(&token));
    }
}

#[test]
fn a_header_member_that_means_nothing_to_us_is_not_read() {
    let oracle = Oracle::of(Algorithm::HS256);
    for member in [
        r#""jku":1"#,
        r#""x5c":"a""#,
        r#""cty":{}"#,
        r#""zip":"DEF""#,
    ] {
        let header = format!(r#"{{"alg":"HS256",{member}}}"#);
        let token = oracle.sign_as(&header, PAYLOAD.as_bytes());
        assert!(oracle.authentic(&token).is_ok(), "{member}");
        assert!(oracle.takes_signature(&token), "{member}");
    }
}

#[test]
fn both_refuse_a_second_spelling_and_a_signature_too_many() {
    for oracle in Oracle::all() {
        let good = oracle.sign(PAYLOAD);
        let (input, signature) = good.rsplit_once('.').unwrap();
        for token in [
            format!("{good}="),
            format!("{good}\n"),
            format!(" {good}"),
            format!("{good}.{signature}"),
            format!("{input}."),
            format!("{input}.{}", encode(&[0; 64])),
            good.replace('_', "/").replace('-', "+") + "==",
        ] {
            assert!(oracle.authentic(&token).is_err(), "{token}");
            assert!(!oracle.takes(&token), "{token}");
        }
    }
}
