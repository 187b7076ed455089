//! Tokens: signed as the Worker signs them, read as everybody reads them.

use base64ct::{Base64UrlUnpadded, Encoding};
use hallpass_core::claims::TokenType;
use hallpass_core::revocation::{Target, calls_back};
use hallpass_core::session::adopted_sid;
use hallpass_core::validation::Leeway;
use hallpass_core::{
    Algorithm, Claims, Kind, Rejection, Rules, Untrusted, Valid, VerifyingKey, VerifyingKeys,
};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::settings::SECRET;

/// A token that was issued.
#[derive(Clone, Debug)]
pub struct Token {
    /// As it is presented.
    pub signed: String,
    /// What was signed.
    pub payload: String,
    /// What it is for.
    pub kind: Kind,
    /// Its id.
    pub jti: String,
    /// Its session, or the one that it opens by being adopted.
    pub sid: String,
    /// When it was issued, seconds.
    pub iat: u64,
    /// When it expires, seconds.
    pub exp: u64,
    /// The blacklist's keys that could call it back. What is only ever presented to the issuer stays
    /// there by its id alone, and only while its session lives.
    pub keys: Vec<String>,
}

impl Token {
    /// A payload, signed. `None`: it is no token's.
    #[must_use]
    pub fn of(payload: &str) -> Option<Self> {
        let signed = sign(payload);
        let untrusted = Untrusted::parse(&signed).ok()?;
        let rules = Rules::default();
        let authentic = untrusted.authenticate(&keys(), &rules.names).ok()?;
        Self::read(&signed, authentic.claims())
    }

    fn read(signed: &str, claims: &Claims) -> Option<Self> {
        let TokenType::Of(kind) = claims.token_type else {
            return None;
        };
        let jti = claims.jti.clone()?;
        let mut keys = Target::all_of(claims, None);
        keys.retain(|key| kind != Kind::Refresh || matches!(key, Target::Token(_)));
        Some(Self {
            signed: signed.to_owned(),
            payload: claims.payload().to_owned(),
            kind,
            sid: claims.sid.clone().unwrap_or_else(|| adopted_sid(&jti)),
            jti: jti.as_str().to_owned(),
            iat: claims.iat?,
            exp: claims.exp?,
            keys: keys.iter().map(Target::to_string).collect(),
        })
    }

    /// Whether it is taken as a bearer.
    #[must_use]
    pub const fn is_bearer(&self) -> bool {
        matches!(self.kind, Kind::Access | Kind::Sliding)
    }

    /// Whether it is exchanged for others.
    #[must_use]
    pub const fn is_exchanged(&self) -> bool {
        matches!(self.kind, Kind::Refresh | Kind::Sliding)
    }

    /// Whether one of these entries of its keys calls it back.
    pub fn is_hit<'a>(&self, entries: impl IntoIterator<Item = Option<&'a str>>) -> bool {
        let hit = |(key, entry): (&String, Option<&str>)| {
            entry.is_some_and(|entry| calls_back(key, entry, Some(self.iat)))
        };
        self.keys.iter().zip(entries).any(hit)
    }
}

/// What a verifier says of a text, at that second by its clock.
pub fn verify(token: &str, leeway: u64, now: u64) -> Result<Valid, Rejection> {
    let rules = Rules {
        leeway: Leeway::new(leeway).unwrap_or_default(),
        ..Rules::default()
    };
    let untrusted = Untrusted::parse(token)?;
    untrusted
        .authenticate(&keys(), &rules.names)?
        .validate(&rules, now)
}

/// A token of this payload.
fn sign(payload: &str) -> String {
    let header = Base64UrlUnpadded::encode_string(br#"{"alg":"HS256","typ":"JWT"}"#);
    let payload = Base64UrlUnpadded::encode_string(payload.as_bytes());
    let input = format!("{header}.{payload}");
    let tag = hmac().chain_update(&input).finalize().into_bytes();
    format!("{input}.{}", Base64UrlUnpadded::encode_string(&tag))
}

fn hmac() -> Hmac<Sha256> {
    <Hmac<Sha256> as KeyInit>::new_from_slice(SECRET.as_bytes()).expect("any length is a key's")
}

thread_local! {
    static KEYS: VerifyingKeys = {
        let key = VerifyingKey::shared(Algorithm::HS256, SECRET.as_bytes());
        VerifyingKeys::from_iter([key.expect("the secret is long enough")])
    };
}

fn keys() -> VerifyingKeys {
    KEYS.with(Clone::clone)
}
