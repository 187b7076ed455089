//! Payloads of tokens: what a session's tokens say, as the text that gets signed.

use alloc::string::String;
use core::fmt::Write;

use crate::claims::{CLIENT_PREFIX, ClaimNames};
use crate::json::quoted;
use crate::jti::Jti;
use crate::kind::Kind;
use crate::session::{Form, Session};
use crate::validation::Rules;

/// A payload: the JSON text between header and signature. The order of its members is fixed, so
/// that the same session at the same counter gives the same bytes (I5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payload(String);

impl Payload {
    /// What [`Payload::into_string`] gave, after a way between objects.
    #[must_use]
    pub const fn stored(text: String) -> Self {
        Self(text)
    }

    /// The JSON text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The JSON text.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }
}

/// What a session issues at once: a pair, or one sliding token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payloads {
    /// The access token, or the sliding one.
    pub bearer: Payload,
    /// The refresh token, if one was issued.
    pub refresh: Option<Payload>,
}

/// Who issues to whom: what all tokens of a session have in common besides their session.
#[derive(Clone, Copy, Debug)]
pub struct Issuer<'a> {
    /// `iss`, `aud` and the claims' names.
    pub rules: &'a Rules,
    /// `sub`, and the user id unless it is a client of ours; `None` for adopted tokens of nobody.
    pub subject: Option<&'a str>,
}

impl Issuer<'_> {
    /// The tokens at the session's counter, as they were when it got there.
    #[must_use]
    pub fn current(&self, session: &Session) -> Payloads {
        let stamp = |kind, exp| Stamp {
            kind,
            jti: session.jti(kind, session.counter),
            iat: session.rotated_at,
            exp,
        };
        let bearer_exp = session.access_expires_at;
        match session.form {
            Form::Pair => Payloads {
                bearer: self.payload(session, &stamp(Kind::Access, bearer_exp)),
                refresh: Some(self.payload(session, &stamp(Kind::Refresh, session.expires_at))),
            },
            Form::Sliding => Payloads {
                bearer: self.payload(session, &stamp(Kind::Sliding, bearer_exp)),
                refresh: None,
            },
        }
    }

    /// A bearer token issued now beside the session's own: of a pair an access token with a random
    /// id, of a sliding session the same token with a later `exp`.
    #[must_use]
    pub fn renewed(&self, session: &Session, random: [u8; 16], exp: u64, now: u64) -> Payloads {
        let (kind, jti) = match session.form {
            Form::Pair => (Kind::Access, Jti::random(random)),
            Form::Sliding => (Kind::Sliding, session.jti(Kind::Sliding, session.counter)),
        };
        let bearer = self.payload(
            session,
            &Stamp {
                kind,
                jti,
                iat: now,
                exp,
            },
        );
        Payloads {
            bearer,
            refresh: None,
        }
    }

    fn payload(&self, session: &Session, stamp: &Stamp) -> Payload {
        let ClaimNames {
            user_id,
            token_type,
        } = &self.rules.names;
        let mut text = String::with_capacity(320 + session.custom.as_stored().len());
        let _ = write!(
            text,
            "{{{}:\"{}\",\"exp\":{},\"iat\":{},\"jti\":{}",
            quoted(token_type),
            stamp.kind,
            stamp.exp,
            stamp.iat,
            quoted(stamp.jti.as_str()),
        );
        if stamp.kind == Kind::Sliding {
            let _ = write!(text, ",\"refresh_exp\":{}", session.expires_at);
        }
        if let Some(subject) = self.subject {
            let quoted_subject = quoted(subject);
            if !subject.starts_with(CLIENT_PREFIX) && user_id != "sub" {
                let _ = write!(text, ",{}:{quoted_subject}", quoted(user_id));
            }
            let _ = write!(text, ",\"sub\":{quoted_subject}");
        }
        let _ = write!(text, ",\"sid\":{}", quoted(&session.sid));
        for (name, values) in [("iss", &self.rules.issuers), ("aud", &self.rules.audiences)] {
            if let Some(value) = values.first() {
                let _ = write!(text, ",\"{name}\":{}", quoted(value));
            }
        }
        text.push_str(session.custom.besides(&self.rules.names).as_stored());
        text.push('}');
        Payload(text)
    }
}

/// What tells the tokens of a session apart.
struct Stamp {
    kind: Kind,
    jti: Jti,
    iat: u64,
    exp: u64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claims::{Claims, CustomClaims, Subject, TokenType};
    use crate::json::{Duplicates, Object};
    use crate::jti::SessionKey;
    use crate::session::{Adopted, Lifetimes, Opening};
    use alloc::borrow::ToOwned;
    use proptest::prelude::*;

    const NOW: u64 = 1_700_000_000;

    fn opening(form: Form, custom: &str) -> Opening {
        Opening {
            sid: "s1".into(),
            key: SessionKey::new([2; 32]),
            form,
            key_id: None,
            custom: CustomClaims::parse(custom, &ClaimNames::default()).unwrap(),
        }
    }

