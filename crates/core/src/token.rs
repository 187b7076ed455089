//! The three types a token goes through.

use crate::claims::{ClaimNames, Claims};
use crate::compact::{self, Header};
use crate::json::Object;
use crate::key::{VerifyingKey, VerifyingKeys};
use crate::rejection::{Malformed, Rejection};
use crate::remembering::RememberingKeys;
use crate::validation::{self, Rules};
use alloc::borrow::ToOwned;
use alloc::string::String;

/// A text that has the form of a token. Nobody has vouched for it.
#[derive(Clone, Debug)]
pub struct Untrusted<'a>(compact::Parts<'a>);

impl<'a> Untrusted<'a> {
    /// The only way to one: the text has the one spelling of a token (RFC 7515 section 7.1).
    pub fn parse(token: &'a str) -> Result<Self, Malformed> {
        compact::parse(token).map(Self)
    }

    /// The header, to choose keys by.
    #[must_use]
    pub const fn header(&self) -> &Header {
        &self.0.header
    }

    /// The header as it was written, for display only.
    #[must_use]
    pub fn header_text(&self) -> &str {
        &self.0.header_text
    }

    /// The payload, for display only.
    #[must_use]
    pub const fn payload(&self) -> &Object {
        &self.0.payload
    }

    /// Checks the signature and reads the claims, whose names the caller knows.
    pub fn authenticate(
        self,
        keys: &VerifyingKeys,
        names: &ClaimNames,
    ) -> Result<Authentic, Rejection> {
        let key =
            self.signed_by(|header, input, signature| keys.verify(header, input, signature))?;
        self.read(key, names)
    }

    /// The same, by keys that remember which tokens they signed: the verdict does not differ.
    pub fn authenticate_again(
        self,
        keys: &RememberingKeys,
        names: &ClaimNames,
    ) -> Result<Authentic, Rejection> {
        let key =
            self.signed_by(|header, input, signature| keys.verify(header, input, signature))?;
        self.read(key, names)
    }

    /// The key that `verify` finds to have made the signature: of the header, over the input.
    fn signed_by<'k>(
        &self,
        verify: impl FnOnce(&Header, &[u8], &[u8]) -> Result<&'k VerifyingKey, Rejection>,
    ) -> Result<&'k VerifyingKey, Rejection> {
        let Self(parts) = self;
        let input = parts.signing_input.as_bytes();
        verify(&parts.header, input, &parts.signature)
    }

    /// The same for an algorithm that the core leaves to others (RSA, the NIST curves): the caller
    /// has had the signature checked with the key that stands for `key`, and says how that ended.
    ///
    /// That the key is for this token's algorithm and key id is looked at here all the same.
    pub fn authenticate_elsewhere(
        self,
        key: &VerifyingKey,
        holds: bool,
        names: &ClaimNames,
    ) -> Result<Authentic, Rejection> {
        if key.algorithm().is_checked_here() || !key.is_meant_by(self.header()) {
            return Err(Rejection::UnknownKey);
        }
        if !holds {
            return Err(Rejection::BadSignature);
        }
        self.read(key, names)
    }

    /// What signed it is remembered by the key's own name: whoever has stolen a key writes the header.
    fn read(self, key: &VerifyingKey, names: &ClaimNames) -> Result<Authentic, Rejection> {
        let Self(parts) = self;
        let claims = Claims::read(parts.payload, names)?;
        let key_id = key.key_id().map(ToOwned::to_owned);
        Ok(Authentic {
            key_id: key_id.or(parts.header.key_id),
            claims,
        })
    }
}

/// A token that one of our keys has signed. It may have expired long ago.
#[derive(Clone, Debug)]
pub struct Authentic {
    key_id: Option<String>,
    claims: Claims,
}

impl Authentic {
    /// The claims, as true as they were when they were signed.
    #[must_use]
    pub const fn claims(&self) -> &Claims {
        &self.claims
    }

