//! A verifier's options, as JavaScript hands them over.

use hallpass_core::claims::ClaimNames;
use hallpass_core::validation::Kinds;
use hallpass_core::{Algorithm, Kind, Rules};
use serde::Deserialize;

use crate::answer::Refusal;
use crate::checker::Demands;
use crate::options::{leeway, whole_seconds};

/// `VerifierOptions` without what is JavaScript's business, with lists where one or several may be given.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Settings {
    algorithms: Option<Vec<String>>,
    issuer: Vec<String>,
    audience: Vec<String>,
    token_type: Option<Vec<String>>,
    leeway: f64,
    required_claims: Vec<String>,
    max_age: Option<f64>,
    token_type_claim: Option<String>,
    user_id_claim: Option<String>,
}

impl Settings {
    /// What they ask of tokens.
    pub(crate) fn demands(self) -> Result<Demands, Refusal> {
        let usual = ClaimNames::default();
        let names = ClaimNames {
            user_id: self.user_id_claim.unwrap_or(usual.user_id),
            token_type: self.token_type_claim.unwrap_or(usual.token_type),
        };
        if names.clash() {
            return Err(Refusal::bad_option(
                "`tokenTypeClaim` and `userIdClaim` differ from each other and from the registered claims",
            ));
        }
        let max_age = self.max_age.map(|seconds| {
            whole_seconds(seconds).ok_or(Refusal::bad_option("`maxAge` takes whole seconds"))
        });
        Ok(Demands {
            rules: Rules {
                issuers: self.issuer,
                audiences: self.audience,
                leeway: leeway(self.leeway)?,
                max_age: max_age.transpose()?,
                names,
            },
            kinds: kinds(self.token_type)?,
            required: self.required_claims,
            algorithms: self.algorithms.map(algorithms).transpose()?,
        })
    }
}

fn kinds(names: Option<Vec<String>>) -> Result<Kinds, Refusal> {
    let Some(names) = names else {
        return Ok(Kinds::default());
    };
    if names == ["any"] {
        return Ok(Kinds::Any);
    }
    let kinds: Option<Vec<_>> = names.iter().map(|name| Kind::named(name)).collect();
    kinds
        .filter(|kinds| !kinds.is_empty())
        .map(Kinds::Said)
        .ok_or(Refusal::bad_option(
            "`tokenType` takes \\\"access\\\", \\\"refresh\\\" or \\\"sliding\\\", several of them, or \\\"any\\\" alone",
        ))
}

fn algorithms(names: Vec<String>) -> Result<Vec<Algorithm>, Refusal> {
    let mut algorithms = Vec::new();
    for name in names {
        let algorithm = Algorithm::named(&name).ok_or(Refusal::bad_option(
            "`algorithms` names one that does not exist here; there are EdDSA and HS, ES, RS, PS with 256, 384 or 512",
        ))?;
        if !algorithms.contains(&algorithm) {
            algorithms.push(algorithm);
        }
    }
    if algorithms.is_empty() {
        return Err(Refusal::bad_option("`algorithms` names none"));
    }
    Ok(algorithms)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(settings: Settings) -> Refusal {
        settings.demands().unwrap_err()
    }

    #[test]
    fn what_is_not_set_has_the_usual_value() {
        let demands = Settings::default().demands().unwrap();
        assert_eq!(demands.rules, Rules::default());
        assert_eq!(demands.kinds, Kinds::OrUnsaid(vec![Kind::Access]));
        assert_eq!(demands.algorithms, None);
    }

    #[test]
    fn settings_that_make_no_sense_are_refused() {
        let of = |names: &[&str]| Some(names.iter().map(|name| (*name).to_owned()).collect());
        let rows = [
            Settings {
                token_type: of(&[]),
                ..Settings::default()
            },
            Settings {
                token_type: of(&["Access"]),
                ..Settings::default()
            },
            Settings {
                token_type: of(&["access", "any"]),
                ..Settings::default()
            },
            Settings {
                algorithms: of(&[]),
                ..Settings::default()
            },
            Settings {
                algorithms: of(&["none"]),
                ..Settings::default()
            },
            Settings {
                algorithms: of(&["hs256"]),
                ..Settings::default()
            },
            Settings {
                leeway: 301.0,
                ..Settings::default()
            },
            Settings {
                max_age: Some(-1.0),
                ..Settings::default()
            },
            Settings {
                max_age: Some(f64::NAN),
                ..Settings::default()
            },
            Settings {
                token_type_claim: Some("sub".into()),
                ..Settings::default()
            },
            Settings {
                user_id_claim: Some("exp".into()),
                ..Settings::default()
            },
        ];
        for settings in rows {
            let told = format!("{settings:?}");
            assert_eq!(refused(settings).code, "bad_option", "{told}");
        }
    }

    #[test]
    fn types_of_token_are_taken_as_named() {
        let of = |names: &[&str]| Settings {
            token_type: Some(names.iter().map(|name| (*name).to_owned()).collect()),
            ..Settings::default()
        };
        let kinds = |settings: Settings| settings.demands().unwrap().kinds;
        assert_eq!(kinds(of(&["any"])), Kinds::Any);
        let both = Kinds::Said(vec![Kind::Refresh, Kind::Sliding]);
        assert_eq!(kinds(of(&["refresh", "sliding"])), both);
    }
}
