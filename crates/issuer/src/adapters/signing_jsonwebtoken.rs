//! Signatures and key documents, by `jsonwebtoken` over the few algorithms we sign with.

use std::str::FromStr;
use std::sync::Once;

use ed25519_dalek::Signer as _;
use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, KeyUtils};
use jsonwebtoken::errors::{Error, ErrorKind, new_error};
use jsonwebtoken::jwk::{
    AlgorithmParameters, CommonParameters, EllipticCurve, Jwk, KeyAlgorithm,
    OctetKeyPairParameters, OctetKeyPairType, PublicKeyUse, ThumbprintHash,
};
use jsonwebtoken::{Algorithm as Alg, EncodingKey, Header};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256, Sha384, Sha512};

use hallpass_core::{Algorithm, issuance::Payload};

use crate::fault::Fault;

/// A key that signs, and the `kid` its tokens name. It does not print.
#[derive(Clone)]
pub(crate) struct SigningKey {
    header: Header,
    key: EncodingKey,
}

impl SigningKey {
    /// A shared secret; its tokens name no key, for a thumbprint would tell of the secret.
    pub(crate) fn shared(algorithm: Algorithm, secret: &[u8]) -> Result<Self, Fault> {
        let named = Alg::from_str(algorithm.as_str());
        Ok(Self {
            header: Header::new(named.map_err(|error| fault(&error))?),
            key: EncodingKey::from_secret(secret),
        })
    }

    /// An Ed25519 private key (RFC 8032 section 5.1.5: 32 bytes), named by its thumbprint.
    pub(crate) fn ed25519(seed: &[u8; 32]) -> Result<Self, Fault> {
        let key = EncodingKey::from_ed_der(&[PKCS8_ED25519.as_slice(), seed].concat());
        let mut header = Header::new(Alg::EdDSA);
        header.kid = Some(thumbprint(&jwk_of(&key)?)?);
        Ok(Self { header, key })
    }

    /// The `kid` its tokens name.
    pub(crate) fn key_id(&self) -> Option<&str> {
        self.header.kid.as_deref()
    }

    /// The signed token of a payload, with this `typ` in its header. The same gives the same token.
    pub(crate) fn sign(&self, payload: Payload, typ: &str) -> Result<String, Fault> {
        install();
        let claims = RawValue::from_string(payload.into_string())?;
        let header = Header {
            typ: Some(typ.to_owned()),
            ..self.header.clone()
        };
        jsonwebtoken::encode(&header, &claims, &self.key).map_err(|error| fault(&error))
    }
}

/// What stands before the 32 bytes of an Ed25519 private key in PKCS #8 (RFC 8410 section 7), the
/// form in which `jsonwebtoken` holds one.
const PKCS8_ED25519: [u8; 16] = [
    0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20,
];

/// An Ed25519 public key for the key set (RFC 7517, RFC 8037), with `kid`, `alg` and `use`; `x` in
/// base64url.
pub(crate) fn ed25519_jwk(kid: &str, x: &str) -> Jwk {
    Jwk {
        common: CommonParameters {
            key_id: Some(kid.to_owned()),
            key_algorithm: Some(KeyAlgorithm::EdDSA),
            public_key_use: Some(PublicKeyUse::Signature),
            ..CommonParameters::default()
        },
        algorithm: AlgorithmParameters::OctetKeyPair(OctetKeyPairParameters {
            key_type: OctetKeyPairType::OctetKeyPair,
            curve: EllipticCurve::Ed25519,
            x: x.to_owned(),
        }),
    }
}

/// The public key of an Ed25519 private key.
pub(crate) fn ed25519_public(seed: &[u8; 32]) -> [u8; 32] {
    ed25519_dalek::SigningKey::from_bytes(seed)
        .verifying_key()
        .to_bytes()
}

fn jwk_of(key: &EncodingKey) -> Result<Jwk, Fault> {
    install();
    Jwk::from_encoding_key(key, Alg::EdDSA).map_err(|error| fault(&error))
}

/// RFC 7638.
fn thumbprint(jwk: &Jwk) -> Result<String, Fault> {
    jwk.thumbprint(ThumbprintHash::SHA256)
        .map_err(|error| fault(&error))
}

