//! JSON Web Keys and sets of them (RFC 7517), read for one purpose: to verify signatures.
//!
//! What a key says of itself is heeded (`alg`, `use`, `key_ops`, `crv`), and a key that is not fit is
//! told apart from the others instead of taking the whole set with it. Of a key for an algorithm that
//! the core leaves to others only the form is looked at; who has the means keeps its bytes.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::compact::decode;
use crate::json::{Duplicates, Object, Value, elements};
use crate::key::{Algorithm, BadKey, Family, VerifyingKey};

/// What the caller takes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted<'a> {
    /// The algorithms that are accepted. Without: those that a key names itself, by `alg` or by its
    /// curve. A key that names none is only used for those named here.
    pub algorithms: Option<&'a [Algorithm]>,
    /// What of shared secrets is taken.
    pub secrets: Secrets,
}

/// Which shared secrets (`kty` `oct`) a set may hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Secrets {
    /// None: for sets that anybody can read.
    #[default]
    Refused,
    /// At least as long as the algorithm's hash (RFC 7518 section 3.2).
    OfHashLength,
    /// At least [`crate::key::MIN_SECRET_BYTES`], for moving over from issuers that go without the rule.
    OfMinimumLength,
}

/// A key of a set.
#[derive(Clone, Debug)]
pub struct Jwk {
    /// Its `kid`.
    pub key_id: Option<String>,
    /// The same key once for each algorithm it is used for: at least one.
    pub usable: Result<Vec<VerifyingKey>, Unusable>,
}

/// Why a text is no set of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotASet;

/// Why a key is not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unusable {
    /// No object, or a member is not of its type.
    Form,
    /// A `kty` or `crv` that no algorithm here works with.
    Type,
    /// `use` or `key_ops` say that it is not for verifying signatures.
    Usage,
    /// It is for none of the algorithms that are wanted, or names none where none are named.
    Algorithm,
    /// A private key where a public one belongs: it is known to too many now.
    Private,
    /// A shared secret where anybody can read it.
    Secret,
    /// What should be its bytes is not base64url in its one spelling.
    Base64,
    /// A modulus under 2048 bits (RFC 7518 section 3.3) or over 16384, or an exponent that is none.
    WeakRsa,
    /// A number with zeros before it (RFC 7518 section 2 wants none): some runtimes refuse such a key,
    /// others do not.
    LeadingZero,
    /// Coordinates that are not as long as the curve's (RFC 7518 section 6.2.1.2).
    Coordinates,
    /// Not a key.
    Bad(BadKey),
}

impl Unusable {
    /// What is wrong, for people. It quotes nothing, for there may be secrets in it.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Form => "is not a JSON Web Key",
            Self::Type => "is of an unknown kty or crv",
            Self::Usage => "is not for verifying, by its use or key_ops",
            Self::Algorithm => "is for none of the accepted algorithms, or names none",
            Self::Private => {
                "is a private key, known to too many now: the public half belongs here"
            }
            Self::Secret => "is a shared secret that anybody can read",
            Self::Base64 => "has no base64url for its bytes",
            Self::WeakRsa => "is no RSA key of 2048 to 16384 bits with an odd exponent",
            Self::LeadingZero => "has a modulus or an exponent with zeros before it",
            Self::Coordinates => "has coordinates of the wrong length",
            Self::Bad(bad) => bad.reason(),
        }
    }
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.reason())
    }
}

impl core::error::Error for Unusable {}

impl fmt::Display for NotASet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a JSON Web Key set")
    }
}

impl core::error::Error for NotASet {}

/// The keys of a set, in their order (RFC 7517 section 5).
pub fn parse(text: &str, wanted: Wanted<'_>) -> Result<Vec<Jwk>, NotASet> {
    read(text.to_owned(), wanted).map(|(keys, _)| keys)
}

/// The same of an array of keys without a set around it.
pub fn parse_array(text: &str, wanted: Wanted<'_>) -> Result<Vec<Jwk>, NotASet> {
    match read(format!("{{\"keys\":{text}}}"), wanted)? {
        (keys, 1) => Ok(keys),
        _ => Err(NotASet),
    }
}

/// The keys, and how many members the set has.
fn read(text: String, wanted: Wanted<'_>) -> Result<(Vec<Jwk>, usize), NotASet> {
    let set = Object::parse(text, Duplicates::Refuse).map_err(|_| NotASet)?;
    let keys = set.get("keys").and_then(elements).ok_or(NotASet)?;
    let keys = keys.into_iter().map(|key| Jwk::read(key, wanted));
    Ok((keys.collect(), set.members().count()))
}

