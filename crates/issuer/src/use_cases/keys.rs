//! The keys that sign and verify here.

use std::cell::RefCell;
use std::rc::Rc;

use hallpass_core::compact::decode;
use hallpass_core::issuance::Payload;
use hallpass_core::session::Form;
use hallpass_core::{
    Algorithm, Kind, Rejection, Rules, Untrusted, Valid, VerifyingKey, VerifyingKeys,
};
use jsonwebtoken::jwk::JwkSet;

use super::{Failure, Tokens, World};
use crate::adapters::clock;
use crate::adapters::sealing_aes::Sealer;
use crate::adapters::signing_jsonwebtoken::SigningKey;
use crate::config::Signing;
use crate::fault::Fault;
use crate::objects::keyring::{KeyringStub, SealedKey};
use crate::objects::subject::message::Unsigned;

/// For how long an isolate uses the ring without asking for it again, in milliseconds.
const RING_CACHE_MS: u64 = 60_000;

/// How old the ring has to be to be asked for again when a token names a key that is not in it, in
/// milliseconds: whoever makes up key ids cannot make us ask at every request.
const RING_COOLDOWN_MS: u64 = 5_000;

/// The keys of one moment.
pub(crate) struct Keys {
    /// The last one signs what is issued now; the others sign replays.
    signing: Vec<SigningKey>,
    verifying: VerifyingKeys,
    public: JwkSet,
}

struct Cached {
    keys: Rc<Keys>,
    at: u64,
}

thread_local! {
    static CACHE: RefCell<Option<Cached>> = const { RefCell::new(None) };
}

impl World {
    /// The keys, as they were less than a minute ago.
    pub(crate) async fn keys(&self) -> Result<Rc<Keys>, Fault> {
        self.keys_not_older_than(RING_CACHE_MS).await
    }

    async fn keys_not_older_than(&self, milliseconds: u64) -> Result<Rc<Keys>, Fault> {
        let now = clock::milliseconds();
        let fresh = |cached: &Cached| now.saturating_sub(cached.at) < milliseconds;
        let cached = CACHE.with_borrow(|cache| {
            cache
                .as_ref()
                .filter(|cached| fresh(cached))
                .map(|cached| Rc::clone(&cached.keys))
        });
        if let Some(keys) = cached {
            return Ok(keys);
        }
        let keys = Rc::new(match &self.config.signing {
            Signing::Shared(algorithm, secret) => Keys::shared(*algorithm, secret.expose())?,
            Signing::Ring(secret) => {
                Keys::ring(&KeyringStub::new(&self.env).ring().await?, secret.expose())?
            }
        });
        CACHE.set(Some(Cached {
            keys: Rc::clone(&keys),
            at: now,
        }));
        Ok(keys)
    }

    /// Reads a token: its form, its signature by one of our keys, its claims, now.
    pub(crate) async fn validate(&self, token: &str) -> Result<Valid, Failure> {
        self.validate_by(token, &self.config.rules).await
    }

    /// The same for tokens of any audience: a client's own are for others.
    pub(crate) async fn validate_for_anyone(&self, token: &str) -> Result<Valid, Failure> {
        let rules = Rules {
            audience: None,
            ..self.config.rules.clone()
        };
        self.validate_by(token, &rules).await
    }

    async fn validate_by(&self, token: &str, rules: &Rules) -> Result<Valid, Failure> {
        let untrusted = Untrusted::parse(token)?;
        let mut keys = self.keys().await?;
        if keys.lack(&untrusted) {
            keys = self.keys_not_older_than(RING_COOLDOWN_MS).await?;
        }
        let authentic = untrusted.authenticate(&keys.verifying, &rules.names)?;
        Ok(authentic.validate(rules, clock::seconds())?)
    }

    /// Signs what an object issued, with the key it was issued for.
    pub(crate) async fn sign(&self, unsigned: Unsigned) -> Result<Tokens, Fault> {
        let Unsigned {
            form,
            bearer,
            refresh,
            key_id,
        } = unsigned;
        let mut keys = self.keys().await?;
        if keys.signer(key_id.as_deref()).is_none() {
            keys = self.keys_not_older_than(0).await?;
        }
        let signer = keys.signer(key_id.as_deref());
        let signer =
            signer.ok_or_else(|| Fault::new("the key that has to sign is not in the ring"))?;
        let sign = |payload, kind| signer.sign(Payload::stored(payload), self.typ(kind));
        let form = Form::from(form);
        Ok(Tokens {
            bearer: sign(bearer, form.bearer())?,
            refresh: refresh
                .map(|payload| sign(payload, form.presented()))
                .transpose()?,
        })
    }

    /// The `typ` of a token (RFC 7515 section 4.1.9), for access tokens as RFC 9068 section 2.1 has
    /// it, when the settings say so.
    fn typ(&self, kind: Kind) -> &str {
        match kind {
            Kind::Access => &self.config.access_token_typ,
            Kind::Refresh | Kind::Sliding => "JWT",
        }
    }
}

impl Keys {
    fn shared(algorithm: Algorithm, secret: &[u8]) -> Result<Self, Fault> {
        let key =
            VerifyingKey::shared(algorithm, secret).map_err(|bad| Fault::new(bad.to_string()))?;
        Ok(Self {
            signing: vec![SigningKey::shared(algorithm, secret)],
            verifying: VerifyingKeys::from_iter([key]),
            public: JwkSet { keys: Vec::new() },
        })
    }

    fn ring(ring: &[SealedKey], secret: &[u8]) -> Result<Self, Fault> {
        let sealer = Sealer::new(secret)?;
        let bytes = |text| decode(text).map_err(|_| Fault::new("a key of the ring is cut"));
        let mut signing = Vec::new();
        let mut verifying = Vec::new();
        for key in ring {
            let seed = sealer.open(&bytes(&key.sealed)?, &key.kid)?;
            let seed = seed
                .as_slice()
                .try_into()
                .map_err(|_| Fault::new("a key of the ring is cut"))?;
            signing.push(SigningKey::ed25519(seed)?);
            let public = VerifyingKey::ed25519(&bytes(&key.public)?);
            let public = public.map_err(|bad| Fault::new(bad.to_string()))?;
            verifying.push(public.with_key_id(&key.kid));
        }
        let keys = signing
            .iter()
            .map(SigningKey::public_jwk)
            .collect::<Result<_, _>>()?;
        Ok(Self {
            signing,
            verifying: verifying.into_iter().collect(),
            public: JwkSet { keys },
        })
    }

    /// The public keys, for `/.well-known/jwks.json` (RFC 7517 section 5).
    pub(crate) const fn public(&self) -> &JwkSet {
        &self.public
    }

    /// The `kid` of the key that signs what is issued now.
    pub(crate) fn current_id(&self) -> Option<String> {
        self.signing
            .last()
            .and_then(SigningKey::key_id)
            .map(Into::into)
    }

    fn signer(&self, key_id: Option<&str>) -> Option<&SigningKey> {
        self.signing.iter().find(|key| key.key_id() == key_id)
    }

    /// Whether the token names a key that is not here: the ring may have turned.
    fn lack(&self, token: &Untrusted<'_>) -> bool {
        let header = token.header();
        let named = header
            .key_id
            .as_deref()
            .filter(|_| header.algorithm == "EdDSA");
        named.is_some_and(|_| self.signer(named).is_none())
    }
}

/// For callers that only hear that a token is no good.
impl From<Rejection> for super::Refusal {
    fn from(rejection: Rejection) -> Self {
        Self::Token(rejection)
    }
}
