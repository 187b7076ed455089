//! Keys that remember what they signed.
//!
//! A bearer token comes again with each call of a front end, and a signature of the curve costs more to
//! check than all else that is done about it. That it holds does not change: the same bytes, signed by
//! the same key. What does change, dates and revocations, is looked at each time.

use alloc::collections::BTreeMap;
use core::cell::RefCell;
use core::fmt;

use sha2::{Digest, Sha256};

use crate::compact::Header;
use crate::key::{Algorithm, VerifyingKey, VerifyingKeys};
use crate::rejection::Rejection;

/// How many signatures are remembered, at some fifty bytes each.
pub const REMEMBERED: usize = 1024;

/// Keys, and of the tokens that they were found to have signed the last ones. The verdict is the one of
/// the [keys](VerifyingKeys) alone:
///
/// | token | verdict |
/// |---|---|
/// | its algorithm or its `kid` is no key's | refused, and nothing is remembered |
/// | a shared secret's | checked: remembering it would cost as much |
/// | found signed before, the very same bytes | signed, by the same key |
/// | any other | checked, and remembered if it holds |
///
/// So a memory fills with good tokens alone, and other keys begin with an empty one. A token is
/// remembered by its SHA-256: there is nothing in here to be presented by anybody.
pub struct RememberingKeys {
    keys: VerifyingKeys,
    /// Which key signed it, by its place.
    signed: RefCell<BTreeMap<[u8; 32], usize>>,
}

impl RememberingKeys {
    /// The key that is meant by the header and made this signature.
    pub(crate) fn verify(
        &self,
        header: &Header,
        input: &[u8],
        signature: &[u8],
    ) -> Result<&VerifyingKey, Rejection> {
        let verify = || self.keys.verify(header, input, signature);
        let algorithm = Algorithm::named(&header.algorithm);
        if algorithm.is_none_or(Algorithm::is_shared_secret) {
            return verify();
        }
        let name = name(input, signature);
        let place = self.signed.borrow().get(&name).copied();
        let before = place.and_then(|place| self.keys.iter().nth(place));
        if let Some(key) = before.filter(|key| key.is_meant_by(header)) {
            return Ok(key);
        }
        let key = verify()?;
        if let Some(place) = self.keys.iter().position(|one| core::ptr::eq(one, key)) {
            self.remember(name, place);
        }
        Ok(key)
    }

    fn remember(&self, name: [u8; 32], place: usize) {
        let mut signed = self.signed.borrow_mut();
        if signed.len() >= REMEMBERED {
            signed.clear();
        }
        signed.insert(name, place);
    }
}

/// No two tokens have the same: one has one dot in the first part, and one spelling of the second.
fn name(input: &[u8], signature: &[u8]) -> [u8; 32] {
    let hash = Sha256::new().chain_update(input);
    let hash = hash.chain_update(b".").chain_update(signature);
    hash.finalize().into()
}

impl From<VerifyingKeys> for RememberingKeys {
    fn from(keys: VerifyingKeys) -> Self {
        Self {
            keys,
            signed: RefCell::default(),
        }
    }
}

impl fmt::Debug for RememberingKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RememberingKeys").field(&self.keys).finish()
    }
}

#[cfg(test)]
#[cfg(all(feature = "hmac", feature = "ed25519"))]
mod tests {
    use alloc::string::String;

    use ed25519_dalek::{Signer, SigningKey};
    use hmac::{Hmac, KeyInit, Mac};

    use super::*;
    use crate::claims::ClaimNames;
    use crate::compact::encode;
    use crate::token::{Authentic, Untrusted};
    use crate::validation::Rules;

    const SECRET: &[u8] = b"a shared secret of some 32 bytes";

    fn signer(seed: u8) -> SigningKey {
        SigningKey::from_bytes(&[seed; 32])
    }

    fn key(seed: u8, kid: &str) -> VerifyingKey {
        let public = signer(seed).verifying_key().to_bytes();
        VerifyingKey::ed25519(&public).unwrap().with_key_id(kid)
    }

    fn keys() -> RememberingKeys {
        let secret = VerifyingKey::shared(Algorithm::HS256, SECRET).unwrap();
        VerifyingKeys::from_iter([key(1, "a"), key(2, "b"), secret]).into()
    }

