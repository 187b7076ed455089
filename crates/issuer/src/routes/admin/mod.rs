//! `/admin/api/…`: for whoever has the admin key.

mod blacklist;
mod events;
mod import;
mod keys;
mod users;

use percent_encoding::percent_decode_str;

use super::answer::Answer;
use super::incoming::Incoming;
use crate::boundary::HeaderName;
use crate::fault::Fault;
use crate::objects::subject::message::MoveName;
use crate::use_cases::World;

/// Where all of it is.
pub(super) const ROOT: &str = "/admin/api/";

/// What there is, by its path below [`ROOT`], with or without its last slash.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Resource {
    Users,
    User(String),
    Sessions(String),
    Session(String, String),
    Move(String, MoveName),
    Unlock(String),
    Blacklist,
    ImportBlacklist,
    ImportUsers,
    Events,
    Stats,
    Keys,
    Roll,
}

impl Resource {
    fn at(path: &str) -> Option<Self> {
        let path = path.strip_suffix('/').unwrap_or(path);
        let decoded = path.split('/').map(decoded);
        let segments = decoded.collect::<Option<Vec<_>>>()?;
        let segments: Vec<_> = segments.iter().map(String::as_str).collect();
        Some(match segments.as_slice() {
            ["users"] => Self::Users,
            ["users", sub] => Self::User((*sub).to_owned()),
            ["users", sub, "sessions"] => Self::Sessions((*sub).to_owned()),
            ["users", sub, "sessions", sid] => Self::Session((*sub).to_owned(), (*sid).to_owned()),
            ["users", sub, "deactivate"] => Self::Move((*sub).to_owned(), MoveName::Deactivate),
            ["users", sub, "reactivate"] => Self::Move((*sub).to_owned(), MoveName::Reactivate),
            ["users", sub, "unlock"] => Self::Unlock((*sub).to_owned()),
            ["blacklist"] => Self::Blacklist,
            ["import", "blacklist"] => Self::ImportBlacklist,
            ["import", "users"] => Self::ImportUsers,
            ["events"] => Self::Events,
            ["stats"] => Self::Stats,
            ["keys"] => Self::Keys,
            ["keys", "roll"] => Self::Roll,
            _ => return None,
        })
    }

    /// Its path, with names in the places of what it is about.
    const fn pattern(&self) -> &'static str {
        match self {
            Self::Users => "/admin/api/users/",
            Self::User(_) => "/admin/api/users/<sub>/",
            Self::Sessions(_) => "/admin/api/users/<sub>/sessions/",
            Self::Session(..) => "/admin/api/users/<sub>/sessions/<sid>/",
            Self::Move(_, MoveName::Deactivate) => "/admin/api/users/<sub>/deactivate/",
            Self::Move(_, MoveName::Reactivate) => "/admin/api/users/<sub>/reactivate/",
            Self::Move(_, MoveName::Delete) => "/admin/api/users/<sub>/delete/",
            Self::Unlock(_) => "/admin/api/users/<sub>/unlock/",
            Self::Blacklist => "/admin/api/blacklist/",
            Self::Events => "/admin/api/events/",
            Self::Stats => "/admin/api/stats/",
            Self::Keys => "/admin/api/keys/",
            Self::Roll => "/admin/api/keys/roll/",
            Self::ImportBlacklist => "/admin/api/import/blacklist/",
            Self::ImportUsers => "/admin/api/import/users/",
        }
    }

    const fn methods(&self) -> &'static [&'static str] {
        match self {
            Self::Users | Self::Events | Self::Stats | Self::Keys => &["GET", "HEAD"],
            Self::User(_) => &["GET", "HEAD", "DELETE"],
            Self::Sessions(_) | Self::Session(..) => &["DELETE"],
            Self::Move(..)
            | Self::Unlock(_)
            | Self::Roll
            | Self::ImportBlacklist
            | Self::ImportUsers => &["POST"],
            Self::Blacklist => &["GET", "HEAD", "POST"],
        }
    }
}

/// A segment of a path as it was meant; none is empty.
fn decoded(segment: &str) -> Option<String> {
    let text = percent_decode_str(segment).decode_utf8().ok()?;
    (!text.is_empty()).then(|| text.into_owned())
}

/// The pattern of a path below [`ROOT`], if there is something.
pub(super) fn pattern(path: &str) -> Option<&'static str> {
    Resource::at(path).map(|resource| resource.pattern())
}