impl Jwk {
    fn read(value: Value<'_>, wanted: Wanted<'_>) -> Self {
        let unusable = |why| Self {
            key_id: None,
            usable: Err(why),
        };
        // Duplicates at any depth were looked for when the text around it was read.
        let Ok(object) = Object::parse(value.text().to_owned(), Duplicates::LastWins) else {
            return unusable(Unusable::Form);
        };
        let key_id = match object.get("kid") {
            None => None,
            Some(value) => match value.string() {
                Some(key_id) => Some(key_id.into_owned()),
                None => return unusable(Unusable::Form),
            },
        };
        Self {
            usable: Members(&object).keys(wanted, key_id.as_deref()),
            key_id,
        }
    }
}

/// The members of a key.
struct Members<'a>(&'a Object);

impl Members<'_> {
    /// A member that is a string, if it is there, as it stands: no name that is looked for has escapes.
    fn text(&self, name: &str) -> Result<Option<&str>, Unusable> {
        let Some(value) = self.0.get(name) else {
            return Ok(None);
        };
        value.as_written().map(Some).ok_or(Unusable::Form)
    }

    /// A member that is bytes.
    fn bytes(&self, name: &str) -> Result<Vec<u8>, Unusable> {
        let text = self.text(name)?.ok_or(Unusable::Base64)?;
        decode(text).map_err(|_| Unusable::Base64)
    }

    fn keys(
        &self,
        wanted: Wanted<'_>,
        key_id: Option<&str>,
    ) -> Result<Vec<VerifyingKey>, Unusable> {
        let kty = self.text("kty")?.ok_or(Unusable::Form)?;
        let crv = self.text("crv")?;
        let said = self.text("alg")?;
        self.is_for_verifying()?;
        let fitting = fitting(kty, crv).ok_or(Unusable::Type)?;
        if kty == "oct" {
            if wanted.secrets == Secrets::Refused {
                return Err(Unusable::Secret);
            }
        } else if self.0.get("d").is_some() {
            return Err(Unusable::Private);
        }
        let mut keys = Vec::new();
        for algorithm in fitting {
            let says = match said {
                Some(said) => said == algorithm.as_str(),
                // A type that fits one algorithm says so.
                None => fitting.len() == 1 || wanted.algorithms.is_some(),
            };
            let asked = wanted.algorithms;
            if says && asked.is_none_or(|asked| asked.contains(algorithm)) {
                let mut key = self.key(*algorithm, wanted)?;
                if let Some(key_id) = key_id {
                    key = key.with_key_id(key_id);
                }
                keys.push(key);
            }
        }
        if keys.is_empty() {
            return Err(Unusable::Algorithm);
        }
        Ok(keys)
    }

    /// `use` (RFC 7517 section 4.2) and `key_ops` (section 4.3), where they are there.
    fn is_for_verifying(&self) -> Result<(), Unusable> {
        if self.text("use")?.is_some_and(|usage| usage != "sig") {
            return Err(Unusable::Usage);
        }
        let Some(operations) = self.0.get("key_ops") else {
            return Ok(());
        };
        let mut verifies = false;
        for operation in elements(operations).ok_or(Unusable::Form)? {
            verifies |= operation.as_written().ok_or(Unusable::Form)? == "verify";
        }
        if verifies {
            Ok(())
        } else {
            Err(Unusable::Usage)
        }
    }

    fn key(&self, algorithm: Algorithm, wanted: Wanted<'_>) -> Result<VerifyingKey, Unusable> {
        match algorithm.family() {
            Family::Secret => self.secret(algorithm, wanted.secrets),
            Family::Ed25519 => self.ed25519(),
            Family::Ecdsa => {
                // P-521 is the one whose field does not end with a byte.
                let length = match algorithm.hash_bytes() {
                    64 => 66,
                    bytes => bytes,
                };
                for name in ["x", "y"] {
                    if self.bytes(name)?.len() != length {
                        return Err(Unusable::Coordinates);
                    }
                }
                VerifyingKey::elsewhere(algorithm).map_err(Unusable::Bad)
            }
            Family::Rsa => {
                let (modulus, exponent) = (self.bytes("n")?, self.bytes("e")?);
                if modulus.starts_with(&[0]) || exponent.starts_with(&[0]) {
                    return Err(Unusable::LeadingZero);
                }
                if !is_strong(&modulus, &exponent) {
                    return Err(Unusable::WeakRsa);
                }
                VerifyingKey::elsewhere(algorithm).map_err(Unusable::Bad)
            }
        }
    }

    #[cfg(feature = "hmac")]
    fn secret(&self, algorithm: Algorithm, secrets: Secrets) -> Result<VerifyingKey, Unusable> {
        let secret = zeroize::Zeroizing::new(self.bytes("k")?);
        if secrets == Secrets::OfHashLength && secret.len() < algorithm.hash_bytes() {
            return Err(Unusable::Bad(BadKey::TooShort));
        }
        VerifyingKey::shared(algorithm, &secret).map_err(Unusable::Bad)
    }

    #[cfg(not(feature = "hmac"))]
    #[expect(clippy::unused_self, reason = "as in a build with HMAC")]
    const fn secret(&self, _: Algorithm, _: Secrets) -> Result<VerifyingKey, Unusable> {
        Err(Unusable::Type)
    }

    #[cfg(feature = "ed25519")]
    fn ed25519(&self) -> Result<VerifyingKey, Unusable> {
        VerifyingKey::ed25519(&self.bytes("x")?).map_err(Unusable::Bad)
    }

    #[cfg(not(feature = "ed25519"))]
    #[expect(clippy::unused_self, reason = "as in a build with Ed25519")]
    const fn ed25519(&self) -> Result<VerifyingKey, Unusable> {
        Err(Unusable::Type)
    }
}

