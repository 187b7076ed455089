//! The compact serialization (RFC 7515 section 7.1), read so that one token has one spelling.
//!
//! A verifier that takes a second spelling of a token (padding, unused bits that are not zero, white
//! space) lets a token that was called back slip past whoever remembers it as a text.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::base64url;
use crate::json::{Duplicates, Object};
use crate::rejection::Malformed;

/// The longest token looked at, in bytes: as long as the longest request body that is read.
pub const MAX_TOKEN_BYTES: usize = 64 * 1024;

/// The parts of a token that has the right form and that nobody has vouched for.
#[derive(Clone)]
pub struct Parts<'a> {
    /// What the signature is over: header and payload as they stand.
    pub signing_input: &'a str,
    /// The header's members that mean something to us.
    pub header: Header,
    /// The whole header, as it was written.
    pub header_text: String,
    /// The payload.
    pub payload: Object,
    /// The signature's bytes.
    pub signature: Vec<u8>,
}

impl fmt::Debug for Parts<'_> {
    /// A token opens doors: neither it nor what it could be put together from is printed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parts")
            .field("header", &self.header)
            .finish_non_exhaustive()
    }
}

/// What `typ` may be. Media types are compared without regard to case, and `application/` may be
/// left out (RFC 7515 section 4.1.9).
const TYPES: [&str; 4] = ["JWT", "at+jwt", "application/jwt", "application/at+jwt"];

/// What a token's header says. None of it is believed: it is compared with what the caller asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// `alg` (RFC 7515 section 4.1.1), as it stands.
    pub algorithm: String,
    /// `kid` (RFC 7515 section 4.1.4).
    pub key_id: Option<String>,
}

/// Takes a token apart.
pub fn parse(token: &str) -> Result<Parts<'_>, Malformed> {
    if token.len() > MAX_TOKEN_BYTES {
        return Err(Malformed::TooLong);
    }
    three_parts(token).map_err(|malformed| {
        // A dot too many is in no alphabet, so counting them can wait until something is wrong.
        let dots = token.bytes().filter(|byte| *byte == b'.').count();
        if dots == 2 {
            malformed
        } else {
            Malformed::NotThreeParts
        }
    })
}

fn three_parts(token: &str) -> Result<Parts<'_>, Malformed> {
    let is_dot = |byte: &u8| *byte == b'.';
    let bytes = token.as_bytes();
    let first = bytes.iter().position(is_dot).unwrap_or_default();
    let last = bytes.iter().rposition(is_dot).unwrap_or_default();
    let [header, payload, signature] = [
        bytes.get(..first),
        bytes.get(first + 1..last),
        bytes.get(last + 1..),
    ]
    .map(Option::unwrap_or_default);
    let header = object(header)?;
    Ok(Parts {
        signing_input: token.get(..last).unwrap_or_default(),
        header: Header::read(&header)?,
        header_text: header.into_text(),
        payload: object(payload)?,
        signature: base64(signature)?,
    })
}

impl Header {
    fn read(object: &Object) -> Result<Self, Malformed> {
        if object.get("crit").is_some() || object.get("b64").is_some() {
            return Err(Malformed::Critical);
        }
        let algorithm = string(object, "alg", Malformed::Algorithm)?;
        let key_id = string(object, "kid", Malformed::KeyId)?;
        if let Some(typ) = string(object, "typ", Malformed::Type)?
            && !TYPES.iter().any(|known| typ.eq_ignore_ascii_case(known))
        {
            return Err(Malformed::Type);
        }
        Ok(Self {
            algorithm: algorithm.ok_or(Malformed::Algorithm)?,
            key_id,
        })
    }
}

fn string(object: &Object, name: &str, otherwise: Malformed) -> Result<Option<String>, Malformed> {
    let string = object
        .get(name)
        .map(|value| value.string().ok_or(otherwise));
    Ok(string.transpose()?.map(Cow::into_owned))
}

/// Bytes in base64url without padding, as every part of a token is written.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    base64url::encode(bytes)
}

/// The bytes of a part, if it is spelled the one way [`encode`] would spell it.
pub fn decode(part: &str) -> Result<Vec<u8>, Malformed> {
    base64(part.as_bytes())
}

fn base64(part: &[u8]) -> Result<Vec<u8>, Malformed> {
    base64url::decode(part).ok_or(Malformed::Base64)
}

