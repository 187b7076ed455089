//! What a verifier knows, and its verdict on a token: everything but the boundary to JavaScript.

use hallpass_core::claims::Claims;
use hallpass_core::compact::Header;
use hallpass_core::jwks::{self, Jwk, Secrets, Unusable, Wanted};
use hallpass_core::key::BadKey;
use hallpass_core::revocation::Target;
use hallpass_core::validation::{self, Kinds};
use hallpass_core::{Algorithm, Rejection, Rules, Subject, Untrusted, VerifyingKey, VerifyingKeys};

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
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Verified(Verified),
    /// Whether it is signed has to be asked of WebCrypto.
    Asks(Vec<Candidate>),
}

/// A token's own texts, and what in the blacklist could call it back.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Verified {
    pub(crate) header: String,
    pub(crate) claims: String,
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
            .algorithms
            .get_or_insert_with(|| vec![Algorithm::HS256]);
        let keys = algorithms.iter().map(|algorithm| {
            if algorithm.is_shared_secret() && secret.len() < algorithm.hash_bytes() {
                return Err(BadKey::TooShort);
            }
            VerifyingKey::shared(*algorithm, secret)
        });
        self.keys = keys.collect::<Result<_, _>>()?;
        self.places = vec![0; algorithms.len()];
        Ok(self)
    }

    /// Takes a set of keys in place of those it had; tells which are not used.
    pub(crate) fn load(
        &mut self,
        set: &str,
        secrets: Secrets,
    ) -> Result<Vec<Unused>, jwks::NotASet> {
        let wanted = Wanted {
            algorithms: self.demands.algorithms.clone(),
            secrets,
        };
        let (mut keys, mut places, mut unused) = (Vec::new(), Vec::new(), Vec::new());
        for (place, Jwk { key_id, usable }) in jwks::parse(set, &wanted)?.into_iter().enumerate() {
            match usable {
                Ok(usable) => {
                    places.extend(usable.iter().map(|_| place));
                    keys.extend(usable);
                }
                Err(why) => unused.push(Unused { place, key_id, why }),
            }
        }
        (self.keys, self.places) = (keys.into_iter().collect(), places);
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
        if let Some(refusal) = self.unmet(claims, purpose).next() {
            return Err(refusal);
        }
        let targets = match purpose {
            Use::Any => Vec::new(),
            Use::Bearer => targets(claims, valid.key_id()),
        };
        Ok(Verdict::Verified(Verified {
            header,
            claims: claims.payload().to_owned(),
            targets,
        }))
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
        let failures = signature.into_iter().chain(wrong).chain(broken);
        let failures = failures
            .map(Refusal::from)
            .chain(self.unmet(&claims, purpose));
        Explanation::Failures {
            texts: Some((header, text)),
            failures: failures.collect(),
        }
    }

    /// Whether a blacklist entry, found under `key`, calls the token back. A key that is not the
    /// token's does not, nor does anything a text that is no token.
    pub(crate) fn calls_back(&self, token: &str, key: &str, entry: &str) -> bool {
        let Ok(untrusted) = Untrusted::parse(token) else {
            return false;
        };
        let key_id = untrusted.header().key_id.clone();
        let (claims, _) = Claims::inspect(untrusted.payload().clone(), &self.demands.rules.names);
        Target::all_of(&claims, key_id.as_deref())
            .into_iter()
            .any(|target| target.to_string() == key && target.hits(entry, &claims))
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
    fn unmet(&self, claims: &Claims, purpose: Use) -> impl Iterator<Item = Refusal> {
        let missing = |name: &str| (!claims.mentions(name)).then(|| Refusal::missing(name));
        let exp = missing("exp");
        let is_bearer = purpose == Use::Bearer;
        let kinds = if is_bearer {
            self.demands.kinds.clone().said()
        } else {
            self.demands.kinds.clone()
        };
        let names = &self.demands.rules.names;
        let kind = kinds.refusal(claims.token_type);
        let kind = kind.map(|rejection| Refusal::by_name(rejection, names));
        let required: Vec<_> = self
            .demands
            .required
            .iter()
            .filter_map(|name| missing(name))
            .collect();
        let jti = missing("jti").filter(|_| is_bearer);
        let subject = match claims.subject {
            Subject::Nobody | Subject::Unreadable if is_bearer => {
                Some(Rejection::NoSuchSubject.into())
            }
            Subject::Nobody | Subject::Unreadable | Subject::Absent | Subject::Of(_) => None,
        };
        exp.into_iter()
            .chain(kind)
            .chain(required)
            .chain(jti)
            .chain(subject)
    }
}

fn targets(claims: &Claims, key_id: Option<&str>) -> Vec<String> {
    Target::all_of(claims, key_id)
        .iter()
        .map(ToString::to_string)
        .collect()
}