    fn session(form: Form, custom: &str) -> Session {
        let lifetimes = Lifetimes {
            bearer: 300,
            refresh: 86_400,
            session: 0,
        };
        Session::opened(opening(form, custom), &lifetimes, NOW)
    }

    fn issuer<'a>(rules: &'a Rules, subject: Option<&'a str>) -> Issuer<'a> {
        Issuer { rules, subject }
    }

    fn read(payload: &Payload, names: &ClaimNames) -> Claims {
        let object = Object::parse(payload.as_str().to_owned(), Duplicates::Refuse).unwrap();
        Claims::read(object, names).unwrap()
    }

    #[test]
    fn a_pair_says_what_the_design_says_in_a_fixed_order() {
        let rules = Rules::default();
        let session = session(Form::Pair, r#"{"role":"admin"}"#);
        let pair = issuer(&rules, Some("u7")).current(&session);
        let expected = |kind: Kind, exp: u64| {
            format!(
                "{{\"token_type\":\"{kind}\",\"exp\":{exp},\"iat\":{NOW},\"jti\":\"{}\",\
                 \"user_id\":\"u7\",\"sub\":\"u7\",\"sid\":\"s1\",\"role\":\"admin\"}}",
                session.jti(kind, 0)
            )
        };
        assert_eq!(pair.bearer.as_str(), expected(Kind::Access, NOW + 300));
        assert_eq!(
            pair.refresh.unwrap().into_string(),
            expected(Kind::Refresh, NOW + 86_400)
        );
    }

    #[test]
    fn a_sliding_session_has_one_token_that_says_until_when_it_can_be_extended() {
        let rules = Rules::default();
        let session = session(Form::Sliding, "{}");
        let issued = issuer(&rules, Some("u7")).current(&session);
        assert_eq!(issued.refresh, None);
        let claims = read(&issued.bearer, &rules.names);
        assert_eq!(claims.token_type, TokenType::Of(Kind::Sliding));
        assert_eq!(claims.exp, Some(NOW + 300));
        assert_eq!(claims.refresh_exp, Some(NOW + 86_400));
    }

    #[test]
    fn extending_a_sliding_token_changes_its_iat_and_exp_and_nothing_else() {
        let rules = Rules::default();
        let session = session(Form::Sliding, r#"{"role":"admin"}"#);
        let issuer = issuer(&rules, Some("u7"));
        let later = issuer.renewed(&session, [7; 16], NOW + 400, NOW + 100);
        let expected = issuer
            .current(&session)
            .bearer
            .into_string()
            .replace(
                &format!("\"exp\":{}", NOW + 300),
                &format!("\"exp\":{}", NOW + 400),
            )
            .replace(&format!("\"iat\":{NOW}"), &format!("\"iat\":{}", NOW + 100));
        assert_eq!(later.bearer.into_string(), expected);
        assert_eq!(later.refresh, None);
    }

    #[test]
    fn a_renewed_access_token_has_a_random_id_and_comes_alone() {
        let rules = Rules::default();
        let session = session(Form::Pair, "{}");
        let renewed = issuer(&rules, Some("u7")).renewed(&session, [0xAB; 16], NOW + 9, NOW + 5);
        assert_eq!(renewed.refresh, None);
        let claims = read(&renewed.bearer, &rules.names);
        assert_eq!(claims.token_type, TokenType::Of(Kind::Access));
        assert_eq!(claims.jti, Some(Jti::random([0xAB; 16])));
        assert_eq!(claims.jti.unwrap().as_str(), "ab".repeat(16));
        assert_eq!((claims.iat, claims.exp), (Some(NOW + 5), Some(NOW + 9)));
        assert_eq!(claims.sid.as_deref(), Some("s1"));
    }

    #[test]
    fn who_is_meant_stands_under_both_names_unless_it_is_a_client_or_nobody() {
        let named = |user_id: &str| Rules {
            names: ClaimNames {
                user_id: user_id.into(),
                ..ClaimNames::default()
            },
            ..Rules::default()
        };
        let cases = [
            // name, subject, what stands under that name, what stands under `sub`
            ("user_id", Some("7"), Some("\"7\""), Some("\"7\"")),
            ("uid", Some("7"), Some("\"7\""), Some("\"7\"")),
            ("sub", Some("7"), Some("\"7\""), Some("\"7\"")),
            ("user_id", Some("client:w"), None, Some("\"client:w\"")),
            ("user_id", None, None, None),
        ];
        for (name, subject, user_id, sub) in cases {
            let rules = named(name);
            let pair = issuer(&rules, subject).current(&session(Form::Pair, "{}"));
            let text = pair.bearer.as_str().to_owned();
            let object = Object::parse(text, Duplicates::Refuse).unwrap();
            assert_eq!(object.get(name).map(|v| v.text()), user_id, "{object:?}");
            assert_eq!(object.get("sub").map(|v| v.text()), sub, "{object:?}");
            let who = read(&pair.bearer, &rules.names).subject;
            match subject {
                Some(subject) => assert_eq!(who, Subject::Of(subject.into())),
                None => assert_eq!(who, Subject::Absent),
            }
        }
    }

    #[test]
    fn issuer_and_audience_are_written_once_set() {
        let rules = Rules {
            issuers: vec!["https://a".into()],
            audiences: vec!["api".into()],
            ..Rules::default()
        };
        let pair = issuer(&rules, Some("u")).current(&session(Form::Pair, "{}"));
        for payload in [pair.bearer, pair.refresh.unwrap()] {
            assert!(
                payload
                    .as_str()
                    .ends_with(r#","sid":"s1","iss":"https://a","aud":"api"}"#)
            );
        }
    }

    #[test]
    fn the_tokens_of_a_rotation_are_as_old_as_the_rotation() {
        let rules = Rules::default();
        let rotated = Session {
            counter: 4,
            rotated_at: NOW + 777,
            ..session(Form::Pair, "{}")
        };
        let pair = issuer(&rules, Some("u")).current(&rotated);
        for payload in [pair.bearer, pair.refresh.unwrap()] {
            assert_eq!(read(&payload, &rules.names).iat, Some(NOW + 777));
        }
    }

    #[test]
    fn an_adopted_sessions_first_own_pair_has_own_ids_and_the_carried_claims() {
        let rules = Rules::default();
        let token = Adopted {
            jti: Jti::presented("django".into()),
            iat: NOW,
            exp: NOW + 9,
            refresh_exp: NOW + 9,
        };
        let adopted = Session::adopted(opening(Form::Pair, r#"{"role":"x"}"#), token, NOW);
        let next = Session {
            counter: 1,
            ..adopted
        };
        let pair = issuer(&rules, None).current(&next);
        let claims = read(&pair.refresh.unwrap(), &rules.names);
        assert_eq!(claims.jti, Some(next.jti(Kind::Refresh, 1)));
        assert_eq!(claims.custom().as_stored(), r#","role":"x""#);
    }

    #[test]
    fn a_claims_new_name_does_not_stand_twice_where_a_session_carries_it_already() {
        // The setting was changed after sign-in. Who takes the last of two members would take the
        // custom one for the user.
        let rules = Rules {
            names: ClaimNames {
                user_id: "uid".into(),
                token_type: "kind".into(),
            },
            ..Rules::default()
        };
        let session = session(
            Form::Pair,
            r#"{"uid":"admin","role":"x","\u006bind":"refresh","n":[1,{"uid":2}]}"#,
        );
        let pair = issuer(&rules, Some("u7")).current(&session);
        let claims = read(&pair.bearer, &rules.names);
        assert_eq!(claims.subject, Subject::Of("u7".into()));
        assert_eq!(claims.token_type, TokenType::Of(Kind::Access));
        assert_eq!(
            claims.custom().as_stored(),
            r#","role":"x","n":[1,{"uid":2}]"#
        );
    }

    proptest! {
        #[test]
        fn what_is_issued_reads_back_as_what_was_meant(
            subject in any::<String>(), sid in any::<String>(), iss in any::<String>(),
            aud in any::<String>(), user_id in "[a-z_\"\\\\é]{1,6}", value in any::<String>(),
            counter: u32, sliding: bool,
        ) {
            let rules = Rules {
                issuers: vec![iss.clone()],
                audiences: vec![aud.clone()],
                names: ClaimNames { user_id, ..ClaimNames::default() },
                ..Rules::default()
            };
            prop_assume!(!rules.names.clash() && !subject.is_empty());
            let form = if sliding { Form::Sliding } else { Form::Pair };
            let custom = format!("{{\"Custom\":{}}}", quoted(&value));
            let session = Session { counter, sid: sid.clone(), ..session(form, &custom) };
            let issued = issuer(&rules, Some(&subject)).current(&session);
            for payload in [Some(issued.bearer), issued.refresh].into_iter().flatten() {
                let claims = read(&payload, &rules.names);
                let TokenType::Of(kind) = claims.token_type else { panic!("{payload:?}") };
                prop_assert_eq!(&claims.subject, &Subject::Of(subject.clone()));
                prop_assert_eq!(claims.sid.as_deref(), Some(sid.as_str()));
                prop_assert_eq!(claims.iss.as_deref(), Some(iss.as_str()));
                prop_assert_eq!(&claims.aud, &vec![aud.clone()]);
                prop_assert_eq!(&claims.jti, &Some(session.jti(kind, counter)));
                prop_assert_eq!(claims.custom(), session.custom.clone());
                prop_assert!(serde_json::from_str::<serde_json::Value>(payload.as_str()).is_ok());
            }
        }
    }
}