/// The algorithms that work with keys of this type (RFC 7518 section 6.1, RFC 8037 section 2).
fn fitting(kty: &str, crv: Option<&str>) -> Option<&'static [Algorithm]> {
    use Algorithm::{
        ES256, ES384, ES512, EdDSA, HS256, HS384, HS512, PS256, PS384, PS512, RS256, RS384, RS512,
    };
    Some(match (kty, crv) {
        ("OKP", Some("Ed25519")) => &[EdDSA],
        ("EC", Some("P-256")) => &[ES256],
        ("EC", Some("P-384")) => &[ES384],
        ("EC", Some("P-521")) => &[ES512],
        ("RSA", _) => &[RS256, RS384, RS512, PS256, PS384, PS512],
        ("oct", _) => &[HS256, HS384, HS512],
        _ => return None,
    })
}

/// Whether an RSA key has 2048 bits at least (RFC 7518 section 3.3), no more than any verifier takes,
/// and an exponent that can be one: odd, over 1, and of no more than the four bytes that every runtime
/// takes.
fn is_strong(modulus: &[u8], exponent: &[u8]) -> bool {
    let zeros = modulus.first().map_or(0, |byte| byte.leading_zeros());
    let bits = (modulus.len() * 8).saturating_sub(zeros as usize);
    let odd = exponent.last().is_some_and(|byte| byte % 2 == 1);
    (2048..=16384).contains(&bits) && odd && exponent.len() <= 4 && exponent != [1]
}

#[cfg(test)]
#[cfg(all(feature = "hmac", feature = "ed25519"))]
mod tests {
    use super::*;
    use crate::compact::encode;

    /// RFC 8037 appendix A.
    const X: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";

    fn all(text: &str, wanted: Wanted<'_>) -> Vec<Result<Vec<Algorithm>, Unusable>> {
        let text = format!("{{\"keys\":[{text}]}}")
            .replace("$X", X)
            .replace("$32", &encode(&[7; 32]))
            .replace("$48", &encode(&[7; 48]))
            .replace("$64", &encode(&[7; 64]))
            .replace("$66", &encode(&[7; 66]))
            .replace("$1024", &encode(&[0xFF; 128]))
            .replace("$2047", &encode(&[&[0x7F], &[0xFF; 255][..]].concat()))
            .replace("$2048", &encode(&[0xFF; 256]))
            .replace("$99999", &encode(&[0xFF; 2049]));
        let told = |jwk: Jwk| {
            let keys = jwk.usable?;
            Ok(keys.iter().map(VerifyingKey::algorithm).collect())
        };
        parse(&text, wanted)
            .unwrap()
            .into_iter()
            .map(told)
            .collect()
    }

