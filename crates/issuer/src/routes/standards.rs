//! What the standards and operators ask for.

use serde::Serialize;

use super::answer::Answer;
use super::endpoint::Endpoint;
use super::incoming::Incoming;
use crate::fault::Fault;
use crate::use_cases::World;

/// `GET /.well-known/jwks.json`: the public keys (RFC 7517 section 5), none with a shared secret, to
/// be kept no longer than until they change.
/// `GET /healthz`: that the settings can be worked with, and what signs.
pub(super) async fn answer(
    endpoint: Endpoint,
    world: &World,
    incoming: &Incoming,
) -> Result<Answer, Fault> {
    if !endpoint.takes(incoming.method()) {
        return Ok(Answer::method_not_allowed(incoming.method()).with_allow("GET, HEAD"));
    }
    if endpoint == Endpoint::Health {
        return Ok(Answer::json(200, &health(world)).with("Cache-Control", "no-store"));
    }
    let keys = world.keys().await?;
    let max_age = format!("public, max-age={}", keys.max_age());
    // Public keys are for anybody's page.
    Ok(Answer::json(200, keys.public())
        .with("Cache-Control", max_age)
        .with("Access-Control-Allow-Origin", "*"))
}

#[derive(Serialize)]
struct Health {
    status: &'static str,
    version: &'static str,
    algorithm: &'static str,
}

fn health(world: &World) -> Health {
    Health {
        status: "ok",
        version: env!("CARGO_PKG_VERSION"),
        algorithm: world.config.signing.algorithm().as_str(),
    }
}
