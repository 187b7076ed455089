//! What the standards and operators ask for.

use serde::Serialize;

use super::answer::Answer;
use super::incoming::Incoming;
use crate::fault::Fault;
use crate::use_cases::World;

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
        .unwrap_or_else(|| origin.clone());
    let at = |path: &str| format!("{origin}{path}");
    let methods = ["client_secret_basic", "client_secret_post", "none"];
    Answer::json(
        200,
        &serde_json::json!({
            "issuer": issuer,
            "token_endpoint": at("/oauth/token"),
            "token_endpoint_auth_methods_supported": methods,
            "revocation_endpoint": at("/oauth/revoke"),
            "revocation_endpoint_auth_methods_supported": methods,
            "introspection_endpoint": at("/oauth/introspect"),
            "introspection_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            "jwks_uri": at("/.well-known/jwks.json"),
            "grant_types_supported": ["refresh_token", "client_credentials"],
            // There is no authorization endpoint, so no response type.
            "response_types_supported": [],
        }),
    )
    .with("Access-Control-Allow-Origin", "*")
}

/// `GET /healthz`: the settings can be worked with, and what signs.
pub(super) fn health(world: &World) -> Answer {
    let health = Health {
        status: "ok",
        version: env!("CARGO_PKG_VERSION"),
        algorithm: world.config.signing.algorithm().as_str(),
    };
    Answer::json(200, &health).with("Cache-Control", "no-store")
}

#[derive(Serialize)]
struct Health {
    status: &'static str,
    version: &'static str,
    algorithm: &'static str,
}
