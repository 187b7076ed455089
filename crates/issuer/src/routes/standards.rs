//! What the standards and operators ask for.

use serde::Serialize;

use super::admin;
use super::answer::Answer;
use super::incoming::Incoming;
use crate::fault::Fault;
use crate::use_cases::World;
use crate::use_cases::probe::{self, Stores};

/// `GET /.well-known/jwks.json`: the public keys (RFC 7517 section 5), none with a shared secret.
pub(super) async fn jwks(world: &World) -> Result<Answer, Fault> {
    let keys = world.keys().await?;
    let max_age = format!("public, max-age={}", keys.max_age());
    // Public keys are for anybody's page.
    Ok(Answer::json(200, keys.public())
        .with("Cache-Control", max_age)
        .with("Access-Control-Allow-Origin", "*"))
}

/// `GET /.well-known/oauth-authorization-server` (RFC 8414): where everything is.
pub(super) fn metadata(world: &World, incoming: &Incoming) -> Answer {
    let origin = incoming.origin();
    let issuer = world
        .config
        .rules
        .issuers
        .first()
        .cloned()
        .unwrap_or_else(|| origin.to_owned());
    let at = |path: &str| format!("{origin}{path}");
    let metadata = Metadata {
        issuer,
        token_endpoint: at("/oauth/token"),
        token_endpoint_auth_methods_supported: CLIENTS_AND_PUBLIC,
        revocation_endpoint: at("/oauth/revoke"),
        revocation_endpoint_auth_methods_supported: CLIENTS_AND_PUBLIC,
        introspection_endpoint: at("/oauth/introspect"),
        introspection_endpoint_auth_methods_supported: CLIENTS,
        jwks_uri: at("/.well-known/jwks.json"),
        grant_types_supported: &["refresh_token", "client_credentials"],
        // There is no authorization endpoint, so no response type.
        response_types_supported: &[],
    };
    Answer::json(200, &metadata).with("Access-Control-Allow-Origin", "*")
}

/// How clients show who they are.
const CLIENTS: &[&str] = &["client_secret_basic", "client_secret_post"];

/// The same where whoever has a token need not be one.
const CLIENTS_AND_PUBLIC: &[&str] = &["client_secret_basic", "client_secret_post", "none"];

/// RFC 8414 section 2.
#[derive(Serialize)]
struct Metadata {
    issuer: String,
    token_endpoint: String,
    token_endpoint_auth_methods_supported: &'static [&'static str],
    revocation_endpoint: String,
    revocation_endpoint_auth_methods_supported: &'static [&'static str],
    introspection_endpoint: String,
    introspection_endpoint_auth_methods_supported: &'static [&'static str],
    jwks_uri: String,
    grant_types_supported: &'static [&'static str],
    response_types_supported: &'static [&'static str],
}

/// `GET /healthz`: the settings can be worked with, and what signs. With `?deep=1`:
///
/// 1. not an administrator → 404 or 401, as the admin API has it;
/// 2. every store was written to and read, see [`probe`](crate::use_cases::probe) → 200;
/// 3. one failed, or did not answer in time → 503, and which.
pub(super) async fn health(world: &World, incoming: &Incoming) -> Result<Answer, Fault> {
    let mut health = Health {
        status: "ok",
        version: env!("CARGO_PKG_VERSION"),
        algorithm: world.config.signing.algorithm().as_str(),
        refresh_cookie: world.config.refresh_cookie,
        stores: None,
    };
    if incoming.query("deep").as_deref() != Some("1") {
        return Ok(Answer::json(200, &health).with("Cache-Control", "no-store"));
    }
    if let Some(answer) = admin::refuse(world, incoming) {
        return Ok(answer); // 1
    }
    let stores = probe::probe(world).await;
    let fault = stores.fault();
    health.stores = Some(stores);
    let answer = match fault {
        None => Answer::json(200, &health), // 2
        Some(fault) => {
            health.status = "failing";
            Answer::json(503, &health).with_fault(fault) // 3
        }
    };
    Ok(answer.with("Cache-Control", "no-store"))
}

#[derive(Serialize)]
struct Health {
    status: &'static str,
    version: &'static str,
    algorithm: &'static str,
    /// For pages that speak to any Hallpass; told where it is so.
    #[serde(skip_serializing_if = "is_off")]
    refresh_cookie: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    stores: Option<Stores>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "as `skip_serializing_if` calls it"
)]
const fn is_off(setting: &bool) -> bool {
    !*setting
}
