//! Moving over: what another issuer knows.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

use futures_util::FutureExt;
use futures_util::future::{LocalBoxFuture, maybe_done};
use hallpass_core::Jti;

use super::{World, admin};
use crate::adapters::email;
use crate::fault::Fault;
use crate::objects::account::{AccountStub, Import, Imported};
use crate::objects::subject::SubjectStub;
use crate::objects::subject::message::{
    Enrol, Enrolled, ForeignToken, MoveName, Profile, RevokeForeign, RevokedForeign,
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
    let mut objects: Vec<Asked<'_>> = Vec::new();
    for (at, token) in tokens.into_iter().enumerate() {
        if token.expired {
            continue;
        }
        let Foreign { sub, jti, exp, .. } = token;
        let jti = Jti::presented(jti);
        let stub = SubjectStub::of_foreign(&world.env, sub.as_deref(), &jti);
        let token = ForeignToken {
            jti: jti.to_string(),
            exp,
        };
        // Few enough to be compared one by one.
        match objects
            .iter_mut()
            .find(|one| one.stub.name() == stub.name())
        {
            Some(asked) => {
                asked.places.push(at);
                asked.revoke.tokens.push(token);
            }
            None => objects.push(Asked {
                stub,
                places: vec![at],
                revoke: RevokeForeign {
                    sub,
                    tokens: vec![token],
                },
            }),
        }
    }
    let asked = objects.into_iter().map(|one| one.answer().boxed_local());
    for answer in all(asked.collect()).await {
        let (places, RevokedForeign(called_back)) = answer?;
        for (at, now) in places.into_iter().zip(called_back) {
            if let Some(result) = results.get_mut(at) {
                *result = if now { Recalled::Now } else { Recalled::Before };
            }
        }
    }
    Ok(results)
}

/// An object, the tokens of which it is asked, and where these stood.
struct Asked<'a> {
    stub: SubjectStub<'a>,
    places: Vec<usize>,
    revoke: RevokeForeign,
}

impl Asked<'_> {
    async fn answer(self) -> Result<(Vec<usize>, RevokedForeign), Fault> {
        Ok((self.places, self.stub.revoke_foreign(self.revoke).await?))
    }
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
    let taken = |user| take_over_one(world, user).boxed_local();
    let taken = all(users.into_iter().map(taken).collect());
    taken.await.into_iter().collect()
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
    match subject.enrol(enrol.clone()).await? {
        Enrolled::Yes => {}
        Enrolled::OtherAddress => return Ok(Taken::OtherAddress),
        Enrolled::Deleted => return Ok(Taken::Deleted),
    }
    if !active {
        // Before there is a password to sign in with.
        admin::stand(world, &sub, MoveName::Deactivate).await?;
    }
    let account = AccountStub::of(&world.env, &profile.email);
    let import = Import {
        sub,
        profile,
        password,
    };
    let imported = account.import(import).await?;
    if imported == Imported::Taken {
        subject.withdraw(enrol).await?;
    }
    Ok(Taken::Over(imported))
}

/// What all of them come to, under way together. `join_all` is made for thousands, and weighs 3 KB
/// in a compressed Worker.
async fn all<T>(futures: Vec<LocalBoxFuture<'_, Result<T, Fault>>>) -> Vec<Result<T, Fault>> {
    let mut under_way: Vec<_> = futures.into_iter().map(maybe_done).collect();
    poll_fn(|context| {
        let waiting = under_way
            .iter_mut()
            .filter_map(|one| Pin::new(one).poll(context).is_pending().then_some(()))
            .count();
        if waiting == 0 {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
    under_way
        .iter_mut()
        .filter_map(|one| Pin::new(one).take_output())
        .collect()
}
