//! `/admin/api/users/…`: who there is, their sessions, whether they may have tokens.

use serde::Serialize;

use crate::fault::Fault;
use crate::objects::subject::SubjectStub;
use crate::objects::subject::message::{MoveName, Outstanding, Stood};
use crate::routes::answer::Answer;
use crate::routes::incoming::Incoming;
use crate::use_cases::{World, admin};

/// `GET users/?query=&cursor=`: 200 with a page of the users whose e-mail or subject begins with
/// `query`, ordered by subject.
pub(super) async fn search(world: &World, incoming: &Incoming) -> Result<Answer, Fault> {
    let query = incoming.query("query").unwrap_or_default();
    let after = incoming.query("cursor").unwrap_or_default();
    let page = admin::users(world, query.trim(), after).await?;
    Ok(Answer::json(200, &page))
}

/// `GET users/<sub>/`:
///
/// 1. nothing is known of this subject → 404;
/// 2. otherwise 200 with the user, the standing and the live sessions, each with the id of its
///    unspent refresh or sliding token, as the object that decides knows them.
pub(super) async fn show(world: &World, sub: String) -> Result<Answer, Fault> {
    #[derive(Serialize)]
    struct User {
        sub: String,
        email: Option<String>,
        first_name: Option<String>,
        last_name: Option<String>,
        standing: String,
        sessions: Vec<Session>,
    }
    #[derive(Serialize)]
    struct Session {
        sid: String,
        jti: String,
        kind: String,
        started_at: u64,
        last_refreshed_at: u64,
        expires_at: u64,
        client: String,
    }
    let Some(described) = SubjectStub::of(&world.env, &sub).describe().await? else {
        return Ok(Answer::not_found()); // 1
    };
    let shown = |Outstanding { session, jti, kind }| Session {
        sid: session.sid,
        jti,
        kind,
        started_at: session.started_at,
        last_refreshed_at: session.last_refreshed_at,
        expires_at: session.expires_at,
        client: session.client,
    };
    let names = described.profile.map(|profile| {
        let names = (profile.first_name, profile.last_name);
        (profile.email, names)
    });
    let (email, names) = names.unzip();
    let (first_name, last_name) = names.unzip();
    let user = User {
        sub,
        email,
        first_name,
        last_name,
        standing: described.standing,
        sessions: described.sessions.into_iter().map(shown).collect(),
    };
    Ok(Answer::json(200, &user)) // 2
}

/// `DELETE users/<sub>/sessions/`: all sessions have ended and every token issued up to now is called
/// back, 204; of a subject that is not known here too, for another issuer may have made it tokens.
pub(super) async fn end_all(world: &World, sub: &str) -> Result<Answer, Fault> {
    admin::end_all(world, sub).await?;
    Ok(Answer::empty(204))
}

/// `DELETE users/<sub>/sessions/<sid>/`: the session has ended, 204; the subject has no such live
/// session, 404.
pub(super) async fn end_one(world: &World, sub: &str, sid: &str) -> Result<Answer, Fault> {
    let ended = admin::end_one(world, sub, sid).await?;
    Ok(if ended {
        Answer::empty(204)
    } else {
        Answer::not_found()
    })
}

/// `POST users/<sub>/deactivate/`, `POST users/<sub>/reactivate/`, known here or not:
///
/// 1. the subject was deleted, which is final → 409;
/// 2. otherwise it stands as asked: 200 with its standing.
pub(super) async fn stand(world: &World, sub: String, to: MoveName) -> Result<Answer, Fault> {
    #[derive(Serialize)]
    struct Standing {
        sub: String,
        standing: &'static str,
    }
    let standing = match to {
        MoveName::Deactivate => "deactivated",
        MoveName::Reactivate => "active",
        MoveName::Delete => "deleted",
    };
    match admin::stand(world, &sub, to).await? {
        Stood::Deleted => Ok(Answer::detail(409, "This user was deleted.")), // 1
        Stood::AsAsked => Ok(Answer::json(200, &Standing { sub, standing })), // 2
    }
}

/// `POST users/<sub>/unlock/`: what was guessed at the password and at codes is forgotten, and how much
/// was mailed:
///
/// 1. nobody with an account here is known by this subject → 404;
/// 2. otherwise whoever had to wait need not any more: 204.
pub(super) async fn unlock(world: &World, sub: &str) -> Result<Answer, Fault> {
    let unlocked = admin::unlock(world, sub).await?;
    Ok(if unlocked {
        Answer::empty(204) // 2
    } else {
        Answer::not_found() // 1
    })
}

/// `DELETE users/<sub>/`: the subject is deleted for good, its sessions have ended, its e-mail can be
/// registered again by somebody new: 204, also the second time.
pub(super) async fn delete(world: &World, sub: &str) -> Result<Answer, Fault> {
    admin::stand(world, sub, MoveName::Delete).await?;
    Ok(Answer::empty(204))
}
