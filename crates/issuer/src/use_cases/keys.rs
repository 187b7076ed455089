//! The keys that sign and verify here.

use std::cell::RefCell;
use std::rc::Rc;

use hallpass_core::compact::decode;
use hallpass_core::issuance::Payload;
use hallpass_core::revocation::Reason;
use hallpass_core::ring::{Ask, KEY_SET_MAX_AGE, Key, RING_MAX_AGE, Ring};
use hallpass_core::session::Form;
use hallpass_core::{
    Algorithm, Kind, Rejection, RememberingKeys, Rules, Untrusted, Valid, VerifyingKey,
    VerifyingKeys,
};

use super::{Failure, Refusal, Tokens, World};
use crate::adapters::clock;
use crate::adapters::sealing_aes::{Purpose, Sealer};
use crate::adapters::signing_jsonwebtoken::{KeySet, PublicKey, SigningKey};
use crate::config::{Config, Signing};
use crate::fault::Fault;
use crate::objects::keyring::{Declined, KeyringStub, SealedKey, ring_of};
use crate::objects::subject::message::{Unsigned, Why};

/// For how long an isolate uses the ring without asking for it again, in milliseconds.
const RING_CACHE_MS: u64 = 1000 * RING_MAX_AGE;

/// How old the ring has to be to be asked for again when a token names a key that is not in it, in
/// milliseconds: whoever makes up key ids cannot make us ask at every request.
const RING_COOLDOWN_MS: u64 = 5_000;

/// The keys of one moment.
pub(crate) struct Keys {
    /// Says which key signs what is issued now; `None`: the shared secret does.
    ring: Option<Ring>,
    /// The shared secret, or all keys of the ring that are not lost: those that did sign still sign replays.
    signing: Vec<SigningKey>,
    /// The same, and those of the settings. With the ring their memory goes, too.
    verifying: RememberingKeys,
    public: KeySet,
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
        match &self.config.signing {
            Signing::Shared(algorithm, secret) => {
                let keys = Keys::shared(*algorithm, secret.expose(), &self.config)?;
                Ok(keep(keys, now))
            }
            Signing::Ring(_) => {
                let keys = self.ask_ring(Ask::Look).await?;
                keys.map_err(|_| no_ring())
            }
        }
    }

    /// The keys after the ring was asked this, or why it was not done. Fails where a shared secret
    /// signs.
    pub(super) async fn ask_ring(&self, ask: Ask) -> Result<Result<Rc<Keys>, Declined>, Fault> {
        let Signing::Ring(secret) = &self.config.signing else {
            return Err(no_ring());
        };
        let now = clock::milliseconds();
        // Whoever keeps the keys has to know for how long before the first one signs that long.
        let longest_lifetime = self.config.longest_lifetime();
        let stub = KeyringStub::new(&self.env);
        let sealed_keys = match stub.ask(ask, longest_lifetime).await? {
            Ok(sealed_keys) => sealed_keys,
            Err(why) => return Ok(Err(why)),
        };
        let keys = Keys::of_ring(&sealed_keys, secret.expose(), now / 1000, &self.config)?;
        Ok(Ok(keep(keys, now)))
    }

    /// Reads a token: its form, its signature by one of our keys, its claims, now.
    pub(crate) async fn validate(&self, token: &str) -> Result<Valid, Failure> {
        self.validate_by(token, &self.config.rules).await
    }

    /// The same for tokens of any audience: a client's own are for others.
    pub(crate) async fn validate_for_anyone(&self, token: &str) -> Result<Valid, Failure> {
        let rules = Rules {
            audiences: Vec::new(),
            ..self.config.rules.clone()
        };
        self.validate_by(token, &rules).await
    }

    async fn validate_by(&self, token: &str, rules: &Rules) -> Result<Valid, Failure> {
        let untrusted = Untrusted::parse(token)?;
        let mut keys = self.keys().await?;
        if keys.lack(&untrusted, &self.config) {
            keys = self.keys_not_older_than(RING_COOLDOWN_MS).await?;
        }
        let authentic = untrusted.authenticate_again(&keys.verifying, &rules.names)?;
        Ok(authentic.validate(rules, clock::seconds())?)
    }

    /// Signs what an object issued, with the key it was issued for. A key that leaked meanwhile signs
    /// nothing more: then it is as if the tokens had been called back.
    pub(crate) async fn sign(&self, unsigned: Unsigned) -> Result<Tokens, Failure> {
        let Unsigned {
            form,
            bearer,
            refresh,
            key_id,
        } = unsigned;
        let mut keys = self.keys().await?;
        if keys.signer(key_id.as_deref()).is_none() && !keys.know(key_id.as_deref()) {
            keys = self.keys_not_older_than(0).await?;
        }
        let Some(signer) = keys.signer(key_id.as_deref()) else {
            // One that the ring does not even remember was another algorithm's.
            let leaked = keys.know(key_id.as_deref());
            let why = leaked.then_some(Why::Ended(Reason::KeyLeaked));
            return Err(Failure::Refused(Refusal::CalledBack(why)));
        };
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
    fn shared(algorithm: Algorithm, secret: &[u8], config: &Config) -> Result<Self, Fault> {
        let key =
            VerifyingKey::shared(algorithm, secret).map_err(|bad| Fault::new(bad.to_string()))?;
        Ok(Self {
            ring: None,
            signing: vec![SigningKey::shared(algorithm, secret)?],
            verifying: with_those_of([key], config),
            public: KeySet { keys: Vec::new() },
        })
    }

    fn of_ring(
        sealed_keys: &[SealedKey],
        secret: &[u8],
        now: u64,
        config: &Config,
    ) -> Result<Self, Fault> {
        let sealer = Sealer::new(secret, Purpose::Keyring)?;
        let ring = ring_of(sealed_keys.iter().map(|sealed| sealed.key.clone()))?;
        let published: Vec<_> = ring.published(now).collect();
        let (mut signing, mut verifying) = (Vec::new(), Vec::new());
        let mut public_keys = Vec::new();
        for SealedKey {
            key: Key { kid, .. },
            public,
            sealed,
        } in sealed_keys
        {
            if !published.contains(&&**kid) {
                continue;
            }
            // One that was lost signs no more, and what it signed is good.
            if let Some(ciphertext) = sealed {
                signing.push(opened(&sealer, ciphertext, kid)?);
            }
            public_keys.push(PublicKey::ed25519(kid, public));
            let public = VerifyingKey::ed25519(&bytes(public)?);
            let public = public.map_err(|bad| Fault::new(bad.to_string()))?;
            verifying.push(public.with_key_id(kid));
        }
        let public = KeySet { keys: public_keys };
        Ok(Self {
            ring: Some(ring),
            signing,
            verifying: with_those_of(verifying, config),
            public,
        })
    }

    /// The public keys, for `/.well-known/jwks.json` (RFC 7517 section 5).
    pub(crate) const fn public(&self) -> &KeySet {
        &self.public
    }

    /// For how long others may keep the public keys, in seconds.
    pub(crate) fn max_age(&self) -> u64 {
        self.ring()
            .map_or(KEY_SET_MAX_AGE, |ring| ring.max_age(clock::seconds()))
    }

    /// The ring; `None`: a shared secret signs.
    pub(crate) const fn ring(&self) -> Option<&Ring> {
        self.ring.as_ref()
    }

    /// The latest second that is written down in the ring.
    fn as_of(&self) -> u64 {
        self.ring().map_or(0, Ring::last_seen)
    }

    /// The `kid` of the key that signs what is issued now; `None` for a shared secret.
    pub(crate) fn current_id(&self) -> Option<String> {
        self.ring()
            .map(|ring| ring.signer(clock::seconds()).to_owned())
    }

    fn signer(&self, key_id: Option<&str>) -> Option<&SigningKey> {
        self.signing.iter().find(|key| key.key_id() == key_id)
    }

    /// Whether the ring has, or remembers, that key.
    fn know(&self, key_id: Option<&str>) -> bool {
        let ring = self.ring();
        key_id.is_some_and(|kid| ring.is_some_and(|ring| ring.knows(kid)))
    }

    /// Whether the token names a key that nobody here has heard of: the ring may have turned.
    fn lack(&self, token: &Untrusted<'_>, config: &Config) -> bool {
        let header = token.header();
        let (Some(ring), Some(kid)) = (self.ring(), header.key_id.as_deref()) else {
            return false;
        };
        let in_settings = |key: &VerifyingKey| key.key_id() == Some(kid);
        header.algorithm == Algorithm::EdDSA.as_str()
            && !ring.knows(kid)
            && !config.verifying_keys.iter().any(in_settings)
    }
}

