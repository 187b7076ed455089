//! Signatures, by `jsonwebtoken` over the few algorithms we sign with; and the public keys to them.

use std::str::FromStr;
use std::sync::Once;

use ed25519_dalek::Signer as _;
use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, KeyUtils};
use jsonwebtoken::errors::{Error, ErrorKind, new_error};
use jsonwebtoken::{Algorithm as Alg, EncodingKey, Header};
use serde::Serialize;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256, Sha384, Sha512};

use hallpass_core::compact::encode;
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
    pub(crate) fn ed25519(seed: &[u8; 32]) -> Self {
        let key = EncodingKey::from_ed_der(&[PKCS8_ED25519.as_slice(), seed].concat());
        let mut header = Header::new(Alg::EdDSA);
        header.kid = Some(thumbprint(&encode(&ed25519_public(seed))));
        Self { header, key }
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

/// The key set (RFC 7517 section 5).
#[derive(Serialize)]
pub(crate) struct KeySet {
    pub(crate) keys: Vec<PublicKey>,
}

/// An Ed25519 public key as it stands in there (RFC 8037 section 2).
#[derive(Serialize)]
pub(crate) struct PublicKey {
    r#use: &'static str,
    alg: &'static str,
    kid: String,
    kty: &'static str,
    crv: &'static str,
    /// In base64url.
    x: String,
}

impl PublicKey {
    pub(crate) fn ed25519(kid: &str, x: &str) -> Self {
        Self {
            r#use: "sig",
            alg: Algorithm::EdDSA.as_str(),
            kid: kid.to_owned(),
            kty: "OKP",
            crv: "Ed25519",
            x: x.to_owned(),
        }
    }
}

/// The public key of an Ed25519 private key.
pub(crate) fn ed25519_public(seed: &[u8; 32]) -> [u8; 32] {
    ed25519_dalek::SigningKey::from_bytes(seed)
        .verifying_key()
        .to_bytes()
}

/// RFC 7638, with the members that RFC 8037 names for it.
fn thumbprint(x: &str) -> String {
    let members = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
    encode(&Sha256::digest(members))
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
        ed_pub_components_from_private_key: |_, _| Err(unsupported()),
        compute_digest: |_, _| Err(unsupported()),
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

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8037, appendices A.1 to A.3.
    const SEED: &str = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A";
    const X: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
    const THUMBPRINT: &str = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k";

    #[test]
    fn a_key_is_named_by_its_thumbprint_and_published_as_the_rfc_has_it() {
        let seed = hallpass_core::compact::decode(SEED).unwrap();
        let seed = <[u8; 32]>::try_from(seed).unwrap();
        assert_eq!(encode(&ed25519_public(&seed)), X);
        assert_eq!(SigningKey::ed25519(&seed).key_id(), Some(THUMBPRINT));
        let published = serde_json::to_value(PublicKey::ed25519(THUMBPRINT, X)).unwrap();
        let expected = serde_json::json!({
            "kty": "OKP", "crv": "Ed25519", "x": X, "kid": THUMBPRINT, "alg": "EdDSA", "use": "sig",
        });
        assert_eq!(published, expected);
    }
}