fn object(part: &[u8]) -> Result<Object, Malformed> {
    let text = String::from_utf8(base64(part)?).map_err(|_| Malformed::Utf8)?;
    Object::parse(text, Duplicates::Refuse).map_err(|error| match error {
        crate::json::JsonError::DuplicateMember => Malformed::DuplicateMember,
        crate::json::JsonError::Syntax { .. }
        | crate::json::JsonError::TooDeep
        | crate::json::JsonError::NotAnObject(_) => Malformed::Json,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn token(header: &str, payload: &str) -> String {
        format!(
            "{}.{}.{}",
            encode(header.as_bytes()),
            encode(payload.as_bytes()),
            encode(b"sig")
        )
    }

    fn refusal(header: &str, payload: &str) -> Malformed {
        parse(&token(header, payload)).unwrap_err()
    }

    const HEADER: &str = r#"{"alg":"HS256","typ":"JWT"}"#;

    #[test]
    fn a_token_is_taken_apart() {
        let token = token(
            r#"{"alg":"EdDSA","kid":"k","typ":"at+jwt"}"#,
            r#"{"sub":"a"}"#,
        );
        let parts = parse(&token).unwrap();
        assert_eq!(parts.header.algorithm, "EdDSA");
        assert_eq!(parts.header.key_id.as_deref(), Some("k"));
        assert_eq!(parts.payload.as_str(), r#"{"sub":"a"}"#);
        assert_eq!(parts.signature, b"sig");
        assert!(token.starts_with(parts.signing_input));
    }

    #[test]
    fn a_type_may_be_spelled_with_all_its_media_type_and_in_any_case() {
        for typ in [
            "JWT",
            "jwt",
            "AT+JWT",
            "application/jwt",
            "Application/at+JWT",
        ] {
            let header = format!(r#"{{"alg":"HS256","typ":"{typ}"}}"#);
            assert!(parse(&token(&header, "{}")).is_ok(), "{typ}");
        }
    }

    #[test]
    fn anything_but_three_parts_is_refused() {
        for text in ["", ".", "a", "a.b", "a.b.c.d", "....."] {
            assert_eq!(parse(text).unwrap_err(), Malformed::NotThreeParts, "{text}");
        }
    }

    #[test]
    fn a_second_spelling_is_refused() {
        let good = token(HEADER, "{}");
        let spellings = [
            format!("{good}="),
            format!("{good}\n"),
            format!(" {good}"),
            good.replace('.', " ."),
            // `c2ln` is "sig"; of its last group every bit is used, of `c2k` two are not.
            good.replace("c2ln", "c2l"),
            good.replace("c2ln", "+2ln"),
            good.replace("c2ln", "/2ln"),
        ];
        for spelling in spellings {
            assert_eq!(
                parse(&spelling).unwrap_err(),
                Malformed::Base64,
                "{spelling}"
            );
        }
    }

    #[test]
    fn headers_that_change_the_meaning_are_refused() {
        let cases = [
            (r#"{"typ":"JWT"}"#, Malformed::Algorithm),
            (r#"{"alg":null}"#, Malformed::Algorithm),
            (r#"{"alg":256}"#, Malformed::Algorithm),
            (r#"{"alg":"HS256","kid":1}"#, Malformed::KeyId),
            (r#"{"alg":"HS256","kid":null}"#, Malformed::KeyId),
            (r#"{"alg":"HS256","typ":"JWE"}"#, Malformed::Type),
            (r#"{"alg":"HS256","typ":"text/jwt"}"#, Malformed::Type),
            (r#"{"alg":"HS256","typ":7}"#, Malformed::Type),
            (r#"{"alg":"HS256","crit":["exp"]}"#, Malformed::Critical),
            (r#"{"alg":"HS256","crit":[]}"#, Malformed::Critical),
            (r#"{"alg":"HS256","b64":false}"#, Malformed::Critical),
            (
                r#"{"alg":"HS256","alg":"none"}"#,
                Malformed::DuplicateMember,
            ),
            (r#"["HS256"]"#, Malformed::Json),
            (r#"{"alg":"HS256"} x"#, Malformed::Json),
        ];
        for (header, refused) in cases {
            assert_eq!(refusal(header, "{}"), refused, "{header}");
        }
    }

    #[test]
    fn payloads_that_are_no_object_are_refused() {
        for payload in ["", "null", "[]", "1", "{", "{}}", "{'a':1}", "\u{feff}{}"] {
            assert_eq!(refusal(HEADER, payload), Malformed::Json, "{payload}");
        }
        assert_eq!(
            refusal(HEADER, r#"{"exp":1,"exp":2}"#),
            Malformed::DuplicateMember
        );
        let bytes = format!(
            "{}.{}.",
            encode(HEADER.as_bytes()),
            encode(b"{\"a\":\"\xff\"}")
        );
        assert_eq!(parse(&bytes).unwrap_err(), Malformed::Utf8);
    }

    #[test]
    fn a_token_over_the_limit_is_refused_before_it_is_decoded() {
        let long = "a".repeat(MAX_TOKEN_BYTES + 1);
        assert_eq!(parse(&long).unwrap_err(), Malformed::TooLong);
    }

    proptest! {
        #[test]
        fn bytes_have_exactly_one_spelling(spelling in "[A-Za-z0-9_=+/-]{0,12}") {
            if let Ok(bytes) = decode(&spelling) {
                prop_assert_eq!(encode(&bytes), spelling);
            }
        }

        #[test]
        fn no_text_makes_it_panic(text in r"\PC{0,40}\.\PC{0,40}\.\PC{0,40}") {
            let _ = parse(&text);
        }
    }
}
