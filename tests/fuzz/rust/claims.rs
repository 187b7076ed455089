//! Claims, as they are read, carried and minted.

use std::cell::Cell;

use hallpass_core::claims::{CustomClaims, LAST_DATE};
use hallpass_core::issuance::Issuer;
use hallpass_core::json::{Duplicates, Object, Type};
use hallpass_core::session::{Form, Lifetimes, Opening, Session};
use hallpass_core::{Claim, ClaimNames, Claims, Rejection, Rules, SessionKey, Untrusted};
use serde_json::{Map, Value};

use crate::made;
use crate::random::Random;
use crate::runner::fuzz;
use crate::signed::{keys, signed};

const NAMES: &[&str] = &[
    "exp",
    "iat",
    "nbf",
    "refresh_exp",
    "jti",
    "sid",
    "sub",
    "iss",
    "aud",
    "user_id",
    "token_type",
    "a",
];
const CUSTOM: &[&str] = &["a", "b", "roles", "é", "scope", "", "x", "nested"];
const NOW: u64 = 1_700_000_000;

#[test]
fn claims_are_what_serde_json_reads_or_of_the_wrong_form() {
    let whole = Cell::new(0);
    let input = |random: &mut Random| made::object(NAMES, random);
    fuzz("claims", input, |text| {
        let Ok(object) = Object::parse(text.clone(), Duplicates::Refuse) else {
            return;
        };
        let (claims, wrong) = Claims::inspect(object.clone(), &ClaimNames::default());
        let dates = [
            ("exp", Claim::Expiration, claims.exp),
            ("iat", Claim::IssuedAt, claims.iat),
            ("nbf", Claim::NotBefore, claims.nbf),
            ("refresh_exp", Claim::RefreshExpiration, claims.refresh_exp),
        ];
        for (name, claim, read) in dates {
            assert_eq!(
                read_or_wrong(read, &wrong, claim),
                date(&object, name),
                "{name}"
            );
        }
        let jti = claims.jti.as_ref().map(|jti| jti.as_str().to_owned());
        let texts = [
            ("iss", Claim::Issuer, claims.iss.clone()),
            ("sid", Claim::SessionId, claims.sid.clone()),
            ("jti", Claim::JwtId, jti),
        ];
        for (name, claim, read) in texts {
            assert_eq!(
                read_or_wrong(read, &wrong, claim),
                characters(&object, name),
                "{name}"
            );
        }
        assert_eq!(
            Claims::read(object, &ClaimNames::default()).is_ok(),
            wrong.is_empty()
        );
        whole.set(whole.get() + u32::from(wrong.is_empty()));
    });
    assert!(whole.get() > 0, "the inputs are too wild");
}

/// What was read of a claim, or that it is of the wrong form.
fn read_or_wrong<T>(read: Option<T>, wrong: &[Rejection], claim: Claim) -> Result<Option<T>, ()> {
    if wrong.contains(&Rejection::WrongForm(claim)) {
        assert!(read.is_none());
        return Err(());
    }
    Ok(read)
}

/// By the arithmetic of doubles, which are exact up to the year 9999.
fn date(object: &Object, name: &str) -> Result<Option<u64>, ()> {
    let Some(value) = object.get(name) else {
        return Ok(None);
    };
    let number = serde_json::from_str::<Value>(value.text())
        .ok()
        .and_then(|value| value.as_f64());
    let seconds = number.ok_or(())?.max(0.0).floor();
    let exponent = value.text().contains(['e', 'E']);
    #[expect(clippy::cast_precision_loss, reason = "a double has room for it")]
    if exponent || seconds > LAST_DATE as f64 {
        return Err(());
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "within bounds"
    )]
    Ok(Some(seconds as u64))
}

fn characters(object: &Object, name: &str) -> Result<Option<String>, ()> {
    let Some(value) = object.get(name) else {
        return Ok(None);
    };
    let text = serde_json::from_str::<Value>(value.text()).ok();
    let text = text.and_then(|text| text.as_str().map(str::to_owned));
    assert_eq!(
        text.is_some(),
        value.kind() == Type::String && value.string().is_some()
    );
    text.map(Some).ok_or(())
}

#[test]
fn what_is_carried_is_minted_and_read_back() {
    let carried = Cell::new(0);
    let names = ClaimNames::default();
    fuzz(
        "custom claims",
        |random| made::object(CUSTOM, random),
        |text| {
            let Ok(custom) = CustomClaims::parse(text, &names) else {
                return;
            };
            let stored = custom.as_stored().to_owned();
            let object = format!("{{{}}}", stored.strip_prefix(',').unwrap_or_default());
            assert_eq!(CustomClaims::stored(stored), custom);
            assert_eq!(CustomClaims::parse(&object, &names).as_ref(), Ok(&custom));

            let payload = minted(custom.clone());
            let token = signed(br#"{"alg":"HS256"}"#, payload.as_bytes());
            let authentic = Untrusted::parse(&token)
                .unwrap()
                .authenticate(&keys(), &names)
                .unwrap();
            let valid = authentic.validate(&Rules::default(), NOW).unwrap();
            assert_eq!(valid.claims().custom(), custom);
            if let Ok(theirs) = serde_json::from_str::<Map<String, Value>>(text) {
                carried.set(carried.get() + 1);
                let payload: Map<String, Value> = serde_json::from_str(&payload).unwrap();
                assert!(
                    theirs
                        .iter()
                        .all(|(name, value)| payload.get(name) == Some(value))
                );
            }
        },
    );
    assert!(carried.get() > 0, "the inputs are too wild");
}

/// The payload of an access token of a session that carries these.
fn minted(custom: CustomClaims) -> String {
    let rules = Rules::default();
    let opening = Opening {
        sid: "5e55".to_owned(),
        key: SessionKey::new([7; 32]),
        form: Form::Pair,
        key_id: None,
        custom,
    };
    let lifetimes = Lifetimes {
        bearer: 300,
        refresh: 86_400,
        session: 0,
    };
    let issuer = Issuer {
        rules: &rules,
        subject: Some("u7"),
    };
    let tokens = issuer.current(&Session::opened(opening, &lifetimes, NOW));
    tokens.bearer.as_str().to_owned()
}
