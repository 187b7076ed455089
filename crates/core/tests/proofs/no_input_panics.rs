//! No input panics (I7): whatever comes in goes through every step there is, even signed.

use hallpass_core::claims::CustomClaims;
use hallpass_core::json::{Duplicates, Object, quoted};
use hallpass_core::jti::SessionKey;
use hallpass_core::revocation::{self, Reason, Target, key_part};
use hallpass_core::rotation::{Policy, present};
use hallpass_core::session::{Adopted, Form, Lifetimes, Opening, Session};
use hallpass_core::subject::{self, Standing, SubjectState};
use hallpass_core::validation::Leeway;
use hallpass_core::{Algorithm, ClaimNames, Claims, Jti, Kind, Rules, Untrusted, VerifyingKey};
use hallpass_core::{compact::encode, issuance::Issuer};
use proptest::prelude::*;

use crate::oracle::{KEY_ID, Oracle};
use crate::seeded;

/// Everything that can be asked about a token.
fn whole_pipeline(oracle: &Oracle, token: &str, rules: &Rules, state: &SubjectState, now: u64) {
    let Ok(untrusted) = Untrusted::parse(token) else {
        return;
    };
    let _ = format!("{untrusted:?} {:?}", untrusted.payload().members().count());
    let Ok(authentic) = untrusted.authenticate(&oracle.ours, &rules.names) else {
        return;
    };
    everything_about(authentic.claims(), rules, state, now);
    match authentic.validate(rules, now) {
        Err(rejection) => drop(format!("{rejection} {}", rejection.code())),
        Ok(valid) => {
            let _ = valid.require_identity();
            let _ = valid.require(&Kind::ALL);
            let _ = valid.require_refreshable(rules.leeway, now);
        }
    }
}

fn everything_about(claims: &Claims, rules: &Rules, state: &SubjectState, now: u64) {
    let jti = claims.jti.clone().unwrap_or(Jti::presented(String::new()));
    let opening = |form| Opening {
        sid: claims.sid.clone().unwrap_or_default(),
        key: SessionKey::new([1; 32]),
        form,
        key_id: None,
        custom: claims.custom(),
    };
    let exp = claims.exp.unwrap_or(now);
    let token = Adopted {
        jti: jti.clone(),
        iat: claims.iat.unwrap_or(0),
        exp,
        refresh_exp: claims.refresh_exp.unwrap_or(exp),
    };
    let lifetimes = Lifetimes {
        bearer: now,
        refresh: exp,
        session: state.cutoff,
    };
    let policy = Policy {
        rotate: now.is_multiple_of(2),
        grace: state.cutoff,
        leeway: rules.leeway,
        lifetimes,
    };
    for form in [Form::Pair, Form::Sliding] {
        for session in [
            Session::opened(opening(form), &lifetimes, now),
            Session::adopted(opening(form), token.clone(), now),
        ] {
            let _ = subject::check(state, Some(&session), false, claims);
            let _ = present(&session, &jti, None, &policy, now);
            let own = session.jti(form.presented(), session.counter);
            let _ = present(&session, &own, Some("k"), &policy, now);
            let issuer = Issuer {
                rules,
                subject: claims.sid.as_deref(),
            };
            let _ = issuer.current(&session);
            let _ = issuer.renewed(&session, [0; 16], exp, now);
            let _ = session.ended(Reason::Logout, now).latest_exp();
        }
    }
    let _ = subject::check(state, None, false, claims);
    let _ = state.admit(state.credential, now);
    let _ = state.ended_all(Some(u32::MAX), now);
    let _ = revocation::keep_until(exp, now);
    let _ = Target::Token(jti).to_string();
}

