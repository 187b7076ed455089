//! HTTP in, HTTP out: what stands around the endpoints, in Simple JWT's dialect.

mod admin;
mod answer;
mod bearer;
mod body;
mod client;
mod endpoint;
mod fields;
mod incoming;
mod logout;
mod negotiation;
mod oauth;
mod refusals;
mod sessions;
mod standards;
mod token;
mod users;

use worker::{Env, Request, Response};

use self::answer::Answer;
use self::endpoint::{Endpoint, Plain};
use self::incoming::Incoming;
use crate::config::Config;
use crate::fault::Fault;
use crate::log;
use crate::use_cases::World;
use crate::use_cases::check::Bearer;

/// Answers a request. Whatever happens, there is an answer:
///
/// 1. a bad or missing setting or binding → 503, and the log names all of them;
/// 2. no endpoint at this path → 404;
/// 3. a format or media type other than JSON is asked for → 404, 406;
/// 4. the endpoint wants to know who asks, and does not → 401;
/// 5. the endpoint does not take the method → 405;
/// 6. `OPTIONS` → 200, what the endpoint takes;
/// 7. the endpoint answers;
/// 8. something of ours fails on the way → 500, and the log says what.
pub(crate) async fn answer(request: Request, env: Env) -> worker::Result<Response> {
    let incoming = Incoming::new(request);
    let Ok(config) = Config::of(&env) else {
        return Answer::unavailable().into_response(&incoming); // 1
    };
    if let Some(path) = incoming.path().strip_prefix(admin::ROOT) {
        let world = World { env, config };
        let answer = admin::answer(&world, &incoming, path).await;
        return answer
            .unwrap_or_else(|fault| failed(&fault))
            .with("Cache-Control", "no-store")
            .into_response(&incoming); // 7
    }
    let Some(endpoint) = Endpoint::at(incoming.path()) else {
        return Answer::not_found().into_response(&incoming); // 2
    };
    let world = World { env, config };
    let answer = if let Endpoint::Plain(which) = endpoint {
        plain(endpoint, which, &world, &incoming).await
    } else {
        let answer = framework(endpoint, &world, &incoming).await;
        answer.map(|answer| answer.with_allow(&endpoint.allow()))
    };
    answer
        .unwrap_or_else(|fault| failed(&fault))
        .into_response(&incoming)
}

/// Steps 5 and 7, for endpoints that the framework does not know.
async fn plain(
    endpoint: Endpoint,
    which: Plain,
    world: &World,
    incoming: &Incoming,
) -> Result<Answer, Fault> {
    if !endpoint.takes(incoming.method()) {
        let answer = Answer::method_not_allowed(incoming.method());
        return Ok(answer.with_allow(&endpoint.allow())); // 5
    }
    match which {
        Plain::OauthToken => oauth::token(world, incoming).await,
        Plain::OauthRevoke => oauth::revoke(world, incoming).await,
        Plain::OauthIntrospect => oauth::introspect(world, incoming).await,
        Plain::Metadata => Ok(standards::metadata(world, incoming)),
        Plain::Jwks => standards::jwks(world).await,
        Plain::Health => Ok(standards::health(world)),
    }
}

/// Steps 2 to 7 as Django REST framework takes them.
async fn framework(
    endpoint: Endpoint,
    world: &World,
    incoming: &Incoming,
) -> Result<Answer, Fault> {
    if endpoint.needs_accounts() && !world.config.accounts {
        return Ok(Answer::not_found());
    }
    if let Some(answer) = negotiation::refuse(incoming)? {
        return Ok(answer); // 3
    }
    let bearer = match bearer::authenticate(endpoint, world, incoming).await? {
        Ok(bearer) => bearer,
        Err(answer) => return Ok(answer), // 4
    };
    match incoming.method() {
        "OPTIONS" => Ok(endpoint.describe(&world.config)), // 6
        method if endpoint.takes(method) => reply(endpoint, world, incoming, bearer).await, // 7
        method => Ok(Answer::method_not_allowed(method)),  // 5
    }
}

async fn reply(
    endpoint: Endpoint,
    world: &World,
    incoming: &Incoming,
    bearer: Option<Bearer>,
) -> Result<Answer, Fault> {
    let known = |bearer: Option<Bearer>| {
        bearer.ok_or_else(|| Fault::new("an endpoint was reached without the bearer it asks for"))
    };
    match endpoint {
        Endpoint::Obtain | Endpoint::SlidingObtain => {
            token::obtain(endpoint, world, incoming).await
        }
        Endpoint::Refresh | Endpoint::SlidingRefresh => {
            token::refresh(endpoint, world, incoming).await
        }
        Endpoint::Verify => token::verify(world, incoming).await,
        Endpoint::Blacklist => token::blacklist(world, incoming).await,
        Endpoint::Registration => users::register(world, incoming).await,
        Endpoint::Info => Ok(users::info(world, known(bearer)?)),
        Endpoint::Password => users::change_password(world, incoming, known(bearer)?).await,
        Endpoint::ResetAll => logout::reset_all(world, &known(bearer)?).await,
        Endpoint::Logout => logout::logout(world, incoming, &known(bearer)?).await,
        Endpoint::Sessions if incoming.method() == "POST" => sessions::open(world, incoming).await,
        Endpoint::Sessions => sessions::list(world, &known(bearer)?).await,
        Endpoint::Session => {
            let sid = endpoint::session_in(incoming.path()).unwrap_or_default();
            sessions::end_one(world, &known(bearer)?, sid).await
        }
        Endpoint::Check => bearer::check(world, incoming).await,
        Endpoint::Plain(_) => Err(Fault::new("an endpoint was reached a wrong way")),
    }
}

/// 8.
fn failed(fault: &Fault) -> Answer {
    log::error("failed", &fault.to_string());
    Answer::server_error()
}
