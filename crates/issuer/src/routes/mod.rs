//! HTTP in, HTTP out: what stands around the endpoints, in Simple JWT's dialect.

mod admin;
mod answer;
mod bearer;
mod body;
mod client;
mod cookie;
mod cors;
mod door;
mod endpoint;
mod fields;
mod incoming;
mod logout;
mod mail;
mod negotiation;
mod oauth;
mod python;
mod refusals;
mod request_log;
mod reset;
mod same_site;
mod second_factor;
mod sessions;
mod standards;
mod token;
mod users;

use futures_util::future::LocalBoxFuture;
use wasm_bindgen::JsValue;
use web_sys::{Request, Response};
use worker::Env;

use self::answer::Answer;
use self::cors::Cors;
use self::endpoint::{Endpoint, Plain};
use self::incoming::Incoming;
use crate::adapters::{clock, waits};
use crate::boundary::HeaderName;
use crate::config::Config;
use crate::fault::Fault;
use crate::log::Outcome;
use crate::use_cases::World;
use crate::use_cases::check::Bearer;

/// Answers a request. Whatever happens, there is an answer:
///
/// 1. a bad or missing setting or binding → 503, and the log names all of them;
/// 2. no endpoint at this path → 404;
/// 3. a browser asks whether a page of an allowed origin may send such a request → 204, it may;
/// 4. a format or media type other than JSON is asked for → 404, 406;
/// 5. the endpoint wants to know who asks, and does not → 401;
/// 6. the endpoint does not take the method → 405;
/// 7. `OPTIONS` → 200, what the endpoint takes;
/// 8. the endpoint answers;
/// 9. something of ours fails on the way → 500, and the log says what.
///
/// The log has a line of it, see [`request_log`]; in development its header `Server-Timing` says what was
/// waited for.
///
/// From 2 on pages of allowed origins may read the answer, whatever it is; but not an administrator's.
pub(crate) async fn answer(request: Request, env: Env) -> Result<Response, JsValue> {
    let began = clock::milliseconds();
    let incoming = Incoming::new(request);
    let (answer, least) = match Config::of(&env) {
        Err(_) => (Answer::unavailable(), Outcome::Failed), // 1
        Ok(config) => {
            let (development, least) = (config.development, config.log_requests);
            let world = World { env, config };
            let (answer, waits) = waits::told(development, answered(&world, &incoming)).await;
            let answer = match waits {
                Some(waits) => {
                    let total = clock::milliseconds().saturating_sub(began);
                    answer.with("Server-Timing", waits.header(total))
                }
                None => answer,
            };
            (answer, least)
        }
    };
    request_log::tell(&incoming, answer, began, least).into_response(&incoming)
}

/// Steps 2 to 9.
async fn answered(world: &World, incoming: &Incoming) -> Answer {
    let answer = match incoming.path().strip_prefix(admin::ROOT) {
        Some(path) => {
            let answer: Replying<'_> = Box::pin(admin::answer(world, incoming, path));
            let answer = answer.await;
            answer.map(|answer| answer.with("Cache-Control", "no-store")) // 8
        }
        None => with_cors(world, incoming).await,
    };
    answer.unwrap_or_else(Answer::server_error) // 9
}

/// Steps 2 to 9, and which origins' pages may read the answer.
async fn with_cors(world: &World, incoming: &Incoming) -> Result<Answer, Fault> {
    let endpoint = Endpoint::at(incoming.path());
    let allowed = &world.config.allowed_origins;
    // A header is asked of JavaScript, on every request; without the setting nobody needs it.
    let origin = if allowed.is_empty() {
        None
    } else {
        incoming.header(HeaderName::Origin)
    };
    let preflight = origin.is_some()
        && incoming.method() == "OPTIONS"
        && incoming
            .header(HeaderName::AccessControlRequestMethod)
            .is_some();
    let cors = Cors::decide(endpoint, allowed, origin.as_deref(), preflight);
    let answer = match (endpoint, cors) {
        (None, _) => Answer::not_found(),                     // 2
        (Some(_), Cors::Preflight(..)) => Answer::empty(204), // 3
        (Some(endpoint), _) => of_endpoint(endpoint, world, incoming)
            .await
            .unwrap_or_else(Answer::server_error), // 9
    };
    Ok(cors.told(answer, world.config.refresh_cookie))
}

/// Steps 4 to 8.
async fn of_endpoint(
    endpoint: Endpoint,
    world: &World,
    incoming: &Incoming,
) -> Result<Answer, Fault> {
    if let Endpoint::Plain(which) = endpoint {
        return plain(endpoint, which, world, incoming).await;
    }
    let answer = framework(endpoint, world, incoming).await?;
    Ok(answer.with_allow(&endpoint.allow()))
}