fn any_rules() -> impl Strategy<Value = Rules> {
    let texts = || proptest::collection::vec(any::<String>(), 0..3);
    let age = proptest::option::of(any::<u64>());
    let name = || {
        prop_oneof![
            Just("user_id".to_owned()),
            Just("sub".to_owned()),
            any::<String>()
        ]
    };
    (texts(), texts(), 0..=300u64, age, name(), name()).prop_map(
        |(issuers, audiences, leeway, max_age, user_id, token_type)| Rules {
            issuers,
            audiences,
            leeway: Leeway::new(leeway).unwrap(),
            max_age,
            names: ClaimNames {
                user_id,
                token_type,
            },
        },
    )
}

fn any_state() -> impl Strategy<Value = SubjectState> {
    let standing = prop_oneof![
        Just(Standing::Active),
        Just(Standing::Deactivated),
        Just(Standing::Deleted)
    ];
    (standing, any_time(), any::<u32>()).prop_map(|(standing, cutoff, credential)| SubjectState {
        standing,
        cutoff,
        credential,
    })
}

fn any_time() -> impl Strategy<Value = u64> {
    prop_oneof![
        Just(0),
        Just(1_700_000_000u64),
        Just(u64::MAX),
        Just(u64::MAX - 1),
        any::<u64>()
    ]
}

/// JSON of any depth, with names that mean something among those that do not.
fn any_json() -> impl Strategy<Value = String> {
    let name = prop_oneof![
        proptest::sample::select(vec![
            "exp",
            "iat",
            "nbf",
            "jti",
            "sid",
            "sub",
            "iss",
            "aud",
            "user_id",
            "token_type",
            "refresh_exp",
            "alg",
            "kid",
            "typ",
            "crit",
            "b64",
        ])
        .prop_map(quoted),
        any::<String>().prop_map(|text| quoted(&text)),
        Just("\"\\ud800\"".to_owned()),
    ];
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("\"\\udc00\"".to_owned()),
        any::<bool>().prop_map(|b| b.to_string()),
        any::<i64>().prop_map(|n| n.to_string()),
        any::<f64>().prop_map(|n| format!("{n:e}")),
        "-?[0-9]{1,30}(\\.[0-9]{1,9})?",
        any::<String>().prop_map(|text| quoted(&text)),
        proptest::sample::select(vec![
            "\"access\"",
            "\"refresh\"",
            "\"sliding\"",
            "1700000300"
        ])
        .prop_map(ToOwned::to_owned),
    ];
    leaf.prop_recursive(4, 32, 6, move |inner| {
        let member = (name.clone(), inner.clone()).prop_map(|(name, value)| format!("{name}:{value}"));
        prop_oneof![
            1 => proptest::collection::vec(inner, 0..6).prop_map(|v| format!("[{}]", v.join(","))),
            4 => proptest::collection::vec(member, 0..8).prop_map(|v| format!("{{{}}}", v.join(","))),
        ]
    })
}

