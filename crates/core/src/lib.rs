//! What is true about Hallpass's tokens.
//!
//! Everything here is a total function of its arguments: there is no clock, no randomness, no
//! storage and no network, so that the Worker that issues tokens and the library that checks them
//! decide with the same code. `now` is always given by the caller, in seconds since the Unix epoch.
//!
//! A signed token goes through three types, each of which can be made in one way only:
//! [`Untrusted`] (it has the form of a token) → [`Authentic`] (a key we know signed it) →
//! [`Valid`] (its claims hold now, for us).
//!
//! ```
//! # #[cfg(feature = "ed25519")] {
//! use hallpass_core::{
//!     Kind, Rejection, Rules, Subject, Untrusted, VerifyingKey, VerifyingKeys, compact,
//! };
//!
//! let token = "eyJ0eXAiOiJKV1QiLCJhbGciOiJFZERTQSIsImtpZCI6ImsxIn0.eyJ0b2tlbl90eXBlIjoiYWNjZXN\
//!     zIiwiZXhwIjoxNzAwMDAwMzAwLCJpYXQiOjE3MDAwMDAwMDAsImp0aSI6IjAwMDAwMDAwZDZhMWU2YWQxZDRiZDF\
//!     jNWY4YTNjZDc3IiwidXNlcl9pZCI6InU3Iiwic3ViIjoidTciLCJzaWQiOiI1ZTU1In0.Rj9maElU5juCnN1cleZ\
//!     O52hx6MPEdYSiP8TQ_se7ObA2x4f9C4ZPbUCW4Jy_e5jbkE-XUVI5zg3k_sj9unzjDQ";
//!
//! // From the issuer's JWKS: `kid` and `x` of a key.
//! let x = compact::decode("gUZkDwJJOvT7xU_jM4jnXcLJN64LdyfMKyr7G3UZmj4")?;
//! let keys = VerifyingKeys::from_iter([VerifyingKey::ed25519(&x)?.with_key_id("k1")]);
//! let rules = Rules::default();
//! let now = 1_700_000_123;
//!
//! let check = |token: &str, now: u64| {
//!     Untrusted::parse(token)?
//!         .authenticate(&keys, &rules.names)?
//!         .validate(&rules, now)
//! };
//! let valid = check(token, now)?;
//! valid.require(&[Kind::Access])?;
//! assert_eq!(valid.claims().subject, Subject::Of("u7".into()));
//!
//! // Every refusal is typed: of kind, of time, of one character that differs.
//! assert_eq!(valid.require(&[Kind::Refresh]), Err(Rejection::WrongKind));
//! assert_eq!(check(token, 1_700_000_300).unwrap_err(), Rejection::Expired);
//! let forged = token.replace("Rj9maElU", "Sj9maElU");
//! assert_eq!(check(&forged, now).unwrap_err(), Rejection::BadSignature);
//! # }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! What happens to a session is decided in [`rotation`] and [`subject`], what has to be told to the
//! blacklist in [`revocation`], which key signs in [`ring`].

#![cfg_attr(not(test), no_std)]

extern crate alloc;

pub mod attempts;
mod base64url;
pub mod claims;
pub mod compact;
pub mod ending;
pub mod enrolment;
pub mod event;
pub mod issuance;
pub mod json;
pub mod jti;
pub mod jwks;
pub mod key;
pub mod kind;
pub mod mailing;
pub mod password_reset;
pub mod rejection;
pub mod remembering;
pub mod revocation;
pub mod ring;
pub mod rotation;
pub mod second_factor;
pub mod session;
pub mod standing;
pub mod subject;
pub mod token;
pub mod validation;

pub use claims::{ClaimNames, Claims, CustomClaims, Subject};
pub use jti::{Jti, SessionKey};
pub use key::{Algorithm, VerifyingKey, VerifyingKeys};
pub use kind::Kind;
pub use rejection::{Claim, Malformed, Rejection};
pub use remembering::RememberingKeys;
pub use token::{Authentic, Untrusted, Valid};
pub use validation::Rules;

/// How long past its `exp` a verifier of ours may at most accept a token, in seconds. Whatever is
/// called back must stay called back for so much longer than the token says.
pub const MAX_LEEWAY: u64 = 300;