    fn signed(seed: u8, header: &str) -> String {
        let input = format!(
            "{}.{}",
            encode(header.as_bytes()),
            encode(br#"{"exp":1700000001}"#)
        );
        let signature = signer(seed).sign(input.as_bytes()).to_bytes();
        format!("{input}.{}", encode(&signature))
    }

    fn verdict(keys: &RememberingKeys, token: &str) -> Result<Option<String>, Rejection> {
        let rules = Rules::default();
        let alone = Untrusted::parse(token)?.authenticate(&keys.keys, &rules.names);
        let again = Untrusted::parse(token)?.authenticate_again(keys, &rules.names);
        let key = |authentic: Result<Authentic, Rejection>| {
            let valid = authentic?.validate(&rules, 1_700_000_000)?;
            Ok(valid.key_id().map(Into::into))
        };
        let again = key(again);
        assert_eq!(again, key(alone));
        again
    }

    fn remembered(keys: &RememberingKeys) -> usize {
        keys.signed.borrow().len()
    }

    const A: &str = r#"{"alg":"EdDSA","kid":"a"}"#;
    const NONE: &str = r#"{"alg":"EdDSA"}"#;

    #[test]
    fn a_token_that_comes_again_is_of_the_key_that_signed_it() {
        let keys = keys();
        for (seed, header, kid) in [(1, A, "a"), (2, NONE, "b"), (1, NONE, "a")] {
            let token = signed(seed, header);
            for _ in 0..3 {
                assert_eq!(verdict(&keys, &token), Ok(Some(kid.into())), "{header}");
            }
        }
        assert_eq!(remembered(&keys), 3);
    }

    #[test]
    fn every_bit_of_a_remembered_signature_counts() {
        let keys = keys();
        let token = signed(1, A);
        verdict(&keys, &token).unwrap();
        let (input, signature) = token.rsplit_once('.').unwrap();
        let signature = crate::compact::decode(signature).unwrap();
        for bit in 0..8 * signature.len() {
            let mut spoiled = signature.clone();
            spoiled[bit / 8] ^= 1 << (bit % 8);
            let spoiled = format!("{input}.{}", encode(&spoiled));
            let refused = Untrusted::parse(&spoiled)
                .unwrap()
                .authenticate_again(&keys, &ClaimNames::default());
            assert_eq!(refused.unwrap_err(), Rejection::BadSignature, "bit {bit}");
        }
        let (_, payload) = input.split_once('.').unwrap();
        let other_header = encode(NONE.as_bytes());
        let moved = format!("{other_header}.{payload}.{}", encode(&signature));
        assert!(verdict(&keys, &moved).is_err(), "another header");
        assert_eq!(remembered(&keys), 1, "what is refused is not remembered");
    }

    #[test]
    fn other_keys_remember_nothing_of_what_these_signed() {
        let token = signed(1, NONE);
        verdict(&keys(), &token).unwrap();
        let others = RememberingKeys::from(VerifyingKeys::from_iter([key(2, "a")]));
        assert_eq!(verdict(&others, &token), Err(Rejection::BadSignature));
    }

    #[test]
    fn of_a_shared_secret_nothing_is_remembered() {
        let keys = keys();
        let header = encode(br#"{"alg":"HS256"}"#);
        let input = format!("{header}.{}", encode(br#"{"exp":1700000001}"#));
        let mac = Hmac::<Sha256>::new_from_slice(SECRET).unwrap();
        let tag = mac.chain_update(&input).finalize().into_bytes();
        let token = format!("{input}.{}", encode(&tag));
        assert!(verdict(&keys, &token).is_ok() && verdict(&keys, &token).is_ok());
        assert_eq!(remembered(&keys), 0);
    }

    #[test]
    fn a_full_memory_begins_anew() {
        let keys = keys();
        for place in 0..REMEMBERED {
            let mut name = [0; 32];
            name[..8].copy_from_slice(&place.to_le_bytes());
            keys.remember(name, 0);
        }
        assert_eq!(remembered(&keys), REMEMBERED);
        let token = signed(2, NONE);
        verdict(&keys, &token).unwrap();
        assert_eq!(remembered(&keys), 1);
        assert_eq!(verdict(&keys, &token), Ok(Some("b".into())));
    }

    #[test]
    fn they_do_not_print_what_they_remember() {
        let keys = keys();
        verdict(&keys, &signed(1, A)).unwrap();
        let name = *keys.signed.borrow().keys().next().unwrap();
        assert!(!format!("{keys:?}").contains(&format!("{name:?}")));
    }
}