proptest! {
    #![proptest_config(seeded(300))]

    #[test]
    fn any_text(
        text in prop_oneof![any::<String>(), r"[\PC.]{0,80}", r"[A-Za-z0-9_=-]{0,40}(\.[A-Za-z0-9_=-]{0,40}){0,4}"],
        rules in any_rules(), state in any_state(), now in any_time(),
    ) {
        whole_pipeline(&Oracle::of(Algorithm::HS256), &text, &rules, &state, now);
    }

    #[test]
    fn any_bytes_in_the_three_parts(
        parts in any::<[Vec<u8>; 3]>(), rules in any_rules(), state in any_state(), now in any_time(),
    ) {
        let token = parts.each_ref().map(|part| encode(part)).join(".");
        whole_pipeline(&Oracle::of(Algorithm::HS256), &token, &rules, &state, now);
    }

    #[test]
    fn any_header_and_any_payload_well_signed(
        header in prop_oneof![
            Just(format!(r#"{{"alg":"HS256","kid":"{KEY_ID}"}}"#)), any_json(), any::<String>(),
        ],
        payload in prop_oneof![
            4 => any_json().prop_map(String::into_bytes),
            1 => any::<Vec<u8>>(),
        ],
        rules in any_rules(), state in any_state(), now in any_time(),
    ) {
        let oracle = Oracle::of(Algorithm::HS256);
        let token = oracle.sign_as(&header, &payload);
        whole_pipeline(&oracle, &token, &rules, &state, now);
    }

    #[test]
    fn any_claims_whoever_signed_them(
        payload in any_json(), rules in any_rules(), state in any_state(), now in any_time(),
    ) {
        for duplicates in [Duplicates::Refuse, Duplicates::LastWins] {
            if let Ok(object) = Object::parse(payload.clone(), duplicates)
                && let Ok(claims) = Claims::read(object, &rules.names)
            {
                everything_about(&claims, &rules, &state, now);
            }
        }
        if let Ok(custom) = CustomClaims::parse(&payload, &rules.names) {
            prop_assert_eq!(CustomClaims::stored(custom.as_stored().to_owned()), custom);
        }
    }

    #[test]
    fn any_bytes_for_a_key_and_any_text_for_an_entry(
        bytes in prop_oneof![any::<Vec<u8>>(), any::<[u8; 32]>().prop_map(Vec::from)], text in any::<String>(),
    ) {
        let _ = VerifyingKey::ed25519(&bytes);
        for algorithm in Algorithm::ALL {
            let _ = VerifyingKey::shared(algorithm, &bytes);
        }
        prop_assert!(key_part(&text).len() <= 128);
    }

    #[test]
    fn any_store_however_it_was_damaged(text in any::<String>(), counter: u32, now in any_time()) {
        let rules = Rules::default();
        let opening = Opening {
            sid: text.clone(),
            key: SessionKey::new([0; 32]),
            form: Form::Pair,
            key_id: Some(text.clone()),
            custom: CustomClaims::stored(text),
        };
        let lifetimes = Lifetimes { bearer: 1, refresh: 2, session: 0 };
        let session = Session { counter, ..Session::opened(opening, &lifetimes, now) };
        let _ = Issuer { rules: &rules, subject: None }.current(&session);
    }
}

/// Hostile sizes are refused, or read, in a time that grows with them and not with their square: the
/// largest of each takes well under a second even in a debug build.
#[test]
fn the_largest_inputs_are_read_in_no_time() {
    let oracle = Oracle::of(Algorithm::HS256);
    let names = (0..6000)
        .map(|n| format!("\"{n}\":1"))
        .collect::<Vec<_>>()
        .join(",");
    let same_start = (0..60)
        .map(|n| format!("\"{}{n}\":1", "a".repeat(700)))
        .collect::<Vec<_>>();
    let payloads = [
        format!("{{{names}}}"),
        format!("{{{}}}", same_start.join(",")),
        format!("{{\"aud\":[{}\"a\"]}}", "\"\",".repeat(15_000)),
        format!("{{\"x\":\"{}\"}}", "\\u0000".repeat(7_500)),
        format!("{{\"{}\":1}}", "\\u0000".repeat(7_500)),
        format!("{{\"x\":{}}}", "[".repeat(45_000)),
        format!("{{\"exp\":{}}}", "9".repeat(45_000)),
        format!("{{\"exp\":1.{}}}", "9".repeat(45_000)),
        format!("{}{{}}", " ".repeat(45_000)),
    ];
    for payload in payloads {
        let header = format!(r#"{{"alg":"HS256","kid":"{KEY_ID}"}}"#);
        let token = oracle.sign_as(&header, payload.as_bytes());
        whole_pipeline(
            &oracle,
            &token,
            &Rules::default(),
            &SubjectState::default(),
            1,
        );
    }
    for text in [
        "..",
        &".".repeat(70_000),
        &"a.".repeat(30_000),
        &"é".repeat(30_000),
    ] {
        whole_pipeline(
            &oracle,
            text,
            &Rules::default(),
            &SubjectState::default(),
            1,
        );
    }
}
