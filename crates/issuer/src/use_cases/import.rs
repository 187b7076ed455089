//! Moving over: what another issuer knows.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use hallpass_core::Jti;

use super::{World, admin};
use crate::adapters::email;
use crate::fault::Fault;
use crate::objects::account::{AccountStub, Import, Imported};
use crate::objects::subject::SubjectStub;
use crate::objects::subject::message::{
    Enrol, Enrolled, ForeignToken, MoveName, Profile, RevokeForeign, RevokedForeign, Withdraw,
};

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

/// A user of another system.
pub(crate) struct Newcomer {
    pub(crate) sub: String,
    pub(crate) profile: Profile,
    /// As the other system has stored it; `None`: it has to be reset.
    pub(crate) password: Option<String>,
    pub(crate) active: bool,
}

/// What came of taking one over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    /// There is an account now, or its password is another one now, or it was there.
    Over(Imported),
    /// The subject has another address.
    OtherAddress,
    /// The subject was deleted here.
    Deleted,
}

/// Takes users over; the results stand in their order.
pub(crate) async fn take_over(world: &World, users: Vec<Newcomer>) -> Result<Vec<Taken>, Fault> {
    let taken = users.into_iter().map(|user| take_over_one(world, user));
    join_all(taken).await.into_iter().collect()
}

/// Whoever dies in between leaves a subject that has an address and no account: nobody signs in as
/// it, and the next import goes on there.
async fn take_over_one(world: &World, user: Newcomer) -> Result<Taken, Fault> {
    let Newcomer {
        sub,
        profile,
        password,
        active,
    } = user;
    let profile = Profile {
        email: email::shown(&profile.email),
        ..profile
    };
    let subject = SubjectStub::of(&world.env, &sub);
    let enrol = Enrol {
        sub: sub.clone(),
        profile: profile.clone(),
    };
    match subject.enrol(enrol).await? {
        Enrolled::Yes => {}
        Enrolled::OtherAddress => return Ok(Taken::OtherAddress),
        Enrolled::Deleted => return Ok(Taken::Deleted),
    }
    if !active {
        // Before there is a password to sign in with.
        admin::stand(world, &sub, MoveName::Deactivate).await?;
    }
    let email = profile.email.clone();
    let import = Import {
        sub,
        profile,
        password,
    };
    let imported = AccountStub::of(&world.env, &email).import(import).await?;
    if imported == Imported::Taken {
        subject.withdraw(Withdraw { email }).await?;
    }
    Ok(Taken::Over(imported))
}
