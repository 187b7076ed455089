//! A verifier's options, as JavaScript hands them over.

use alloc::string::String;
use alloc::vec::Vec;

use hallpass_core::claims::ClaimNames;
use hallpass_core::json::{Duplicates, Object, Value, strings};
use hallpass_core::validation::{Kinds, Leeway};
use hallpass_core::{Algorithm, Kind, Rules};

use crate::answer::Refusal;
use crate::checker::Demands;
use crate::options;

/// `VerifierOptions` without what is JavaScript's business, with lists where one or several may be given.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Settings {
    algorithms: Option<Vec<String>>,
    issuer: Vec<String>,
    audience: Vec<String>,
    token_type: Option<Vec<String>>,
    leeway: u64,
    required_claims: Vec<String>,
    max_age: Option<u64>,
    token_type_claim: Option<String>,
    user_id_claim: Option<String>,
}

impl Settings {
    /// Reads them from JSON. That each is of its type was looked at where they have names for people.
    pub(crate) fn read(json: &str) -> Result<Self, Refusal> {
        let wrong = || Refusal::bad_option("an option is not known or of the wrong type");
        let object = Object::parse(json.into(), Duplicates::Refuse).map_err(|_| wrong())?;
        let mut settings = Self::default();
        for (name, value) in object.members() {
            settings.take(name.text(), value).ok_or_else(wrong)?;
        }
        Ok(settings)
    }

    fn take(&mut self, name: &str, value: Value<'_>) -> Option<()> {
        match name {
            "\"algorithms\"" => self.algorithms = Some(strings(value)?),
            "\"issuer\"" => self.issuer = strings(value)?,
            "\"audience\"" => self.audience = strings(value)?,
            "\"tokenType\"" => self.token_type = Some(strings(value)?),
            "\"leeway\"" => self.leeway = number(value)?,
            "\"requiredClaims\"" => self.required_claims = strings(value)?,
            "\"maxAge\"" => self.max_age = Some(number(value)?),
            "\"tokenTypeClaim\"" => self.token_type_claim = Some(value.string()?.into()),
            "\"userIdClaim\"" => self.user_id_claim = Some(value.string()?.into()),
            _ => return None,
        }
        Some(())
    }

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
        Ok(Demands {
            rules: Rules {
                issuers: self.issuer,
                audiences: self.audience,
                leeway: Leeway::new(self.leeway).ok_or(options::LEEWAY)?,
                max_age: self.max_age,
                names,
            },
            kinds: kinds(self.token_type)?,
            required: self.required_claims,
            algorithms: self.algorithms.map(algorithms).transpose()?,
        })
    }
}

/// A number of seconds.
fn number(value: Value<'_>) -> Option<u64> {
    value.text().parse().ok()
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
                leeway: 301,
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
    fn they_are_read_from_json() {
        let read = Settings::read(
            r#"{"algorithms":["ES256"],"issuer":["a"],"audience":["b","c"],"tokenType":["any"],"leeway":5,
                "requiredClaims":["d"],"maxAge":60,"tokenTypeClaim":"e","userIdClaim":"f"}"#,
        );
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        let expected = Settings {
            algorithms: Some(texts(&["ES256"])),
            issuer: texts(&["a"]),
            audience: texts(&["b", "c"]),
            token_type: Some(texts(&["any"])),
            leeway: 5,
            required_claims: texts(&["d"]),
            max_age: Some(60),
            token_type_claim: Some("e".to_owned()),
            user_id_claim: Some("f".to_owned()),
        };
        assert_eq!(read, Ok(expected));
        assert_eq!(Settings::read("{}"), Ok(Settings::default()));
        for wrong in [
            "",
            "[]",
            r#"{"issuer":"a"}"#,
            r#"{"leeway":-1}"#,
            r#"{"leeway":1.5}"#,
            r#"{"more":1}"#,
        ] {
            assert_eq!(
                Settings::read(wrong).unwrap_err().code,
                "bad_option",
                "{wrong}"
            );
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