    /// The only way to a [`Valid`] token: its dates, issuer and audience fit, at `now` (seconds).
    pub fn validate(self, rules: &Rules, now: u64) -> Result<Valid, Rejection> {
        validation::check(&self.claims, rules, now)?;
        Ok(Valid {
            key_id: self.key_id,
            claims: self.claims,
        })
    }
}

/// An authentic token whose claims hold now, for us. What it may be used for is asked of
/// [`Valid::require`]; whether it was called back is asked of whoever keeps the sessions.
#[derive(Clone, Debug)]
pub struct Valid {
    key_id: Option<String>,
    claims: Claims,
}

impl Valid {
    /// The claims.
    #[must_use]
    pub const fn claims(&self) -> &Claims {
        &self.claims
    }

    /// The `kid` of the key that signed it, whether the token names it or not; of a key without one,
    /// what the token says.
    #[must_use]
    pub fn key_id(&self) -> Option<&str> {
        self.key_id.as_deref()
    }
}

#[cfg(test)]
#[cfg(feature = "hmac")]
mod tests {
    use super::*;
    use crate::claims::Subject;
    use crate::compact::encode;
    use crate::key::{Algorithm, VerifyingKey};
    use crate::kind::Kind;
    use crate::rejection::Claim;
    use crate::validation::Leeway;
    use alloc::string::String;
    use hmac::{Hmac, KeyInit, Mac};

    const SECRET: &[u8] = b"a shared secret of some 32 bytes";
    const NOW: u64 = 1_700_000_000;
    const HEADER: &str = r#"{"alg":"HS256","kid":"k1"}"#;

    fn signed(header: &str, payload: &str) -> String {
        let input = format!(
            "{}.{}",
            encode(header.as_bytes()),
            encode(payload.as_bytes())
        );
        let mac = Hmac::<sha2::Sha256>::new_from_slice(SECRET).unwrap();
        let tag = mac.chain_update(&input).finalize().into_bytes();
        format!("{input}.{}", encode(&tag))
    }

    fn keys() -> VerifyingKeys {
        let key = VerifyingKey::shared(Algorithm::HS256, SECRET).unwrap();
        VerifyingKeys::from_iter([key.with_key_id("k1")])
    }

    fn verified(token: &str) -> Result<Valid, Rejection> {
        Untrusted::parse(token)?
            .authenticate(&keys(), &ClaimNames::default())?
            .validate(&Rules::default(), NOW)
    }

