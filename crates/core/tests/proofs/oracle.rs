//! The rival: `jsonwebtoken` signs what we verify, and verifies what we accept.

use ed25519_dalek::SigningKey;
use hallpass_core::compact::encode;
use hallpass_core::{
    Algorithm, Authentic, ClaimNames, Kind, Rejection, Rules, Untrusted, VerifyingKey,
    VerifyingKeys,
};
use jsonwebtoken::{DecodingKey, EncodingKey, Validation, crypto};

pub(crate) const NOW: u64 = 1_700_000_000;
pub(crate) const KEY_ID: &str = "k1";
pub(crate) const SECRET: &[u8] =
    b"a shared secret that is sixty-four bytes long, as HS512 wants it";
pub(crate) const SEED_BYTES: [u8; 32] = [0x5E; 32];

/// A key of both: theirs that signs, theirs and ours that verify.
pub(crate) struct Oracle {
    pub(crate) algorithm: Algorithm,
    pub(crate) ours: VerifyingKeys,
    theirs: jsonwebtoken::Algorithm,
    signs: EncodingKey,
    verifies: DecodingKey,
}

impl Oracle {
    pub(crate) fn all() -> [Self; 4] {
        Algorithm::CHECKED_HERE.map(Self::of)
    }

    pub(crate) fn of(algorithm: Algorithm) -> Self {
        if algorithm == Algorithm::EdDSA {
            return Self::ed25519(public_key());
        }
        let theirs = algorithm.as_str().parse().unwrap();
        let key = VerifyingKey::shared(algorithm, SECRET).unwrap();
        Self {
            algorithm,
            ours: [key.with_key_id(KEY_ID)].into_iter().collect(),
            theirs,
            signs: EncodingKey::from_secret(SECRET),
            verifies: DecodingKey::from_secret(SECRET),
        }
    }

    fn ed25519(public: [u8; 32]) -> Self {
        // PKCS #8 (RFC 8410 section 7) around the seed.
        let mut der = vec![
            0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20,
        ];
        der.extend(SEED_BYTES);
        let key = VerifyingKey::ed25519(&public).unwrap();
        Self {
            algorithm: Algorithm::EdDSA,
            ours: [key.with_key_id(KEY_ID)].into_iter().collect(),
            theirs: jsonwebtoken::Algorithm::EdDSA,
            signs: EncodingKey::from_ed_der(&der),
            verifies: DecodingKey::from_ed_der(&public),
        }
    }

    /// The header as they write it.
    pub(crate) fn header(&self) -> String {
        let mut header = jsonwebtoken::Header::new(self.theirs);
        header.kid = Some(KEY_ID.into());
        serde_json::to_string(&header).unwrap()
    }

    /// A token of their making.
    pub(crate) fn sign(&self, payload: &str) -> String {
        self.sign_as(&self.header(), payload.as_bytes())
    }

    /// A signature of theirs under any header, over any bytes.
    pub(crate) fn sign_as(&self, header: &str, payload: &[u8]) -> String {
        let input = format!("{}.{}", encode(header.as_bytes()), encode(payload));
        let signature = crypto::sign(input.as_bytes(), &self.signs, self.theirs).unwrap();
        format!("{input}.{signature}")
    }

    /// Whether they take the signature, with this key and this key's algorithm.
    pub(crate) fn takes_signature(&self, token: &str) -> bool {
        let Some((input, signature)) = token.rsplit_once('.') else {
            return false;
        };
        crypto::verify(signature, input.as_bytes(), &self.verifies, self.theirs).unwrap_or(false)
    }

    /// Whether they take the token: form, header and signature, no claim.
    pub(crate) fn takes(&self, token: &str) -> bool {
        let mut validation = Validation::new(self.theirs);
        validation.leeway = 0;
        validation.validate_exp = false;
        validation.validate_nbf = false;
        validation.validate_aud = false;
        validation.required_spec_claims.clear();
        jsonwebtoken::decode::<serde_json::Value>(token, &self.verifies, &validation).is_ok()
    }

    /// Our verdict on form and signature.
    pub(crate) fn authentic(&self, token: &str) -> Result<Authentic, Rejection> {
        Untrusted::parse(token)?.authenticate(&self.ours, &ClaimNames::default())
    }

    /// Our verdict on everything, as the core's user asks for it.
    pub(crate) fn verdict(&self, token: &str) -> Result<Kind, Rejection> {
        self.authentic(token)?
            .validate(&Rules::default(), NOW)?
            .require(&Kind::ALL)
    }
}

pub(crate) fn public_key() -> [u8; 32] {
    SigningKey::from_bytes(&SEED_BYTES)
        .verifying_key()
        .to_bytes()
}

/// The three parts of a token, decoded.
pub(crate) fn parts(token: &str) -> [Vec<u8>; 3] {
    let parts: Vec<_> = token
        .split('.')
        .map(|part| hallpass_core::compact::decode(part).unwrap())
        .collect();
    parts.try_into().unwrap()
}

/// A token of these parts.
pub(crate) fn joined(parts: &[Vec<u8>; 3]) -> String {
    parts.each_ref().map(|part| encode(part)).join(".")
}
