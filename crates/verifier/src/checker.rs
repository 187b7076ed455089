//! What a verifier knows, and its verdict on a token: everything but the boundary to JavaScript.

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use hallpass_core::claims::Claims;
use hallpass_core::compact::Header;
use hallpass_core::jwks::{self, Jwk, Secrets, Unusable, Wanted};
use hallpass_core::key::BadKey;
use hallpass_core::revocation::Target;
use hallpass_core::validation::{self, Kinds};
use hallpass_core::{
    Algorithm, Rejection, Rules, Subject, Untrusted, Valid, VerifyingKey, VerifyingKeys,
};

use crate::answer::Refusal;

/// What a verifier asks of tokens.
#[derive(Debug, Default)]
pub(crate) struct Demands {
    pub(crate) rules: Rules,
    pub(crate) kinds: Kinds,
    /// Claims that have to be there, besides `exp`.
    pub(crate) required: Vec<String>,
    /// The algorithms that are accepted; without, those that the keys name.
    pub(crate) algorithms: Option<Vec<Algorithm>>,
}

/// That, and the keys it knows.
#[derive(Debug)]
pub(crate) struct Checker {
    demands: Demands,
    keys: VerifyingKeys,
    /// For each of `keys`, the place of its JWK in the set.
    places: Vec<usize>,
}

/// What a token is verified for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    /// Whatever the caller likes.
    Any,
    /// To let its bearer in: it can be told from others, says its type, and is somebody's.
    Bearer,
}

/// How far a token got.
#[derive(Debug)]
pub(crate) enum Verdict {
    Verified(Box<Verified>),
    /// Whether it is signed has to be asked of WebCrypto.
    Asks(Vec<Candidate>),
}

/// A token that is good, and what in the blacklist could call it back.
#[derive(Debug)]
pub(crate) struct Verified {
    /// The header as it was written.
    pub(crate) header: String,
    pub(crate) token: Valid,
    pub(crate) targets: Vec<String>,
}

/// A key that could have signed the token, of those that are left to WebCrypto.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Candidate {
    /// Its place among the checker's keys.
    pub(crate) key: usize,
    /// The place of its JWK in the set.
    pub(crate) place: usize,
    pub(crate) algorithm: Algorithm,
}

/// What WebCrypto said of a candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) key: usize,
    pub(crate) holds: bool,
}

/// Everything that is wrong with a token.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Explanation {
    Failures {
        /// The token's own texts, if it could be read.
        texts: Option<(String, String)>,
        failures: Vec<Refusal>,
    },
    Asks(Vec<Candidate>),
}

/// A key of a set that is not used.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unused {
    pub(crate) place: usize,
    pub(crate) key_id: Option<String>,
    pub(crate) why: Unusable,
}

impl Checker {
    /// One that knows no keys yet.
    pub(crate) fn new(demands: Demands) -> Self {
        Self {
            demands,
            keys: VerifyingKeys::default(),
            places: Vec::new(),
        }
    }

    /// Takes a shared secret as its key, once for each algorithm; HS256 unless others are named.
    pub(crate) fn with_secret(mut self, secret: &[u8]) -> Result<Self, BadKey> {
        let algorithms = self
            .demands
            .algorithms
            .get_or_insert_with(|| vec![Algorithm::HS256]);
        let (mut keys, mut places) = (Vec::new(), Vec::new());
        for algorithm in algorithms {
            if algorithm.is_shared_secret() && secret.len() < algorithm.hash_bytes() {
                return Err(BadKey::TooShort);
            }
            keys.push(VerifyingKey::shared(*algorithm, secret)?);
            places.push(0);
        }
        (self.keys, self.places) = (keys.into(), places);
        Ok(self)
    }

