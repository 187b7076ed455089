//! An access token for a client of ours itself (RFC 6749 section 4.4).

use hallpass_core::CustomClaims;
use hallpass_core::claims::CLIENT_PREFIX;

use super::sign_in::issued;
use super::{Tokens, World};
use crate::clients::Client;
use crate::fault::Fault;
use crate::objects::subject::SubjectStub;
use crate::objects::subject::message::Serve;

/// What came of asking.
pub(crate) enum Asked {
    Issued(Tokens),
    /// It asked for a scope that it may not have.
    WrongScope,
    /// Its tokens are refused altogether.
    Refused,
}

/// Issues an access token. Without a scope it gets all of its own.
pub(crate) async fn issue(world: &World, client: &Client, scope: &str) -> Result<Asked, Fault> {
    let asked: Vec<_> = scope.split(' ').filter(|scope| !scope.is_empty()).collect();
    if !asked.iter().all(|scope| client.has(scope)) {
        return Ok(Asked::WrongScope);
    }
    let scope = if asked.is_empty() {
        client.scopes.join(" ")
    } else {
        asked.join(" ")
    };
    let custom = CustomClaims::default().with_scope(&scope);
    let custom = custom.map_err(|why| Fault::new(why.to_string()))?;
    let sub = format!("{CLIENT_PREFIX}{}", client.id);
    let object = SubjectStub::of(&world.env, &sub);
    let tokens = issued(world, async |key_id| {
        let serve = Serve {
            sub: sub.clone(),
            custom: custom.as_stored().to_owned(),
            audience: client.audience.clone(),
            key_id,
        };
        object.serve(serve).await
    });
    Ok(tokens.await?.map_or(Asked::Refused, Asked::Issued))
}
