//! `VERIFYING_KEYS`: further keys whose tokens are taken, for moving over.

use core::fmt;

use hallpass_core::VerifyingKey;
use hallpass_core::jwks::{self, Secrets, Unusable, Wanted};

/// Why a text is no list of keys. It quotes nothing, for there may be secrets in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wrong {
    NotAnArray,
    Key { number: usize, why: Unusable },
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAnArray => f.write_str("is a JSON array of JSON Web Keys"),
            Self::Key { number, why } => write!(f, "key {number}: {why}"),
        }
    }
}

/// Reads all keys, or refuses all. A key says itself what it is for, or its type does.
pub(super) fn parse(text: &str) -> Result<Vec<VerifyingKey>, Wrong> {
    let wanted = Wanted {
        algorithms: None,
        secrets: Secrets::OfMinimumLength,
    };
    let jwks = jwks::parse_array(text, wanted).map_err(|_| Wrong::NotAnArray)?;
    let mut keys = Vec::new();
    for (index, jwk) in jwks.into_iter().enumerate() {
        let number = index + 1;
        let usable = jwk.usable.and_then(all_checked_here);
        keys.extend(usable.map_err(|why| Wrong::Key { number, why })?);
    }
    Ok(keys)
}

fn all_checked_here(keys: Vec<VerifyingKey>) -> Result<Vec<VerifyingKey>, Unusable> {
    if keys.iter().all(|key| key.algorithm().is_checked_here()) {
        Ok(keys)
    } else {
        Err(Unusable::Type)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hallpass_core::Algorithm;
    use hallpass_core::key::BadKey;

    /// RFC 8037 appendix A.
    const X: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
    const K: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY";

    fn read(text: &str) -> Result<Vec<VerifyingKey>, Wrong> {
        parse(&text.replace("$X", X).replace("$K", K))
    }

    #[test]
    fn public_keys_and_shared_secrets_are_taken() {
        let keys = read(
            r#"[{"kty":"OKP","crv":"Ed25519","x":"$X","kid":"a","use":"sig","alg":"EdDSA"},
                {"kty":"OKP","crv":"Ed25519","x":"$X","x5t":"whatever"},
                {"kty":"oct","k":"$K","alg":"HS384","kid":"b"}]"#,
        );
        let told = |key: &VerifyingKey| (key.algorithm(), key.key_id().map(str::to_owned));
        let told: Vec<_> = keys.unwrap().iter().map(told).collect();
        let expected = [
            (Algorithm::EdDSA, Some("a".to_owned())),
            (Algorithm::EdDSA, None),
            (Algorithm::HS384, Some("b".to_owned())),
        ];
        assert_eq!(told, expected);
        assert!(read("[]").unwrap().is_empty());
    }

    #[test]
    fn every_reason_to_refuse_a_key() {
        #[rustfmt::skip]
        let rows = [
            (r#"{"kty":"OKP","crv":"Ed25519","x":"$X","d":"$K"}"#, Unusable::Private),
            (r#"{"kty":"OKP","crv":"Ed448","x":"$X"}"#, Unusable::Type),
            (r#"{"kty":"OKP","x":"$X"}"#, Unusable::Type),
            (r#"{"kty":"RSA","n":"$X","e":"AQAB"}"#, Unusable::Algorithm),
            (r#"{"kty":"EC","crv":"P-256","x":"$X","y":"$X"}"#, Unusable::Type),
            (r#""$X""#, Unusable::Form),
            (r#"{"kty":7}"#, Unusable::Form),
            (r#"{"kty":"OKP","crv":"Ed25519","x":"$X","use":"enc"}"#, Unusable::Usage),
            (r#"{"kty":"OKP","crv":"Ed25519","x":"$X","alg":"HS256"}"#, Unusable::Algorithm),
            (r#"{"kty":"OKP","crv":"Ed25519","x":"$X","alg":"eddsa"}"#, Unusable::Algorithm),
            (r#"{"kty":"oct","k":"$K"}"#, Unusable::Algorithm),
            (r#"{"kty":"oct","k":"$K","alg":"EdDSA"}"#, Unusable::Algorithm),
            (r#"{"kty":"oct","k":"$K","alg":"none"}"#, Unusable::Algorithm),
            (r#"{"kty":"OKP","crv":"Ed25519"}"#, Unusable::Base64),
            (r#"{"kty":"OKP","crv":"Ed25519","x":"$X="}"#, Unusable::Base64),
            (r#"{"kty":"oct","alg":"HS256"}"#, Unusable::Base64),
            (r#"{"kty":"OKP","crv":"Ed25519","x":"AAAA"}"#, Unusable::Bad(BadKey::NotAPoint)),
            (r#"{"kty":"oct","k":"c2hvcnQ","alg":"HS256"}"#, Unusable::Bad(BadKey::TooShort)),
        ];
        for (jwk, why) in rows {
            let good = r#"{"kty":"oct","k":"$K","alg":"HS256"}"#;
            let refused = read(&format!("[{good},{jwk}]")).unwrap_err();
            assert_eq!(refused, Wrong::Key { number: 2, why }, "{jwk}");
        }
        for text in ["", "{}", "x", r#"{"keys":[]}"#, r#"[],"more":[]"#] {
            assert_eq!(read(text).unwrap_err(), Wrong::NotAnArray, "{text}");
        }
    }

    #[test]
    fn a_refusal_does_not_quote() {
        let refused = read(r#"[{"kty":"oct","k":"c2hvcnQ","alg":"HS256"}]"#).unwrap_err();
        let told = refused.to_string();
        assert!(told.starts_with("key 1: "), "{told}");
        assert!(!told.contains("c2hvcnQ"), "{told}");
    }
}