    /// Takes a set of keys in place of those it had; tells which are not used.
    pub(crate) fn load(
        &mut self,
        set: &str,
        secrets: Secrets,
    ) -> Result<Vec<Unused>, jwks::NotASet> {
        let wanted = Wanted {
            algorithms: self.demands.algorithms.as_deref(),
            secrets,
        };
        let (mut keys, mut places, mut unused) = (Vec::new(), Vec::new(), Vec::new());
        for (place, Jwk { key_id, usable }) in jwks::parse(set, wanted)?.into_iter().enumerate() {
            match usable {
                Ok(usable) => {
                    places.extend(usable.iter().map(|_| place));
                    keys.extend(usable);
                }
                Err(why) => unused.push(Unused { place, key_id, why }),
            }
        }
        (self.keys, self.places) = (keys.into(), places);
        Ok(unused)
    }

    /// How many keys are used.
    pub(crate) fn key_count(&self) -> usize {
        self.places.len()
    }

    /// The verdict on a token, at `now`, in the core's order: form, signature, claims. `said` is what
    /// WebCrypto said, once it was asked.
    pub(crate) fn verify(
        &self,
        token: &str,
        purpose: Use,
        now: u64,
        said: Option<Said>,
    ) -> Result<Verdict, Refusal> {
        let untrusted = Untrusted::parse(token)?;
        let header = untrusted.header_text().to_owned();
        let names = &self.demands.rules.names;
        let authentic = if let Some(said) = said {
            let key = self.key(said.key).ok_or(Rejection::UnknownKey)?;
            untrusted.authenticate_elsewhere(key, said.holds, names)?
        } else {
            let asks = self.candidates(untrusted.header())?;
            if !asks.is_empty() {
                return Ok(Verdict::Asks(asks));
            }
            untrusted.authenticate(&self.keys, names)?
        };
        let valid = authentic.validate(&self.demands.rules, now)?;
        let claims = valid.claims();
        if let Some(refusal) = self.unmet(claims, purpose).into_iter().next() {
            return Err(refusal);
        }
        let targets = match purpose {
            Use::Any => Vec::new(),
            Use::Bearer => targets(claims, valid.key_id()),
        };
        Ok(Verdict::Verified(Box::new(Verified {
            header,
            token: valid,
            targets,
        })))
    }

    /// Every rule that a token breaks, in the order in which [`Self::verify`] looks at them.
    pub(crate) fn explain(
        &self,
        token: &str,
        purpose: Use,
        now: u64,
        said: Option<Said>,
    ) -> Explanation {
        let untrusted = match Untrusted::parse(token) {
            Ok(untrusted) => untrusted,
            Err(malformed) => {
                return Explanation::Failures {
                    texts: None,
                    failures: vec![malformed.into()],
                };
            }
        };
        let names = &self.demands.rules.names;
        let signature = match (said, self.candidates(untrusted.header())) {
            (None, Ok(asks)) if !asks.is_empty() => return Explanation::Asks(asks),
            (_, Err(rejection)) => Some(rejection),
            (Some(Said { holds, .. }), Ok(_)) => (!holds).then_some(Rejection::BadSignature),
            (None, Ok(_)) => {
                let verdict = untrusted.clone().authenticate(&self.keys, names);
                verdict
                    .err()
                    .filter(|rejection| *rejection == Rejection::BadSignature)
            }
        };
        let header = untrusted.header_text().to_owned();
        let payload = untrusted.payload().clone();
        let text = payload.as_str().to_owned();
        let (claims, wrong) = Claims::inspect(payload, names);
        let broken = validation::failures(&claims, &self.demands.rules, now);
        let mut failures: Vec<Refusal> = Vec::new();
        for rejection in signature.into_iter().chain(wrong).chain(broken) {
            failures.push(rejection.into());
        }
        failures.extend(self.unmet(&claims, purpose));
        Explanation::Failures {
            texts: Some((header, text)),
            failures,
        }
    }

    fn key(&self, key: usize) -> Option<&VerifyingKey> {
        self.keys.iter().nth(key)
    }