/// Answers a request below [`ROOT`]:
///
/// 1. the setting `ADMIN_KEY` is not there → 404, as if nothing were here;
/// 2. `Authorization: Bearer` is missing or not the key → 401;
/// 3. there is no such resource → 404;
/// 4. it does not take the method → 405;
/// 5. otherwise the resource answers.
pub(super) async fn answer(
    world: &World,
    incoming: &Incoming,
    path: &str,
) -> Result<Answer, Fault> {
    if let Some(answer) = refuse(world, incoming) {
        return Ok(answer); // 1, 2
    }
    let Some(resource) = Resource::at(path) else {
        return Ok(Answer::not_found()); // 3
    };
    let (method, allowed) = (incoming.method(), resource.methods());
    if !allowed.contains(&method) {
        return Ok(Answer::method_not_allowed(method).with_allow(&allowed.join(", "))); // 4
    }
    match (resource, method) {
        (Resource::Users, _) => users::search(world, incoming).await, // 5
        (Resource::User(sub), "DELETE") => users::delete(world, &sub).await,
        (Resource::User(sub), _) => users::show(world, sub).await,
        (Resource::Sessions(sub), _) => users::end_all(world, &sub).await,
        (Resource::Session(sub, sid), _) => users::end_one(world, &sub, &sid).await,
        (Resource::Move(sub, to), _) => users::stand(world, sub, to).await,
        (Resource::Unlock(sub), _) => users::unlock(world, &sub).await,
        (Resource::Blacklist, "POST") => blacklist::add(world, incoming).await,
        (Resource::Blacklist, _) => blacklist::list(world, incoming).await,
        (Resource::ImportBlacklist, _) => import::blacklist(world, incoming).await,
        (Resource::ImportUsers, _) => import::users(world, incoming).await,
        (Resource::Events, _) => events::recent(world, incoming).await,
        (Resource::Stats, _) => events::stats(world, incoming).await,
        (Resource::Keys, _) => keys::list(world).await,
        (Resource::Roll, _) => keys::roll(world, incoming).await,
    }
}

/// The answer to who does not have the admin key, or asks where there is none.
pub(super) fn refuse(world: &World, incoming: &Incoming) -> Option<Answer> {
    let Some(key) = &world.config.admin_key else {
        return Some(Answer::not_found());
    };
    let header = incoming.header(HeaderName::Authorization);
    let presented = header.as_deref().and_then(bearer);
    let is_known = presented.is_some_and(|presented| key.is(presented));
    (!is_known).then(unauthorized)
}

fn bearer(header: &str) -> Option<&str> {
    let (scheme, key) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| key.trim())
}

fn unauthorized() -> Answer {
    Answer::detail(401, "The admin key is needed.")
        .with("WWW-Authenticate", "Bearer realm=\"admin\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_decoded_from_its_segment_and_stays_one() {
        let user = |sub: &str| Some(Resource::User(sub.into()));
        let cases = [
            ("users", Some(Resource::Users)),
            ("users/", Some(Resource::Users)),
            ("users/ann", user("ann")),
            ("users/ann/", user("ann")),
            ("users/a%2Fb%40c+d%20%C3%BC/", user("a/b@c+d ü")),
            ("users/sessions/", user("sessions")),
            ("users/a%2Fsessions", user("a/sessions")),
            ("users/a/sessions/", Some(Resource::Sessions("a".into()))),
            (
                "users/a/sessions/s/",
                Some(Resource::Session("a".into(), "s".into())),
            ),
            (
                "users/a/deactivate/",
                Some(Resource::Move("a".into(), MoveName::Deactivate)),
            ),
            ("users/a/unlock/", Some(Resource::Unlock("a".into()))),
            ("users//", None),
            ("users//sessions/", None),
            ("users/%FF/", None),
            ("users/a/delete/", None),
            ("", None),
            ("keys/", Some(Resource::Keys)),
            ("keys/roll", Some(Resource::Roll)),
        ];
        for (path, expected) in cases {
            assert_eq!(Resource::at(path), expected, "{path}");
        }
    }

    #[test]
    fn the_scheme_is_bearer_in_any_case() {
        assert_eq!(bearer("bEARER  key "), Some("key"));
        for other in ["", "key", "Basic key", "Bearer"] {
            assert_eq!(bearer(other), None, "{other}");
        }
    }
}
