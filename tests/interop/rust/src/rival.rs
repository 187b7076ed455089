//! jsonwebtoken, as its documentation says it is used.

use std::error::Error;

use hallpass_core::compact::{decode, encode};
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey, Validation, crypto, get_current_timestamp,
};
use serde_json::Value;

use crate::demands::Demands;
use crate::{member, text};

/// A token with this header and these claims.
pub(crate) fn sign(question: &Value) -> Result<Value, Box<dyn Error>> {
    let algorithm: Algorithm = text(question, "alg")?.parse()?;
    let key = signing(algorithm, &decode(text(question, "key")?)?)?;
    let part = |name| member(question, name).map(|part| encode(part.to_string().as_bytes()));
    let input = format!("{}.{}", part("header")?, part("claims")?);
    let signature = crypto::sign(input.as_bytes(), &key, algorithm)?;
    Ok(format!("{input}.{signature}").into())
}

fn signing(algorithm: Algorithm, key: &[u8]) -> Result<EncodingKey, String> {
    use Algorithm as A;
    Ok(match algorithm {
        A::HS256 | A::HS384 | A::HS512 => EncodingKey::from_secret(key),
        A::RS256 | A::RS384 | A::RS512 | A::PS256 | A::PS384 | A::PS512 => {
            EncodingKey::from_rsa_der(key)
        }
        A::ES256 | A::ES384 => EncodingKey::from_ec_der(key),
        A::EdDSA => EncodingKey::from_ed_der(key),
        unknown => return Err(format!("{unknown:?} is not known here")),
    })
}

/// The claims of a token that is good now.
pub(crate) fn verify(question: &Value) -> Result<Value, Box<dyn Error>> {
    let mut validation = Validation::new(text(question, "alg")?.parse()?);
    validation.validate_aud = false;
    let token = text(question, "token")?;
    Ok(jsonwebtoken::decode(token, &verifying(question)?, &validation)?.claims)
}

fn verifying(question: &Value) -> Result<DecodingKey, Box<dyn Error>> {
    let jwk: Jwk = serde_json::from_value(member(question, "jwk")?.clone())?;
    Ok(DecodingKey::from_jwk(&jwk)?)
}

pub(crate) struct Judge {
    key: DecodingKey,
    validation: Validation,
    now: u64,
    leeway: u64,
}

impl Judge {
    pub(crate) fn new(question: &Value, demands: &Demands) -> Result<Self, Box<dyn Error>> {
        let mut validation = Validation::new(text(question, "alg")?.parse()?);
        validation.validate_nbf = true;
        validation.validate_aud = demands.audience.is_some();
        if let Some(audience) = &demands.audience {
            validation.set_audience(&[audience]);
            validation.required_spec_claims.insert("aud".to_owned());
        }
        if let Some(issuer) = &demands.issuer {
            validation.set_issuer(&[issuer]);
            validation.required_spec_claims.insert("iss".to_owned());
        }
        Ok(Self {
            key: verifying(question)?,
            validation,
            now: demands.now,
            leeway: demands.leeway,
        })
    }

    /// Why it is refused, `""` if it is not.
    pub(crate) fn verdict(&self, token: &str) -> String {
        loop {
            let clock = get_current_timestamp();
            let verdict = self.verdict_at(token, clock);
            // Within one second its clock has stood where it was thought to stand.
            if get_current_timestamp() == clock {
                return verdict;
            }
        }
    }

    /// It has a clock of its own, so its tolerances make up for what lies between that and `now`:
    /// it compares `nbf > clock + leeway`, and `exp - rejected < clock - leeway`.
    fn verdict_at(&self, token: &str, clock: u64) -> String {
        let ahead = self.now.saturating_sub(clock);
        let mut validation = self.validation.clone();
        validation.leeway = ahead + self.leeway;
        validation.reject_tokens_expiring_in_less_than = 2 * ahead;
        match jsonwebtoken::decode::<Value>(token, &self.key, &validation) {
            Ok(_) => String::new(),
            Err(error) => told(error.kind()),
        }
    }
}

/// The name of the kind, without what a parser says of it.
fn told(kind: &ErrorKind) -> String {
    let kind = format!("{kind:?}");
    let name = kind.split(['(', ' ']).next();
    match (name, kind.split('"').nth(1)) {
        (Some(name @ "MissingRequiredClaim"), Some(claim)) => format!("{name} {claim}"),
        (name, _) => name.unwrap_or_default().to_owned(),
    }
}