    #[test]
    fn a_token_goes_through_all_three_types() {
        let token = signed(HEADER, r#"{"exp":1700000001,"sub":"a"}"#);
        let untrusted = Untrusted::parse(&token).unwrap();
        assert_eq!(untrusted.header().algorithm, "HS256");
        assert_eq!(untrusted.header_text(), HEADER);
        assert_eq!(untrusted.payload().get("sub").unwrap().text(), "\"a\"");
        let authentic = untrusted
            .authenticate(&keys(), &ClaimNames::default())
            .unwrap();
        assert_eq!(authentic.claims().exp, Some(NOW + 1));
        let valid = authentic.validate(&Rules::default(), NOW).unwrap();
        assert_eq!(valid.claims().payload(), r#"{"exp":1700000001,"sub":"a"}"#);
        assert_eq!(valid.key_id(), Some("k1"));
    }

    #[test]
    fn a_token_that_names_no_key_is_known_to_be_of_the_key_that_signed_it() {
        let payload = r#"{"exp":1700000001,"sub":"a"}"#;
        let unnamed = signed(r#"{"alg":"HS256"}"#, payload);
        assert_eq!(verified(&unnamed).unwrap().key_id(), Some("k1"));
        let nameless = VerifyingKey::shared(Algorithm::HS256, SECRET).unwrap();
        let valid = Untrusted::parse(&signed(HEADER, payload))
            .unwrap()
            .authenticate(
                &VerifyingKeys::from_iter([nameless]),
                &ClaimNames::default(),
            )
            .unwrap()
            .validate(&Rules::default(), NOW)
            .unwrap();
        assert_eq!(valid.key_id(), Some("k1"));
    }

    #[test]
    fn a_signature_checked_elsewhere_counts_for_its_own_key_only() {
        let token = |alg: &str| {
            let header = format!(r#"{{"alg":"{alg}","kid":"k1"}}"#);
            signed(&header, r#"{"exp":1700000001,"sub":"a"}"#)
        };
        let elsewhere = |alg| VerifyingKey::elsewhere(alg).unwrap().with_key_id("k1");
        let vouched = |token: &str, key: &VerifyingKey, holds| {
            Untrusted::parse(token)?.authenticate_elsewhere(key, holds, &ClaimNames::default())
        };
        let key = elsewhere(Algorithm::ES256);
        let authentic = vouched(&token("ES256"), &key, true).unwrap();
        assert_eq!(authentic.claims().exp, Some(NOW + 1));
        let refused = [
            (token("ES256"), key.clone(), false, Rejection::BadSignature),
            (token("ES384"), key.clone(), true, Rejection::UnknownKey),
            (
                token("ES256"),
                key.with_key_id("k2"),
                true,
                Rejection::UnknownKey,
            ),
        ];
        for (token, key, holds, rejection) in refused {
            assert_eq!(vouched(&token, &key, holds).unwrap_err(), rejection);
        }
        // Nobody else's word is taken for what is checked here.
        let secret = VerifyingKey::shared(Algorithm::HS256, SECRET).unwrap();
        let refused = vouched(&token("HS256"), &secret, true).unwrap_err();
        assert_eq!(refused, Rejection::UnknownKey);
        assert!(VerifyingKey::elsewhere(Algorithm::HS256).is_err());
        // And a key that is checked elsewhere signs nothing here.
        let keys = VerifyingKeys::from_iter([elsewhere(Algorithm::RS256)]);
        let verdict = Untrusted::parse(&token("RS256"))
            .unwrap()
            .authenticate(&keys, &ClaimNames::default());
        assert_eq!(verdict.unwrap_err(), Rejection::BadSignature);
    }

    #[test]
    fn what_is_wrong_first_is_told_first() {
        let expired = r#"{"exp":1}"#;
        let good = signed(HEADER, expired);
        let (input, _) = good.rsplit_once('.').unwrap();
        let forged = format!("{input}.{}", encode(&[0; 32]));
        let other_key = signed(r#"{"alg":"HS256","kid":"k2"}"#, r#"{"exp":"soon"}"#);
        let wrong_form = signed(HEADER, r#"{"exp":"soon"}"#);
        let cases = [
            ("x.y", Rejection::Malformed(Malformed::NotThreeParts)),
            (&*other_key, Rejection::UnknownKey),
            (&*forged, Rejection::BadSignature),
            (&*wrong_form, Rejection::WrongForm(Claim::Expiration)),
            (&*good, Rejection::Expired),
        ];
        for (token, rejection) in cases {
            assert_eq!(verified(token).unwrap_err(), rejection, "{token}");
        }
    }

    #[test]
    fn an_authentic_token_may_be_long_expired_and_still_says_who_it_was_for() {
        let token = signed(HEADER, r#"{"exp":1,"sub":"a"}"#);
        let authentic = Untrusted::parse(&token)
            .unwrap()
            .authenticate(&keys(), &ClaimNames::default())
            .unwrap();
        assert_eq!(authentic.claims().exp, Some(1));
        assert_eq!(
            authentic.validate(&Rules::default(), NOW).unwrap_err(),
            Rejection::Expired
        );
    }

    #[test]
    fn every_row_of_what_a_use_requires() {
        use Rejection::{Missing, NoSuchSubject, WrongKind};
        let bearer = [Kind::Access, Kind::Sliding];
        #[rustfmt::skip]
        let rows = [
            (r#""exp":1700000001,"jti":"a","token_type":"access","sub":"u""#, Ok(Kind::Access)),
            (r#""exp":1700000001,"jti":"a","token_type":"sliding","user_id":7"#, Ok(Kind::Sliding)),
            (r#""exp":1700000001,"jti":"a","token_type":"access""#, Ok(Kind::Access)),
            (r#""exp":1700000001,"jti":"a","token_type":"refresh","sub":"u""#, Err(WrongKind)),
            (r#""exp":1700000001,"jti":"a","token_type":"ACCESS","sub":"u""#, Err(WrongKind)),
            (r#""exp":1700000001,"jti":"a","token_type":null,"sub":"u""#, Err(WrongKind)),
            (r#""exp":1700000001,"jti":"a","sub":"u""#, Err(Missing(Claim::TokenType))),
            (r#""exp":1700000001,"jti":"a","token_type":"access","user_id":"""#, Err(NoSuchSubject)),
            (r#""exp":1700000001,"jti":"a","token_type":"access","user_id":{}"#, Err(NoSuchSubject)),
            (r#""exp":1700000001,"jti":"a","token_type":"refresh","user_id":"""#, Err(WrongKind)),
            (r#""exp":1700000001,"token_type":"access","sub":"u""#, Err(Missing(Claim::JwtId))),
            (r#""jti":"a","token_type":"access","sub":"u""#, Err(Missing(Claim::Expiration))),
            (r#""sub":"u""#, Err(Missing(Claim::Expiration))),
        ];
        for (claims, expected) in rows {
            let valid = verified(&signed(HEADER, &format!("{{{claims}}}"))).unwrap();
            assert_eq!(valid.require(&bearer), expected, "{claims}");
            let identity = match expected {
                _ if claims.contains("{}") => Err(Rejection::WrongForm(Claim::Subject)),
                Err(Missing(claim @ (Claim::Expiration | Claim::JwtId))) => Err(Missing(claim)),
                _ => Ok(()),
            };
            assert_eq!(valid.require_identity(), identity, "{claims}");
            assert!(valid.require(&[]).is_err(), "no kind is no permission");
        }
    }

    #[test]
    fn an_empty_sub_is_no_subject() {
        let token = signed(HEADER, r#"{"exp":1700000001,"sub":""}"#);
        assert_eq!(verified(&token).unwrap().claims().subject, Subject::Absent);
    }

    #[test]
    fn a_sliding_token_is_refreshable_until_its_refresh_exp() {
        let leeway = |seconds| Leeway::new(seconds).unwrap();
        let refreshable = |claims: &str, seconds, now| {
            let valid = verified(&signed(HEADER, &format!("{{{claims}}}"))).unwrap();
            valid.require_refreshable(leeway(seconds), now)
        };
        let claims = r#""refresh_exp":1700000100"#;
        let end = NOW + 100;
        assert_eq!(refreshable(claims, 0, end - 1), Ok(end));
        let expired = Err(Rejection::RefreshExpired);
        assert_eq!(refreshable(claims, 0, end), expired);
        assert_eq!(refreshable(claims, 30, end + 29), Ok(end));
        assert_eq!(refreshable(claims, 30, end + 30), expired);
        let missing = Err(Rejection::Missing(Claim::RefreshExpiration));
        assert_eq!(refreshable("", 0, NOW), missing);
    }

    #[test]
    fn a_token_does_not_print() {
        let token = signed(HEADER, r#"{"exp":1700000001}"#);
        let (input, signature) = token.rsplit_once('.').unwrap();
        let untrusted = Untrusted::parse(&token).unwrap();
        let bytes = compact::decode(signature).unwrap();
        let printed = format!("{untrusted:?}");
        assert!(printed.contains("HS256"), "{printed}");
        for secret in [input, signature, &format!("{bytes:?}")] {
            assert!(!printed.contains(secret), "{printed}");
        }
    }
}
