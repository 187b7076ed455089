//! The core's verdict, in Rust, by the rules that the npm package has when nothing else is said.

use std::error::Error;

use hallpass_core::jwks::{self, Secrets, Wanted};
use hallpass_core::validation::{Kinds, Leeway};
use hallpass_core::{
    Algorithm, Claim, ClaimNames, Rejection, Rules, Untrusted, VerifyingKey, VerifyingKeys,
};
use serde_json::Value;

use crate::demands::Demands;
use crate::{member, text};

pub(crate) struct Judge {
    keys: VerifyingKeys,
    rules: Rules,
    now: u64,
}

impl Judge {
    pub(crate) fn new(question: &Value, demands: &Demands) -> Result<Self, Box<dyn Error>> {
        Ok(Self {
            keys: key(question)?.into_iter().collect(),
            rules: Rules {
                issuers: demands.issuer.iter().cloned().collect(),
                audiences: demands.audience.iter().cloned().collect(),
                leeway: Leeway::new(demands.leeway).ok_or("too much leeway")?,
                max_age: None,
                names: ClaimNames::default(),
            },
            now: demands.now,
        })
    }

    /// Why it is refused, `""` if it is not; `None` where it would take others to know.
    pub(crate) fn verdict(&self, token: &str) -> Option<String> {
        match self.verify(token) {
            Ok(known) => known.then(String::new),
            Err(rejection) => Some(told(rejection)),
        }
    }

    /// Whether anything is known of it.
    fn verify(&self, token: &str) -> Result<bool, Rejection> {
        let untrusted = Untrusted::parse(token)?;
        let mut meant = self.keys.meant_by(untrusted.header())?;
        if meant.any(|key| !key.algorithm().is_checked_here()) {
            return Ok(false);
        }
        drop(meant);
        let valid = untrusted
            .authenticate(&self.keys, &self.rules.names)?
            .validate(&self.rules, self.now)?;
        if valid.claims().exp.is_none() {
            return Err(Rejection::Missing(Claim::Expiration));
        }
        valid.require_kind(&Kinds::default())?;
        Ok(true)
    }
}

fn key(question: &Value) -> Result<Vec<VerifyingKey>, Box<dyn Error>> {
    let algorithm = Algorithm::named(text(question, "alg")?).ok_or("an unknown algorithm")?;
    let set = format!("[{}]", member(question, "jwk")?);
    let wanted = Wanted {
        algorithms: Some(&[algorithm]),
        secrets: Secrets::OfHashLength,
    };
    let jwk = jwks::parse_array(&set, wanted)?.pop().ok_or("no key")?;
    Ok(jwk.usable?)
}

fn told(rejection: Rejection) -> String {
    let claim = rejection.claim().map(|claim| format!(" {}", claim.name()));
    format!("{}{}", rejection.code(), claim.unwrap_or_default())
}
