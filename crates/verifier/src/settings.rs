//! A verifier's options, as JavaScript hands them over: `VerifierOptions` as JSON, without what is JavaScript's business, with
//! arrays where one or several may be given.

use alloc::vec::Vec;

use hallpass_core::json::{Duplicates, Object, Value, elements, strings};
use hallpass_core::validation::{Kinds, Leeway};
use hallpass_core::{Algorithm, Kind};

use crate::answer::Refusal;
use crate::checker::Demands;
use crate::options::LEEWAY;

/// What they ask of tokens. That each option is of its type was looked at where it has a name for people.
pub(crate) fn demands(json: &str) -> Result<Demands, Refusal> {
    let options = Object::parse(json.into(), Duplicates::Refuse).map_err(|_| UNREADABLE)?;
    let mut demands = Demands::default();
    for (name, value) in options.members() {
        take(&mut demands, name, value)?;
    }
    if demands.rules.names.clash() {
        return Err(Refusal::bad_option(
            "`tokenTypeClaim` or `userIdClaim` is a name that is taken",
        ));
    }
    Ok(demands)
}

const UNREADABLE: Refusal = Refusal::bad_option("an option is of the wrong type");

fn take(demands: &mut Demands, name: Value<'_>, value: Value<'_>) -> Result<(), Refusal> {
    let rules = &mut demands.rules;
    match name.as_written().unwrap_or_default() {
        "algorithms" => demands.algorithms = Some(algorithms(value)?),
        "issuer" => rules.issuers = strings(value).ok_or(UNREADABLE)?,
        "audience" => rules.audiences = strings(value).ok_or(UNREADABLE)?,
        "requiredClaims" => demands.required = strings(value).ok_or(UNREADABLE)?,
        "tokenType" => demands.kinds = kinds(value)?,
        "leeway" => rules.leeway = Leeway::new(seconds(value)?).ok_or(LEEWAY)?,
        "maxAge" => rules.max_age = Some(seconds(value)?),
        "tokenTypeClaim" => rules.names.token_type = value.string().ok_or(UNREADABLE)?.into(),
        "userIdClaim" => rules.names.user_id = value.string().ok_or(UNREADABLE)?.into(),
        _ => return Err(UNREADABLE),
    }
    Ok(())
}

fn seconds(value: Value<'_>) -> Result<u64, Refusal> {
    value.text().parse().map_err(|_| UNREADABLE)
}

fn kinds(value: Value<'_>) -> Result<Kinds, Refusal> {
    const WRONG: Refusal =
        Refusal::bad_option("`tokenType` takes some of access, refresh, sliding, or any alone");
    let names = elements(value).ok_or(UNREADABLE)?;
    let mut kinds = Vec::new();
    for name in &names {
        let name = name.as_written().unwrap_or_default();
        match Kind::named(name) {
            Some(kind) => kinds.push(kind),
            None if name == "any" && names.len() == 1 => return Ok(Kinds::Any),
            None => return Err(WRONG),
        }
    }
    if kinds.is_empty() {
        return Err(WRONG);
    }
    Ok(Kinds::Said(kinds))
}

fn algorithms(value: Value<'_>) -> Result<Vec<Algorithm>, Refusal> {
    const WRONG: Refusal = Refusal::bad_option(
        "`algorithms` takes some of EdDSA and HS, ES, RS, PS with 256, 384, 512",
    );
    let mut algorithms = Vec::new();
    for name in elements(value).ok_or(UNREADABLE)? {
        let name = name.as_written().unwrap_or_default();
        let algorithm = Algorithm::named(name).ok_or(WRONG)?;
        if !algorithms.contains(&algorithm) {
            algorithms.push(algorithm);
        }
    }
    if algorithms.is_empty() {
        return Err(WRONG);
    }
    Ok(algorithms)
}

#[cfg(test)]
mod tests {
    use super::*;
    use hallpass_core::Rules;
    use hallpass_core::claims::ClaimNames;

    #[test]
    fn what_is_not_set_has_the_usual_value() {
        let demands = demands("{}").unwrap();
        assert_eq!(demands.rules, Rules::default());
        assert_eq!(demands.kinds, Kinds::OrUnsaid(vec![Kind::Access]));
        assert_eq!(demands.algorithms, None);
        assert!(demands.required.is_empty());
    }

    #[test]
    fn every_option_has_its_place() {
        let demands = demands(
            r#"{"algorithms":["ES256","EdDSA","ES256"],"issuer":["a"],"audience":["b","c"],"tokenType":["refresh","sliding"],
                "leeway":5,"requiredClaims":["d"],"maxAge":60,"tokenTypeClaim":"e","userIdClaim":"f"}"#,
        )
        .unwrap();
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        let rules = Rules {
            issuers: texts(&["a"]),
            audiences: texts(&["b", "c"]),
            leeway: Leeway::new(5).unwrap(),
            max_age: Some(60),
            names: ClaimNames {
                token_type: "e".to_owned(),
                user_id: "f".to_owned(),
            },
        };
        assert_eq!(demands.rules, rules);
        let algorithms = [Algorithm::ES256, Algorithm::EdDSA];
        assert_eq!(demands.algorithms.as_deref(), Some(&algorithms[..]));
        let both = Kinds::Said(vec![Kind::Refresh, Kind::Sliding]);
        assert_eq!(demands.kinds, both);
        assert_eq!(demands.required, ["d"]);
        let any = super::demands(r#"{"tokenType":["any"]}"#).unwrap();
        assert_eq!(any.kinds, Kinds::Any);
    }

    #[test]
    fn options_that_make_no_sense_are_refused() {
        for wrong in [
            "",
            "[]",
            r#"{"more":1}"#,
            r#"{"issuer":"a"}"#,
            r#"{"issuer":["a"],"issuer":["b"]}"#,
            r#"{"leeway":-1}"#,
            r#"{"leeway":1.5}"#,
            r#"{"leeway":301}"#,
            r#"{"maxAge":"60"}"#,
            r#"{"tokenType":[]}"#,
            r#"{"tokenType":["Access"]}"#,
            r#"{"tokenType":["access","Refresh"]}"#,
            r#"{"tokenType":["access","any"]}"#,
            r#"{"tokenType":["any","access"]}"#,
            r#"{"tokenType":["any","any"]}"#,
            r#"{"algorithms":[]}"#,
            r#"{"algorithms":["none"]}"#,
            r#"{"algorithms":["hs256"]}"#,
            r#"{"tokenTypeClaim":"sub"}"#,
            r#"{"userIdClaim":"exp"}"#,
            r#"{"userIdClaim":7}"#,
        ] {
            assert_eq!(demands(wrong).unwrap_err().code, "bad_option", "{wrong}");
        }
    }
}
