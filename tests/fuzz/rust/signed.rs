//! Tokens of a key that has signed nothing else.

use hallpass_core::compact::encode;
use hallpass_core::{Algorithm, VerifyingKey, VerifyingKeys};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

const SECRET: &[u8] = b"a secret that no vector was signed with, and long enough";

pub(crate) fn keys() -> VerifyingKeys {
    let key = VerifyingKey::shared(Algorithm::HS256, SECRET).unwrap();
    VerifyingKeys::from_iter([key])
}

pub(crate) fn signed(header: &[u8], payload: &[u8]) -> String {
    let input = format!("{}.{}", encode(header), encode(payload));
    let mac = Hmac::<Sha256>::new_from_slice(SECRET).unwrap();
    let tag = mac.chain_update(&input).finalize().into_bytes();
    format!("{input}.{}", encode(&tag))
}
