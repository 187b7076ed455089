//! Clients of ours: programs with a secret, listed in the setting `CLIENTS`.

use hallpass_core::compact::decode;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};

/// Opens sessions for subjects that somebody else has signed in.
pub(crate) const SESSIONS_OPEN: &str = "sessions:open";

/// The clients, each known by its id.
#[derive(Clone, Debug, Default)]
pub(crate) struct Clients(Vec<Client>);

/// One client: `{"id", "secret_sha256", "scopes", "audience"}`.
///
/// The secret is long and random, so its plain SHA-256 (in base64url) tells nobody what it is.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Client {
    pub(crate) id: String,
    secret_sha256: String,
    #[serde(default)]
    pub(crate) scopes: Vec<String>,
    /// `aud` of the tokens it gets for itself, in place of the setting.
    pub(crate) audience: Option<String>,
}

impl Clients {
    /// Reads the setting: a JSON array.
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        let clients: Vec<Client> = serde_json::from_str(text)
            .map_err(|_| "is a JSON array of {id, secret_sha256, scopes, audience}")?;
        let mut ids: Vec<_> = clients.iter().map(|client| client.id.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        if ids.len() != clients.len() {
            return Err("has two clients with one id");
        }
        if !ids.iter().all(|id| is_id(id)) {
            return Err("has an id that is empty, long, or of other than letters, digits and -._~");
        }
        if clients.iter().any(|client| client.digest().is_none()) {
            return Err("has a secret_sha256 that is not 32 bytes in base64url");
        }
        if clients
            .iter()
            .flat_map(|client| &client.scopes)
            .any(|scope| !is_scope(scope))
        {
            return Err("has a scope that is none (RFC 6749 section 3.3)");
        }
        Ok(Self(clients))
    }

    /// The client of this id and secret. An unknown id takes as long as a wrong secret.
    pub(crate) fn authenticate(&self, id: &str, secret: &str) -> Option<&Client> {
        let presented: [u8; 32] = Sha256::digest(secret).into();
        let client = self.0.iter().find(|client| client.id == id);
        let expected = client.and_then(Client::digest).unwrap_or_default();
        let known = Choice::from(u8::from(client.is_some()));
        let same: bool = (presented.ct_eq(&expected) & known).into();
        client.filter(|_| same)
    }
}

impl Client {
    fn digest(&self) -> Option<[u8; 32]> {
        decode(&self.secret_sha256).ok()?.try_into().ok()
    }

    /// Whether it may have this scope.
    pub(crate) fn has(&self, scope: &str) -> bool {
        self.scopes.iter().any(|own| own == scope)
    }
}

fn is_id(id: &str) -> bool {
    (1..=64).contains(&id.len())
        && id
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b))
}

/// Whether it is one scope (RFC 6749 section 3.3).
pub(crate) fn is_scope(scope: &str) -> bool {
    !scope.is_empty()
        && scope
            .bytes()
            .all(|b| matches!(b, 0x21 | 0x23..=0x5b | 0x5d..=0x7e))
}

#[cfg(test)]
mod tests {
    use super::*;
    use hallpass_core::compact::encode;

    fn setting(id: &str, secret: &str) -> String {
        let digest = encode(&Sha256::digest(secret));
        format!(r#"[{{"id":"{id}","secret_sha256":"{digest}","scopes":["sessions:open"]}}]"#)
    }

    #[test]
    fn a_client_is_known_by_its_id_and_secret() {
        let clients = Clients::parse(&setting("web", "a long random secret")).unwrap();
        assert!(
            clients
                .authenticate("web", "a long random secret")
                .is_some()
        );
        assert!(clients.authenticate("web", "another").is_none());
        assert!(
            clients
                .authenticate("webb", "a long random secret")
                .is_none()
        );
        assert!(clients.authenticate("web", "").is_none());
        assert!(Clients::default().authenticate("web", "").is_none());
    }

    #[test]
    fn a_setting_that_cannot_be_meant_is_refused() {
        let good = setting("web", "secret");
        let twice = format!("[{0},{0}]", good.trim_matches(['[', ']']));
        let cases = [
            "",
            "{}",
            "[1]",
            &good.replace("web", ""),
            &good.replace("web", "a b"),
            &twice,
            &good.replace("secret_sha256", "secret"),
            &good.replace("sessions:open", "a b"),
            r#"[{"id":"web","secret_sha256":"short"}]"#,
        ];
        for text in cases {
            assert!(Clients::parse(text).is_err(), "{text}");
        }
    }
}