/// Steps 6 and 8, for endpoints that the framework does not know.
async fn plain(
    endpoint: Endpoint,
    which: Plain,
    world: &World,
    incoming: &Incoming,
) -> Result<Answer, Fault> {
    if !endpoint.takes(incoming.method()) {
        let answer = Answer::method_not_allowed(incoming.method());
        return Ok(answer.with_allow(&endpoint.allow())); // 6
    }
    let reply: Replying<'_> = match which {
        Plain::OauthToken => Box::pin(oauth::token(world, incoming)),
        Plain::OauthRevoke => Box::pin(oauth::revoke(world, incoming)),
        Plain::OauthIntrospect => Box::pin(oauth::introspect(world, incoming)),
        Plain::Metadata => return Ok(standards::metadata(world, incoming)),
        Plain::Jwks => Box::pin(standards::jwks(world)),
        Plain::Health => Box::pin(standards::health(world, incoming)),
    };
    reply.await
}

/// Steps 2 and 4 to 8 as Django REST framework takes them.
async fn framework(
    endpoint: Endpoint,
    world: &World,
    incoming: &Incoming,
) -> Result<Answer, Fault> {
    if !endpoint.is_there(&world.config) {
        return Ok(Answer::not_found());
    }
    if let Some(answer) = negotiation::refuse(incoming) {
        return Ok(answer); // 4
    }
    let bearer = match bearer::authenticate(endpoint, world, incoming).await? {
        Ok(bearer) => bearer,
        Err(answer) => return Ok(answer), // 5
    };
    match incoming.method() {
        "OPTIONS" => Ok(endpoint.describe(&world.config)), // 7
        method if endpoint.takes(method) => reply(endpoint, world, incoming, bearer).await, // 8
        method => Ok(Answer::method_not_allowed(method)),  // 6
    }
}

/// Step 8: what an endpoint does, in a box of its own. Unboxed, all that the Worker can do would be one
/// function, which is compiled at the first request whatever that asks for, and runs slowly for its size.
type Replying<'a> = LocalBoxFuture<'a, Result<Answer, Fault>>;

fn reply<'a>(
    endpoint: Endpoint,
    world: &'a World,
    incoming: &'a Incoming,
    bearer: Option<Bearer>,
) -> Replying<'a> {
    let known = |bearer: Option<Bearer>| {
        bearer.ok_or_else(|| Fault::new("an endpoint was reached without the bearer it asks for"))
    };
    match endpoint {
        Endpoint::Obtain | Endpoint::SlidingObtain => {
            Box::pin(token::obtain(endpoint, world, incoming))
        }
        Endpoint::Refresh => Box::pin(token::refresh(world, incoming)),
        Endpoint::SlidingRefresh => Box::pin(token::sliding_refresh(world, incoming)),
        Endpoint::Verify => Box::pin(token::verify(world, incoming)),
        Endpoint::Blacklist => Box::pin(token::blacklist(world, incoming)),
        Endpoint::Registration => Box::pin(users::register(world, incoming)),
        Endpoint::Info => Box::pin(async move { Ok(users::info(world, known(bearer)?)) }),
        Endpoint::Password => {
            Box::pin(async move { users::change_password(world, incoming, known(bearer)?).await })
        }
        Endpoint::Otp => Box::pin(second_factor::finish(world, incoming)),
        Endpoint::SecondFactor => Box::pin(async move {
            let bearer = known(bearer)?;
            match incoming.method() {
                "POST" => second_factor::choose(world, incoming, &bearer).await,
                "DELETE" => second_factor::drop_choice(world, incoming, &bearer).await,
                _ => second_factor::state(world, &bearer).await,
            }
        }),
        Endpoint::PasswordReset => Box::pin(reset::ask(world, incoming)),
        Endpoint::PasswordResetConfirm => Box::pin(reset::confirm(world, incoming)),
        Endpoint::DevelopmentMail => Box::pin(async { Ok(mail::shown()) }),
        Endpoint::ResetAll => {
            Box::pin(async move { logout::reset_all(world, incoming, &known(bearer)?).await })
        }
        Endpoint::Logout => {
            Box::pin(async move { logout::logout(world, incoming, &known(bearer)?).await })
        }
        Endpoint::Sessions if incoming.method() == "POST" => {
            Box::pin(sessions::open(world, incoming))
        }
        Endpoint::Sessions => Box::pin(async move { sessions::list(world, &known(bearer)?).await }),
        Endpoint::Session => Box::pin(async move {
            let sid = endpoint::session_in(incoming.path()).unwrap_or_default();
            sessions::end_one(world, incoming, &known(bearer)?, sid).await
        }),
        Endpoint::Check => Box::pin(bearer::check(world, incoming)),
        Endpoint::Plain(_) => {
            Box::pin(async { Err(Fault::new("an endpoint was reached a wrong way")) })
        }
    }
}