    fn secrets(secrets: Secrets) -> Wanted<'static> {
        Wanted {
            secrets,
            algorithms: None,
        }
    }

    fn named(algorithms: &[Algorithm]) -> Wanted<'_> {
        Wanted {
            secrets: Secrets::OfHashLength,
            algorithms: Some(algorithms),
        }
    }

    #[test]
    fn a_key_is_used_for_what_it_says_or_for_what_its_type_says() {
        use Algorithm::{ES256, ES384, ES512, EdDSA, HS384, PS256, RS256};
        let rows = [
            (r#"{"kty":"OKP","crv":"Ed25519","x":"$X"}"#, EdDSA),
            (
                r#"{"kty":"OKP","crv":"Ed25519","x":"$X","alg":"EdDSA","use":"sig","key_ops":["sign","verify"]}"#,
                EdDSA,
            ),
            (r#"{"kty":"EC","crv":"P-256","x":"$32","y":"$32"}"#, ES256),
            (r#"{"kty":"EC","crv":"P-384","x":"$48","y":"$48"}"#, ES384),
            (r#"{"kty":"EC","crv":"P-521","x":"$66","y":"$66"}"#, ES512),
            (
                r#"{"kty":"RSA","n":"$2048","e":"AQAB","alg":"RS256"}"#,
                RS256,
            ),
            (r#"{"kty":"RSA","n":"$2048","e":"Aw","alg":"PS256"}"#, PS256),
            (r#"{"kty":"oct","k":"$48","alg":"HS384"}"#, HS384),
        ];
        for (jwk, algorithm) in rows {
            let used = all(jwk, secrets(Secrets::OfHashLength));
            assert_eq!(used, [Ok(vec![algorithm])], "{jwk}");
        }
    }

    #[test]
    fn a_key_that_names_no_algorithm_is_used_for_those_the_caller_names() {
        use Algorithm::{ES256, HS256, HS512, PS512, RS256};
        let rsa = r#"{"kty":"RSA","n":"$2048","e":"AQAB"}"#;
        let oct = r#"{"kty":"oct","k":"$64"}"#;
        let nothing = secrets(Secrets::OfHashLength);
        assert_eq!(all(rsa, nothing), [Err(Unusable::Algorithm)]);
        assert_eq!(all(oct, nothing), [Err(Unusable::Algorithm)]);
        let both = named(&[PS512, RS256, HS256, HS512]);
        assert_eq!(all(rsa, both), [Ok(vec![RS256, PS512])]);
        assert_eq!(all(oct, both), [Ok(vec![HS256, HS512])]);
        assert_eq!(all(rsa, named(&[ES256])), [Err(Unusable::Algorithm)]);
    }

    #[test]
    #[rustfmt::skip]
    fn every_reason_not_to_use_a_key() {
        use Unusable::{
            Algorithm as Alg, Bad, Base64, Coordinates, Form, LeadingZero, Private, Secret, Type, Usage, WeakRsa,
        };
        let rows = [
            ("7", Form),
            ("[]", Form),
            ("{}", Form),
            (r#"{"kty":7}"#, Form),
            (r#"{"kty":"OKP","crv":"Ed25519","x":"$X","kid":7}"#, Form),
            (r#"{"kty":"OKP","crv":"Ed25519","x":"$X","use":["sig"]}"#, Form),
            (r#"{"kty":"OKP","crv":"Ed25519","x":"$X","key_ops":"verify"}"#, Form),
            (r#"{"kty":"OKP","crv":"Ed25519","x":"$X","key_ops":[1]}"#, Form),
            (r#"{"kty":"OKP","crv":"Ed448","x":"$X"}"#, Type),
            (r#"{"kty":"OKP","crv":"X25519","x":"$X"}"#, Type),
            (r#"{"kty":"OKP","x":"$X"}"#, Type),
            (r#"{"kty":"EC","crv":"secp256k1","x":"$32","y":"$32"}"#, Type),
            (r#"{"kty":"rsa","n":"$2048","e":"AQAB"}"#, Type),
            (r#"{"kty":"OKP","crv":"Ed25519","x":"$X","use":"enc"}"#, Usage),
            (r#"{"kty":"OKP","crv":"Ed25519","x":"$X","key_ops":["sign"]}"#, Usage),
            (r#"{"kty":"OKP","crv":"Ed25519","x":"$X","key_ops":[]}"#, Usage),
            (r#"{"kty":"OKP","crv":"Ed25519","x":"$X","alg":"HS256"}"#, Alg),
            (r#"{"kty":"OKP","crv":"Ed25519","x":"$X","alg":"eddsa"}"#, Alg),
            (r#"{"kty":"EC","crv":"P-256","x":"$32","y":"$32","alg":"ES384"}"#, Alg),
            (r#"{"kty":"oct","k":"$32","alg":"none"}"#, Alg),
            (r#"{"kty":"OKP","crv":"Ed25519","x":"$X","d":"$32"}"#, Private),
            (r#"{"kty":"RSA","n":"$2048","e":"AQAB","alg":"RS256","d":"AQ"}"#, Private),
            (r#"{"kty":"OKP","crv":"Ed25519"}"#, Base64),
            (r#"{"kty":"OKP","crv":"Ed25519","x":"$X="}"#, Base64),
            (r#"{"kty":"EC","crv":"P-256","x":"$32"}"#, Base64),
            (r#"{"kty":"EC","crv":"P-256","x":"$48","y":"$48"}"#, Coordinates),
            (r#"{"kty":"EC","crv":"P-521","x":"$64","y":"$64"}"#, Coordinates),
            (r#"{"kty":"RSA","n":"$1024","e":"AQAB","alg":"RS256"}"#, WeakRsa),
            (r#"{"kty":"RSA","n":"$2047","e":"AQAB","alg":"RS256"}"#, WeakRsa),
            (r#"{"kty":"RSA","n":"$99999","e":"AQAB","alg":"RS256"}"#, WeakRsa),
            (r#"{"kty":"RSA","n":"$2048","e":"AQ","alg":"RS256"}"#, WeakRsa),
            (r#"{"kty":"RSA","n":"$2048","e":"Ag","alg":"RS256"}"#, WeakRsa),
            (r#"{"kty":"RSA","n":"$2048","e":"","alg":"RS256"}"#, WeakRsa),
            (r#"{"kty":"RSA","n":"$2048","e":"AQAAAAE","alg":"RS256"}"#, WeakRsa),
            (r#"{"kty":"RSA","n":"$2048","e":"AAEAAQ","alg":"RS256"}"#, LeadingZero),
            (r#"{"kty":"RSA","n":"AP__","e":"AQAB","alg":"RS256"}"#, LeadingZero),
            (r#"{"kty":"OKP","crv":"Ed25519","x":"AAAA"}"#, Bad(BadKey::NotAPoint)),
            (r#"{"kty":"oct","k":"AAAA","alg":"HS256"}"#, Bad(BadKey::TooShort)),
            (r#"{"kty":"oct","k":"$32","alg":"HS384"}"#, Bad(BadKey::TooShort)),
            (r#"{"kty":"oct","k":"$48","alg":"HS512"}"#, Bad(BadKey::TooShort)),
        ];
        for (jwk, why) in rows {
            let used = all(jwk, secrets(Secrets::OfHashLength));
            assert_eq!(used, [Err(why)], "{jwk}");
        }
        let secret = r#"{"kty":"oct","k":"$32","alg":"HS256"}"#;
        assert_eq!(all(secret, Wanted::default()), [Err(Secret)]);
    }

    #[test]
    fn an_issuers_own_settings_may_have_secrets_shorter_than_the_hash() {
        let secret = r#"{"kty":"oct","k":"$32","alg":"HS512"}"#;
        let used = all(secret, secrets(Secrets::OfMinimumLength));
        assert_eq!(used, [Ok(vec![Algorithm::HS512])]);
    }

    #[test]
    fn one_bad_key_does_not_spoil_the_others_and_each_keeps_its_kid() {
        let text = format!(
            r#"{{"keys":[{{"kty":"what","kid":"a"}},{{"kty":"OKP","crv":"Ed25519","x":"{X}","kid":"b"}}],"more":1}}"#
        );
        let keys = parse(&text, Wanted::default()).unwrap();
        let told: Vec<_> = keys
            .iter()
            .map(|jwk| (jwk.key_id.as_deref(), jwk.usable.is_ok()))
            .collect();
        assert_eq!(told, [(Some("a"), false), (Some("b"), true)]);
        let key = keys.into_iter().nth(1).unwrap().usable.unwrap().remove(0);
        assert_eq!(key.key_id(), Some("b"));
    }

    #[test]
    fn what_is_not_a_set_is_refused_as_a_whole() {
        for text in [
            "",
            "[]",
            "{}",
            r#"{"keys":{}}"#,
            r#"{"keys":[],"keys":[]}"#,
            r#"{"keys":[{"kty":"OKP","kty":"RSA"}]}"#,
        ] {
            assert_eq!(
                parse(text, Wanted::default()).unwrap_err(),
                NotASet,
                "{text}"
            );
        }
        assert!(
            parse(r#"{"keys":[]}"#, Wanted::default())
                .unwrap()
                .is_empty()
        );
    }

    #[test]
    fn an_array_is_one_array_and_nothing_beside_it() {
        let count = |text: &str| parse_array(text, Wanted::default()).map(|keys| keys.len());
        assert_eq!(count(r#"[{"kty":"OKP"},7]"#), Ok(2));
        for text in ["", "7", "{}", r#"[],"more":[]"#, "[]}", "[]]"] {
            assert_eq!(count(text), Err(NotASet), "{text}");
        }
    }
}