    /// The keys to ask WebCrypto for. A header names one algorithm, so either all that are meant by
    /// it are left to WebCrypto or none.
    fn candidates(&self, header: &Header) -> Result<Vec<Candidate>, Rejection> {
        let meant = self.keys.meant_by(header)?;
        if meant
            .into_iter()
            .all(|key| key.algorithm().is_checked_here())
        {
            return Ok(Vec::new());
        }
        let placed = self.keys.iter().zip(&self.places).enumerate();
        let meant = placed.filter(|(_, (key, _))| key.is_meant_by(header));
        let candidates = meant.map(|(key, (verifying, place))| Candidate {
            key,
            place: *place,
            algorithm: verifying.algorithm(),
        });
        Ok(candidates.collect())
    }

    /// What this use needs that the claims have not.
    fn unmet(&self, claims: &Claims, purpose: Use) -> Vec<Refusal> {
        let (kinds, token_type) = (&self.demands.kinds, claims.token_type);
        let (kind, id, subject) = match purpose {
            Use::Any => (kinds.refusal(token_type), None, None),
            Use::Bearer => (
                kinds.refusal_if_unsaid(token_type),
                Some("jti"),
                nobody(claims),
            ),
        };
        let missing = |name: &str| (!claims.mentions(name)).then(|| Refusal::missing(name));
        let mut unmet = Vec::new();
        unmet.extend(missing("exp"));
        let names = &self.demands.rules.names;
        unmet.extend(kind.map(|rejection| Refusal::by_name(rejection, names)));
        for name in &self.demands.required {
            unmet.extend(missing(name));
        }
        unmet.extend(id.and_then(missing));
        unmet.extend(subject.map(Refusal::from));
        unmet
    }
}

/// A subject that cannot be anybody's.
fn nobody(claims: &Claims) -> Option<Rejection> {
    match claims.subject {
        Subject::Nobody | Subject::Unreadable => Some(Rejection::NoSuchSubject),
        Subject::Absent | Subject::Of(_) => None,
    }
}