fn fault(error: &Error) -> Fault {
    Fault::new(format!("jsonwebtoken: {:?}", error.kind()))
}

/// The crate's own providers bring RSA and the NIST curves along, three quarters of this Worker's
/// size; this one has what we sign with.
static PROVIDER: CryptoProvider = CryptoProvider {
    signer_factory,
    verifier_factory: |_, _| Err(unsupported()),
    key_utils: KeyUtils {
        rsa_pub_components_from_private_key: |_| Err(unsupported()),
        rsa_pub_components_from_public_key: |_| Err(unsupported()),
        ec_pub_components_from_private_key: |_, _| Err(unsupported()),
        ed_pub_components_from_private_key,
        compute_digest,
    },
};

fn install() {
    static INSTALLED: Once = Once::new();
    // It fails only if a provider is there already, which is then this one.
    INSTALLED.call_once(|| {
        let _ = PROVIDER.install_default();
    });
}

fn unsupported() -> Error {
    new_error(ErrorKind::InvalidAlgorithm)
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature is the crate's"
)]
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "we sign with these four and no other"
)]
fn signer_factory(algorithm: &Alg, key: &EncodingKey) -> Result<Box<dyn JwtSigner>, Error> {
    let secret = || key.as_bytes().to_vec();
    match algorithm {
        Alg::HS256 => Ok(Box::new(Signer {
            algorithm: *algorithm,
            sign: hmac::<Hmac<Sha256>>,
            key: secret(),
        })),
        Alg::HS384 => Ok(Box::new(Signer {
            algorithm: *algorithm,
            sign: hmac::<Hmac<Sha384>>,
            key: secret(),
        })),
        Alg::HS512 => Ok(Box::new(Signer {
            algorithm: *algorithm,
            sign: hmac::<Hmac<Sha512>>,
            key: secret(),
        })),
        Alg::EdDSA => Ok(Box::new(Signer {
            algorithm: *algorithm,
            sign: ed25519,
            key: secret(),
        })),
        _ => Err(unsupported()),
    }
}

struct Signer {
    algorithm: Alg,
    sign: fn(&[u8], &[u8]) -> Option<Vec<u8>>,
    key: Vec<u8>,
}

impl jsonwebtoken::signature::Signer<Vec<u8>> for Signer {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, jsonwebtoken::signature::Error> {
        (self.sign)(&self.key, message).ok_or_else(jsonwebtoken::signature::Error::new)
    }
}

impl JwtSigner for Signer {
    fn algorithm(&self) -> Alg {
        self.algorithm
    }
}

impl Drop for Signer {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.key);
    }
}

fn hmac<M: KeyInit + Mac>(key: &[u8], message: &[u8]) -> Option<Vec<u8>> {
    let mac = <M as KeyInit>::new_from_slice(key).ok()?;
    Some(mac.chain_update(message).finalize().into_bytes().to_vec())
}

fn ed25519(der: &[u8], message: &[u8]) -> Option<Vec<u8>> {
    let key = ed25519_dalek::SigningKey::from_bytes(seed_of(der)?);
    Some(key.sign(message).to_bytes().to_vec())
}

fn seed_of(der: &[u8]) -> Option<&[u8; 32]> {
    der.strip_prefix(&PKCS8_ED25519)?.try_into().ok()
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the ring has keys of this curve and no other"
)]
fn ed_pub_components_from_private_key(der: &[u8], curve: &EllipticCurve) -> Result<Vec<u8>, Error> {
    let seed = seed_of(der).ok_or_else(|| new_error(ErrorKind::InvalidEddsaKey))?;
    match curve {
        EllipticCurve::Ed25519 => Ok(ed25519_public(seed).to_vec()),
        _ => Err(unsupported()),
    }
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the signature is the crate's"
)]
fn compute_digest(data: &[u8], hash: ThumbprintHash) -> Result<Vec<u8>, Error> {
    match hash {
        ThumbprintHash::SHA256 => Ok(Sha256::digest(data).to_vec()),
        ThumbprintHash::SHA384 => Ok(Sha384::digest(data).to_vec()),
        ThumbprintHash::SHA512 => Ok(Sha512::digest(data).to_vec()),
        _ => Err(unsupported()),
    }
}
