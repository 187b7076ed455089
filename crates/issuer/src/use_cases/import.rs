//! Moving over: what another issuer knows.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use hallpass_core::Jti;

use super::World;
use crate::fault::Fault;
use crate::objects::subject::SubjectStub;
use crate::objects::subject::message::{ForeignToken, RevokeForeign, RevokedForeign};

/// A token that another issuer has revoked.
pub(crate) struct Foreign {
    /// Whose it is; `None`: nobody's.
    pub(crate) sub: Option<String>,
    pub(crate) jti: String,
    pub(crate) exp: u64,
    /// No leeway makes it good any more.
    pub(crate) expired: bool,
}

/// What came of calling one back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Recalled {
    /// It is called back.
    Now,
    /// It was already.
    Before,
    /// It is over: there is nothing to call back.
    Expired,
}

/// Calls such tokens back, each object asked once for all of its; the results stand in the tokens'
/// order.
pub(crate) async fn call_back(world: &World, tokens: Vec<Foreign>) -> Result<Vec<Recalled>, Fault> {
    let mut results = vec![Recalled::Expired; tokens.len()];
    let mut objects: BTreeMap<String, (SubjectStub<'_>, Vec<usize>, RevokeForeign)> =
        BTreeMap::new();
    for (at, token) in tokens.into_iter().enumerate() {
        if token.expired {
            continue;
        }
        let Foreign { sub, jti, exp, .. } = token;
        let jti = Jti::presented(jti);
        let stub = SubjectStub::of_foreign(&world.env, sub.as_deref(), &jti);
        let (_, places, revoke) = objects.entry(stub.name().to_owned()).or_insert_with(|| {
            let tokens = Vec::new();
            (stub, Vec::new(), RevokeForeign { sub, tokens })
        });
        places.push(at);
        let jti = jti.to_string();
        revoke.tokens.push(ForeignToken { jti, exp });
    }
    let asked = objects
        .into_values()
        .map(async |(stub, places, revoke)| (places, stub.revoke_foreign(revoke).await));
    for (places, answer) in join_all(asked).await {
        let RevokedForeign(called_back) = answer?;
        for (at, now) in places.into_iter().zip(called_back) {
            if let Some(result) = results.get_mut(at) {
                *result = if now { Recalled::Now } else { Recalled::Before };
            }
        }
    }
    Ok(results)
}