fn targets(claims: &Claims, key_id: Option<&str>) -> Vec<String> {
    Target::all_of(claims, key_id)
        .iter()
        .map(Target::key)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use hallpass_core::Kind;
    use hallpass_core::compact::encode;
    use hmac::{Hmac, KeyInit, Mac};

    const SECRET: &[u8] = b"a shared secret of some 32 bytes";
    const NOW: u64 = 1_700_000_000;
    const HEADER: &str = r#"{"alg":"HS256","kid":"k1"}"#;
    const GOOD: &str = r#"{"exp":1700000300,"iat":1700000000,"jti":"j","sid":"s","sub":"u","token_type":"access"}"#;

    fn signed(header: &str, payload: &str) -> String {
        let input = [header, payload]
            .map(|part| encode(part.as_bytes()))
            .join(".");
        let mac = Hmac::<sha2::Sha256>::new_from_slice(SECRET).unwrap();
        let tag = mac.chain_update(&input).finalize().into_bytes();
        format!("{input}.{}", encode(&tag))
    }

    fn checker(demands: Demands) -> Checker {
        Checker::new(demands).with_secret(SECRET).unwrap()
    }

    fn usual() -> Checker {
        checker(Demands::default())
    }

    fn verdict(checker: &Checker, purpose: Use, token: &str) -> Result<Verdict, Refusal> {
        checker.verify(token, purpose, NOW, None)
    }

    /// A set with a P-256 key `e` and RSA keys `r` (RS256) and without `kid` (any RSA algorithm).
    fn set() -> String {
        let field = encode(&[7; 32]);
        let modulus = encode(&[0xFF; 256]);
        format!(
            r#"{{"keys":[
                {{"kty":"EC","crv":"P-256","x":"{field}","y":"{field}","kid":"e"}},
                {{"kty":"OKP","crv":"X25519","x":"{field}","kid":"x"}},
                {{"kty":"RSA","n":"{modulus}","e":"AQAB","kid":"r","alg":"RS256"}},
                {{"kty":"RSA","n":"{modulus}","e":"AQAB"}}]}}"#
        )
    }

    fn with_set(algorithms: Option<Vec<Algorithm>>) -> (Checker, Vec<Unused>) {
        let mut checker = Checker::new(Demands {
            algorithms,
            ..Demands::default()
        });
        let unused = checker.load(&set(), Secrets::Refused).unwrap();
        (checker, unused)
    }

    #[test]
    fn a_good_token_is_answered_as_it_is_written() {
        let Verdict::Verified(verified) =
            verdict(&usual(), Use::Any, &signed(HEADER, GOOD)).unwrap()
        else {
            panic!("an HMAC is checked here")
        };
        let claims = verified.token.claims().payload();
        assert_eq!((verified.header.as_str(), claims), (HEADER, GOOD));
        assert!(verified.targets.is_empty());
    }

    #[test]
    fn a_bearers_token_comes_with_all_that_could_call_it_back() {
        let Verdict::Verified(verified) =
            verdict(&usual(), Use::Bearer, &signed(HEADER, GOOD)).unwrap()
        else {
            panic!("an HMAC is checked here")
        };
        assert_eq!(verified.targets, ["sub:u", "kid:k1", "sid:s", "jti:j"]);
    }

    #[test]
    fn every_row_of_what_the_uses_ask_for() {
        let exp = r#""exp":1700000300"#;
        #[rustfmt::skip]
        let rows = [
            (r#""jti":"j""#.to_owned(), Some(("missing_claim", "exp")), Some(("missing_claim", "exp"))),
            (exp.to_owned(), None, Some(("missing_claim", "token_type"))),
            (format!(r#"{exp},"token_type":"access""#), None, Some(("missing_claim", "jti"))),
            (format!(r#"{exp},"token_type":"access","jti":"j""#), None, None),
            (format!(r#"{exp},"token_type":"refresh","jti":"j""#), Some(("wrong_kind", "token_type")), Some(("wrong_kind", "token_type"))),
            (format!(r#"{exp},"token_type":7,"jti":"j""#), Some(("wrong_kind", "token_type")), Some(("wrong_kind", "token_type"))),
            (format!(r#"{exp},"token_type":"access","jti":"j","user_id":"""#), None, Some(("no_such_subject", "sub"))),
            (format!(r#"{exp},"token_type":"access","jti":"j","user_id":{{}}"#), None, Some(("no_such_subject", "sub"))),
        ];
        for (claims, any, bearer) in rows {
            let token = signed(HEADER, &format!("{{{claims}}}"));
            for (purpose, expected) in [(Use::Any, any), (Use::Bearer, bearer)] {
                let refusal = verdict(&usual(), purpose, &token).err();
                let told = refusal
                    .as_ref()
                    .map(|r| (r.code, r.claim.as_deref().unwrap_or("")));
                assert_eq!(told, expected, "{purpose:?} {claims}");
            }
        }
    }

    #[test]
    fn a_bearer_is_let_in_where_the_core_lets_one_in() {
        let exp = r#""exp":1700000300"#;
        let [id, subject] = [r#","jti":"j""#, r#","sub":"u","sid":"s""#];
        let types = ["", "access", "refresh", "sliding", "other"];
        let users = [
            "",
            r#","user_id":"""#,
            r#","user_id":{}"#,
            r#","user_id":7"#,
        ];
        for (exp, id, subject) in [
            (exp, id, subject),
            ("\"a\":1", id, subject),
            (exp, "", subject),
            (exp, id, ""),
        ] {
            for (said, user) in types.iter().flat_map(|said| users.map(|user| (said, user))) {
                let said = if said.is_empty() {
                    String::new()
                } else {
                    format!(r#","token_type":"{said}""#)
                };
                let token = signed(HEADER, &format!("{{{exp}{id}{subject}{said}{user}}}"));
                let valid = Untrusted::parse(&token)
                    .unwrap()
                    .authenticate(&usual().keys, &Rules::default().names)
                    .unwrap()
                    .validate(&Rules::default(), NOW)
                    .unwrap();
                let core = valid.require(&[Kind::Access]).is_ok();
                assert_eq!(
                    verdict(&usual(), Use::Bearer, &token).is_ok(),
                    core,
                    "{said} {user}"
                );
            }
        }
    }

    #[test]
    fn claims_that_are_asked_for_by_name_have_to_be_there() {
        let checker = checker(Demands {
            required: vec!["sub".into(), "o\"rg".into()],
            ..Demands::default()
        });
        let missing = verdict(&checker, Use::Any, &signed(HEADER, GOOD)).unwrap_err();
        let json = r#"{"code":"missing_claim","claim":"o\"rg","reason":"the claim is missing"}"#;
        assert_eq!(missing.to_json(), json);
        let there = GOOD.replace('}', r#","o\"rg":null}"#);
        assert!(verdict(&checker, Use::Any, &signed(HEADER, &there)).is_ok());
    }

    #[test]
    fn what_is_explained_first_is_what_verify_refuses_for() {
        let checker = checker(Demands {
            rules: Rules {
                issuers: vec!["me".into()],
                ..Rules::default()
            },
            required: vec!["org".into()],
            ..Demands::default()
        });
        let forged = |token: String| token.split_at(token.len() - 4).0.to_owned() + "AAAA";
        let bad = r#"{"exp":5,"iat":"x","sub":1,"token_type":"refresh"}"#;
        let tokens = [
            ("x.y".to_owned(), vec!["malformed"]),
            (
                signed(r#"{"alg":"none"}"#, GOOD),
                vec!["algorithm_not_allowed", "wrong_issuer", "missing_claim"],
            ),
            (
                forged(signed(HEADER, bad)),
                vec![
                    "bad_signature",
                    "wrong_form",
                    "wrong_form",
                    "expired",
                    "wrong_issuer",
                    "wrong_kind",
                    "missing_claim",
                ],
            ),
            (signed(HEADER, GOOD), vec!["wrong_issuer", "missing_claim"]),
        ];
        for (token, codes) in tokens {
            let Explanation::Failures { failures, .. } =
                checker.explain(&token, Use::Any, NOW, None)
            else {
                panic!("an HMAC is checked here")
            };
            let told: Vec<_> = failures.iter().map(|failure| failure.code).collect();
            assert_eq!(told, codes, "{token}");
            let refusal = verdict(&checker, Use::Any, &token).unwrap_err();
            assert_eq!(Some(&refusal), failures.first());
        }
    }

    #[test]
    fn a_token_with_nothing_wrong_has_nothing_to_explain() {
        let explanation = usual().explain(&signed(HEADER, GOOD), Use::Bearer, NOW, None);
        let texts = Some((HEADER.to_owned(), GOOD.to_owned()));
        let failures = Vec::new();
        assert_eq!(explanation, Explanation::Failures { texts, failures });
    }

    #[test]
    fn web_crypto_is_asked_for_the_keys_that_could_have_signed() {
        let asked = |checker: &Checker, header: &str| match verdict(
            checker,
            Use::Any,
            &signed(header, GOOD),
        ) {
            Ok(Verdict::Asks(asks)) => Ok(asks
                .iter()
                .map(|ask| (ask.key, ask.place))
                .collect::<Vec<_>>()),
            Ok(Verdict::Verified(_)) => panic!("nobody has checked it"),
            Err(refusal) => Err(refusal.code),
        };
        let (checker, unused) = with_set(None);
        let told: Vec<_> = unused
            .iter()
            .map(|unused| (unused.place, unused.why))
            .collect();
        assert_eq!(told, [(1, Unusable::Type), (3, Unusable::Algorithm)]);
        assert_eq!(
            asked(&checker, r#"{"alg":"ES256","kid":"e"}"#),
            Ok(vec![(0, 0)])
        );
        assert_eq!(asked(&checker, r#"{"alg":"ES256"}"#), Ok(vec![(0, 0)]));
        assert_eq!(
            asked(&checker, r#"{"alg":"RS256","kid":"r"}"#),
            Ok(vec![(1, 2)])
        );
        assert_eq!(
            asked(&checker, r#"{"alg":"ES256","kid":"r"}"#),
            Err("unknown_key")
        );
        assert_eq!(
            asked(&checker, r#"{"alg":"PS256"}"#),
            Err("algorithm_not_allowed")
        );
        assert_eq!(
            asked(&checker, r#"{"alg":"HS256"}"#),
            Err("algorithm_not_allowed")
        );
        let (named, _) = with_set(Some(vec![Algorithm::RS256, Algorithm::PS256]));
        assert_eq!(
            asked(&named, r#"{"alg":"RS256","kid":"r"}"#),
            Ok(vec![(0, 2), (1, 3)])
        );
        assert_eq!(
            asked(&named, r#"{"alg":"PS256","kid":"r"}"#),
            Ok(vec![(2, 3)])
        );
        assert_eq!(
            asked(&named, r#"{"alg":"ES256"}"#),
            Err("algorithm_not_allowed")
        );
    }

    #[test]
    fn what_web_crypto_says_counts_for_the_key_it_was_asked_for() {
        let (checker, _) = with_set(None);
        let token = signed(r#"{"alg":"ES256","kid":"e"}"#, GOOD);
        let told = |key, holds| {
            let said = Some(Said { key, holds });
            let verdict = checker.verify(&token, Use::Any, NOW, said);
            verdict
                .map(|verdict| assert!(matches!(verdict, Verdict::Verified(_))))
                .map_err(|refusal| refusal.code)
        };
        assert_eq!(told(0, true), Ok(()));
        assert_eq!(told(0, false), Err("bad_signature"));
        // Of another algorithm, and of no key at all.
        assert_eq!(told(1, true), Err("unknown_key"));
        assert_eq!(told(9, true), Err("unknown_key"));
        let late = checker.verify(
            &token,
            Use::Any,
            NOW + 300,
            Some(Said {
                key: 0,
                holds: true,
            }),
        );
        assert_eq!(late.unwrap_err().code, "expired");
    }

    #[test]
    fn secrets_have_the_length_of_their_hash_and_serve_the_algorithms_named() {
        let with = |algorithms: Option<Vec<Algorithm>>, bytes: usize| {
            let demands = Demands {
                algorithms,
                ..Demands::default()
            };
            Checker::new(demands)
                .with_secret(&vec![7; bytes])
                .map(|checker| checker.key_count())
        };
        assert_eq!(with(None, 32), Ok(1));
        assert_eq!(with(None, 31), Err(BadKey::TooShort));
        assert_eq!(
            with(Some(vec![Algorithm::HS384]), 47),
            Err(BadKey::TooShort)
        );
        assert_eq!(
            with(Some(vec![Algorithm::HS256, Algorithm::HS512]), 63),
            Err(BadKey::TooShort)
        );
        assert_eq!(
            with(Some(vec![Algorithm::HS256, Algorithm::HS512]), 64),
            Ok(2)
        );
        assert_eq!(
            with(Some(vec![Algorithm::ES256]), 64),
            Err(BadKey::WrongAlgorithm)
        );
    }

    #[test]
    fn no_refresh_token_passes_for_an_access_token_unless_it_is_asked_for() {
        let refresh = signed(HEADER, &GOOD.replace("access", "refresh"));
        assert_eq!(
            verdict(&usual(), Use::Any, &refresh).unwrap_err().code,
            "wrong_kind"
        );
        let asking = checker(Demands {
            kinds: Kinds::Said(vec![Kind::Refresh]),
            ..Demands::default()
        });
        assert!(verdict(&asking, Use::Bearer, &refresh).is_ok());
        let any = checker(Demands {
            kinds: Kinds::Any,
            ..Demands::default()
        });
        assert!(
            verdict(
                &any,
                Use::Any,
                &signed(HEADER, &GOOD.replace("access", "else"))
            )
            .is_ok()
        );
    }
}
