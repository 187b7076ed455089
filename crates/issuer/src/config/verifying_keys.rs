//! `VERIFYING_KEYS`: further keys whose tokens are taken, for moving over.

use core::fmt;

use hallpass_core::compact::decode;
use hallpass_core::key::BadKey;
use hallpass_core::{Algorithm, VerifyingKey};
use serde::Deserialize;
use serde::de::IgnoredAny;
use zeroize::Zeroizing;

/// A JSON Web Key (RFC 7517): what is needed of it.
#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    crv: Option<String>,
    x: Option<String>,
    d: Option<IgnoredAny>,
    k: Option<String>,
}

/// Why a text is no list of keys. It quotes nothing, for there may be secrets in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wrong {
    NotAnArray,
    Key { number: usize, why: Why },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    Type,
    Usage,
    Algorithm,
    Private,
    Base64,
    Bad(BadKey),
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAnArray => f.write_str("is a JSON array of JSON Web Keys"),
            Self::Key { number, why } => write!(f, "key {number}: {why}"),
        }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Type => "has to be kty OKP with crv Ed25519, or kty oct",
            Self::Usage => "is not for signatures",
            Self::Algorithm => "needs alg: EdDSA (or none) for OKP; HS256, HS384 or HS512 for oct",
            Self::Private => {
                "is a private key (d); this setting wants the public half, and the private one is known to too many now"
            }
            Self::Base64 => "has no base64url where its bytes should be",
            Self::Bad(bad) => return bad.fmt(f),
        })
    }
}

/// Reads all keys, or refuses all.
pub(super) fn parse(text: &str) -> Result<Vec<VerifyingKey>, Wrong> {
    let jwks: Vec<Jwk> = serde_json::from_str(text).map_err(|_| Wrong::NotAnArray)?;
    let read = |(index, jwk)| {
        let number = index + 1;
        key(jwk).map_err(|why| Wrong::Key { number, why })
    };
    jwks.into_iter().enumerate().map(read).collect()
}

fn key(jwk: Jwk) -> Result<VerifyingKey, Why> {
    let secret = jwk.k.map(Zeroizing::new);
    if jwk.usage.as_deref().is_some_and(|usage| usage != "sig") {
        return Err(Why::Usage);
    }
    let bytes = |text: Option<&str>| {
        let decoded = text.and_then(|text| decode(text).ok());
        decoded.map(Zeroizing::new).ok_or(Why::Base64)
    };
    let algorithm = jwk.alg.as_deref().map(Algorithm::named);
    let key = match (jwk.kty.as_str(), jwk.crv.as_deref()) {
        ("OKP", Some("Ed25519")) => {
            if jwk.d.is_some() {
                return Err(Why::Private);
            }
            let (None | Some(Some(Algorithm::EdDSA))) = algorithm else {
                return Err(Why::Algorithm);
            };
            VerifyingKey::ed25519(&bytes(jwk.x.as_deref())?).map_err(Why::Bad)?
        }
        ("oct", _) => {
            let algorithm = algorithm.flatten().ok_or(Why::Algorithm)?;
            if !algorithm.is_shared_secret() {
                return Err(Why::Algorithm);
            }
            let secret = bytes(secret.as_ref().map(|text| text.as_str()))?;
            VerifyingKey::shared(algorithm, &secret).map_err(Why::Bad)?
        }
        _ => return Err(Why::Type),
    };
    Ok(match jwk.kid {
        Some(kid) => key.with_key_id(kid),
        None => key,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

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
            (r#"{"kty":"OKP","crv":"Ed25519","x":"$X","d":"$K"}"#, Why::Private),
            (r#"{"kty":"OKP","crv":"Ed448","x":"$X"}"#, Why::Type),
            (r#"{"kty":"OKP","x":"$X"}"#, Why::Type),
            (r#"{"kty":"RSA","n":"$X","e":"AQAB"}"#, Why::Type),
            (r#"{"kty":"OKP","crv":"Ed25519","x":"$X","use":"enc"}"#, Why::Usage),
            (r#"{"kty":"OKP","crv":"Ed25519","x":"$X","alg":"HS256"}"#, Why::Algorithm),
            (r#"{"kty":"OKP","crv":"Ed25519","x":"$X","alg":"eddsa"}"#, Why::Algorithm),
            (r#"{"kty":"oct","k":"$K"}"#, Why::Algorithm),
            (r#"{"kty":"oct","k":"$K","alg":"EdDSA"}"#, Why::Algorithm),
            (r#"{"kty":"oct","k":"$K","alg":"none"}"#, Why::Algorithm),
            (r#"{"kty":"OKP","crv":"Ed25519"}"#, Why::Base64),
            (r#"{"kty":"OKP","crv":"Ed25519","x":"$X="}"#, Why::Base64),
            (r#"{"kty":"oct","alg":"HS256"}"#, Why::Base64),
            (r#"{"kty":"OKP","crv":"Ed25519","x":"AAAA"}"#, Why::Bad(BadKey::NotAPoint)),
            (r#"{"kty":"oct","k":"c2hvcnQ","alg":"HS256"}"#, Why::Bad(BadKey::TooShort)),
        ];
        for (jwk, why) in rows {
            let good = r#"{"kty":"oct","k":"$K","alg":"HS256"}"#;
            let refused = read(&format!("[{good},{jwk}]")).unwrap_err();
            assert_eq!(refused, Wrong::Key { number: 2, why }, "{jwk}");
        }
        for text in [
            "",
            "{}",
            "x",
            r#"{"keys":[]}"#,
            r#"["$X"]"#,
            r#"[{"kty":7}]"#,
        ] {
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