/// Keeps the keys for the requests to come, and gives those that are kept: of two answers that
/// came the wrong way round the later one, or a key just declared dead would be back.
fn keep(keys: Keys, at: u64) -> Rc<Keys> {
    let keys = Rc::new(keys);
    CACHE.with_borrow_mut(|cache| match cache {
        Some(later) if (later.keys.as_of(), later.at) > (keys.as_of(), at) => {
            Rc::clone(&later.keys)
        }
        _ => {
            let cached = Cached { keys, at };
            Rc::clone(&cache.insert(cached).keys)
        }
    })
}

/// These keys, and those of the settings.
fn with_those_of(keys: impl IntoIterator<Item = VerifyingKey>, config: &Config) -> RememberingKeys {
    let in_settings = config.verifying_keys.iter().cloned();
    let keys: VerifyingKeys = keys.into_iter().chain(in_settings).collect();
    keys.into()
}

fn no_ring() -> Fault {
    Fault::new("there is no ring")
}

fn opened(sealer: &Sealer, ciphertext: &str, kid: &str) -> Result<SigningKey, Fault> {
    let seed = sealer.open_key(&bytes(ciphertext)?, kid)?;
    let seed = <&[u8; 32]>::try_from(seed.as_slice());
    Ok(SigningKey::ed25519(seed.map_err(|_| cut())?))
}

fn bytes(text: &str) -> Result<Vec<u8>, Fault> {
    decode(text).map_err(|_| cut())
}

fn cut() -> Fault {
    Fault::new("a key of the ring is cut")
}

/// For callers that only hear that a token is no good.
impl From<Rejection> for Refusal {
    fn from(rejection: Rejection) -> Self {
        Self::Token(rejection)
    }
}
