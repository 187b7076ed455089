//! A verifier of nothing but the core, with the options that the vectors use.

use hallpass_core::claims::ClaimNames;
use hallpass_core::jwks::{self, Secrets, Wanted};
use hallpass_core::validation::{Kinds, Leeway};
use hallpass_core::{
    Algorithm, Claim, Claims, Kind, Rejection, Rules, Untrusted, VerifyingKey, VerifyingKeys,
    compact,
};
use serde_json::Value;

use crate::vector::Vector;

/// What comes of a token.
#[derive(Debug)]
pub(crate) enum Outcome {
    Claims(Value),
    Refused { code: String, claim: Option<String> },
}

impl Outcome {
    /// Of claims those that are expected have to be there, of a refusal the claim if one is named.
    pub(crate) fn is_as(&self, expect: &Value) -> bool {
        match self {
            Self::Claims(claims) => expect["claims"].as_object().is_some_and(|expected| {
                expected
                    .iter()
                    .all(|(name, value)| claims.get(name) == Some(value))
            }),
            Self::Refused { code, claim } => {
                expect["code"] == **code
                    && expect
                        .get("claim")
                        .is_none_or(|expected| expected.as_str() == claim.as_deref())
            }
        }
    }

    fn refused(code: &str) -> Self {
        Self::Refused {
            code: code.to_owned(),
            claim: None,
        }
    }
}

/// What the core says, `None` where it would have to ask others about the signature.
pub(crate) fn judge(vector: &Vector) -> Option<Outcome> {
    let judged = Verifier::of(vector).and_then(|verifier| verifier.verify(vector));
    judged.map_or_else(Some, |claims| claims.map(Outcome::Claims))
}

struct Verifier {
    keys: VerifyingKeys,
    rules: Rules,
    kinds: Kinds,
    required: Vec<String>,
}

impl Verifier {
    fn of(vector: &Vector) -> Result<Self, Outcome> {
        let usual = ClaimNames::default();
        let option = |name: &str| vector.options[name].as_str().map(str::to_owned);
        let leeway = vector.options["leeway"].as_u64().unwrap_or_default();
        Ok(Self {
            keys: keys(vector)?,
            rules: Rules {
                issuers: vector.texts("issuer"),
                audiences: vector.texts("audience"),
                leeway: Leeway::new(leeway).ok_or(Outcome::refused("bad_option"))?,
                max_age: vector.options["maxAge"].as_u64(),
                names: ClaimNames {
                    token_type: option("tokenTypeClaim").unwrap_or(usual.token_type),
                    user_id: option("userIdClaim").unwrap_or(usual.user_id),
                },
            },
            kinds: kinds(&vector.texts("tokenType")),
            required: vector.texts("requiredClaims"),
        })
    }

    fn verify(&self, vector: &Vector) -> Result<Option<Value>, Outcome> {
        let refused = |rejection: Rejection| self.refused(rejection);
        let untrusted = Untrusted::parse(&vector.token).map_err(|how| refused(how.into()))?;
        let mut meant = self.keys.meant_by(untrusted.header()).map_err(refused)?;
        if meant.any(|key| !key.algorithm().is_checked_here()) {
            return Ok(None);
        }
        drop(meant);
        let valid = untrusted
            .authenticate(&self.keys, &self.rules.names)
            .and_then(|authentic| authentic.validate(&self.rules, vector.now))
            .map_err(refused)?;
        self.has_required(valid.claims())?;
        valid.require_kind(&self.kinds).map_err(refused)?;
        Ok(serde_json::from_str(valid.claims().payload()).unwrap())
    }

    /// By the claim's name in this token.
    fn refused(&self, rejection: Rejection) -> Outcome {
        let name = |claim: Claim| claim.name_in(&self.rules.names).to_owned();
        Outcome::Refused {
            code: rejection.code().to_owned(),
            claim: rejection.claim().map(name),
        }
    }

    fn has_required(&self, claims: &Claims) -> Result<(), Outcome> {
        let mut names = ["exp"]
            .into_iter()
            .chain(self.required.iter().map(String::as_str));
        match names.find(|name| !claims.mentions(name)) {
            Some(name) => Err(Outcome::Refused {
                code: "missing_claim".to_owned(),
                claim: Some(name.to_owned()),
            }),
            None => Ok(()),
        }
    }
}

fn kinds(names: &[String]) -> Kinds {
    match names {
        [] => Kinds::default(),
        [any] if any == "any" => Kinds::Any,
        names => Kinds::Said(
            names
                .iter()
                .map(|name| Kind::named(name).unwrap())
                .collect(),
        ),
    }
}

fn algorithms(vector: &Vector) -> Result<Option<Vec<Algorithm>>, Outcome> {
    let names = vector.texts("algorithms");
    let known = names
        .iter()
        .map(|name| Algorithm::named(name).ok_or(Outcome::refused("bad_option")));
    let known: Vec<_> = known.collect::<Result<_, _>>()?;
    Ok(Some(known).filter(|known| !known.is_empty()))
}

fn keys(vector: &Vector) -> Result<VerifyingKeys, Outcome> {
    let algorithms = algorithms(vector)?;
    if let Some(secret) = vector.keys["secret_base64url"].as_str() {
        let secret = compact::decode(secret).unwrap();
        let algorithms = algorithms.unwrap_or_else(|| vec![Algorithm::HS256]);
        return algorithms
            .into_iter()
            .map(|algorithm| shared(algorithm, &secret))
            .collect();
    }
    let wanted = Wanted {
        algorithms,
        secrets: Secrets::OfHashLength,
    };
    let set = jwks::parse(&vector.keys["jwks"].to_string(), &wanted)
        .map_err(|_| Outcome::refused("bad_key"))?;
    let usable: Vec<_> = set.into_iter().filter_map(|jwk| jwk.usable.ok()).collect();
    if usable.is_empty() {
        return Err(Outcome::refused("bad_key"));
    }
    Ok(usable.into_iter().flatten().collect())
}

fn shared(algorithm: Algorithm, secret: &[u8]) -> Result<VerifyingKey, Outcome> {
    let long_enough = secret.len() >= algorithm.hash_bytes();
    VerifyingKey::shared(algorithm, secret)
        .ok()
        .filter(|_| long_enough)
        .ok_or(Outcome::refused("bad_key"))
}
