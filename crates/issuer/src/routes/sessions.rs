//! `/api/sessions/`: the bearer's sessions, and opening one for somebody else.

use hallpass_core::claims::CLIENT_PREFIX;
use hallpass_core::claims::CustomClaims;
use hallpass_core::json::Type;
use serde::Serialize;

use super::answer::Answer;
use super::body::{Body, Field};
use super::client;
use super::cookie::{Delivery, Ended};
use super::fields::{self, Fields, Rule};
use super::incoming::{Incoming, client_label};
use super::token::Pair;
use crate::clients::{SESSIONS_OPEN, is_scope};
use crate::fault::Fault;
use crate::objects::subject::message::{FormName, Own};
use crate::use_cases::check::Bearer;
use crate::use_cases::sign_in::{self, Admitted, Wishes};
use crate::use_cases::{World, sessions};

/// The longest subject, in bytes. It stands in a token twice, each byte as two at most, beside custom
/// claims of 4 KiB and some hundred bytes of ours: in base64 less than the 8 KiB of a bearer token.
const MAX_SUBJECT_BYTES: usize = 255;

/// `GET /api/sessions/`: 200 with the bearer's live sessions, the last refreshed first.
pub(super) async fn list(world: &World, bearer: &Bearer) -> Result<Answer, Fault> {
    #[derive(Serialize)]
    struct Session {
        sid: String,
        started_at: u64,
        last_refreshed_at: u64,
        expires_at: u64,
        client: String,
        current: bool,
    }
    let listed = sessions::list(world, bearer).await?;
    let sessions = listed.into_iter().map(|listed| Session {
        current: bearer.sid.as_ref() == Some(&listed.sid),
        sid: listed.sid,
        started_at: listed.started_at,
        last_refreshed_at: listed.last_refreshed_at,
        expires_at: listed.expires_at,
        client: listed.client,
    });
    Ok(Answer::secret(200, &sessions.collect::<Vec<_>>()))
}

/// `DELETE /api/sessions/<sid>/`: the session has ended, 204; the bearer has no such live session,
/// 404.
pub(super) async fn end_one(
    world: &World,
    incoming: &Incoming,
    bearer: &Bearer,
    sid: &str,
) -> Result<Answer, Fault> {
    let ended = sessions::end_one(world, bearer, sid).await?;
    Ok(if ended {
        Delivery::seen(world, incoming).after(Ended::Session(sid), Answer::empty(204))
    } else {
        Answer::not_found()
    })
}

/// `POST /api/sessions/` with `{"sub", "claims"?, "scope"?, "client"?, "access_token_lifetime"?,
/// "refresh_token_lifetime"?}`, for whoever keeps their own login:
///
/// 1. no client with this id and secret → 401, one without the scope `sessions:open` → 403;
/// 2. a body that cannot be read, fields that break a rule → 400, 413, 415;
/// 3. the subject is not active → 403;
/// 4. otherwise 201 with the pair, in the body whatever `REFRESH_COOKIE` says: who asks is no browser.
pub(super) async fn open(world: &World, incoming: &Incoming) -> Result<Answer, Fault> {
    let Some(client) = client::of_header(world, incoming) else {
        return Ok(client::unknown()); // 1
    };
    if !client.has(SESSIONS_OPEN) {
        return Ok(Answer::detail(403, "This client may not open sessions.")); // 1
    }
    let body = match Body::of(incoming).await? {
        Ok(body) => body,
        Err(answer) => return Ok(answer), // 2
    };
    let mut fields = Fields::of(&body);
    let sub = fields.text("sub", Rule::REQUIRED);
    let scope = fields.text("scope", Rule::OPTIONAL);
    let label = client_label(&fields.text("client", Rule::OPTIONAL));
    if let Err(answer) = fields.finish() {
        return Ok(answer); // 2
    }
    if let Some(why) = no_subject(&sub) {
        return Ok(fields::error("sub", why)); // 2
    }
    if !scope.split_whitespace().all(is_scope) {
        return Ok(fields::error("scope", "Not a list of scopes.")); // 2
    }
    let wishes = match wishes(world, &body, &scope) {
        Ok(wishes) => wishes,
        Err(answer) => return Ok(answer), // 2
    };
    let admitted = Admitted {
        sub,
        credential: u32::MAX,
        profile: None,
        wishes,
    };
    match sign_in::open(world, admitted, FormName::Pair, label).await? {
        None => Ok(Answer::detail(403, "This subject is not active.")), // 3
        Some(tokens) => Ok(Pair::answer(tokens.bearer, tokens.refresh).with_status(201)), // 4
    }
}

/// Why nobody can have this subject.
pub(super) fn no_subject(sub: &str) -> Option<&'static str> {
    if sub.len() > MAX_SUBJECT_BYTES {
        return Some("Ensure this field has no more than 255 bytes.");
    }
    if sub.chars().any(char::is_control) {
        return Some("Control characters are not allowed.");
    }
    // In the path of a request to the admin API it would lead elsewhere, percent-encoded too.
    if matches!(sub, "." | "..") {
        return Some("Dots alone are not allowed.");
    }
    sub.starts_with(CLIENT_PREFIX)
        .then_some("This prefix is for clients.")
}

fn wishes(world: &World, body: &Body, scope: &str) -> Result<Wishes, Answer> {
    let names = &world.config.rules.names;
    let text = match body.field("claims") {
        Field::Absent => "{}".to_owned(),
        Field::Json(value) if value.kind() == Type::Object => value.text().to_owned(),
        Field::Json(_) | Field::Part(_) => return Err(fields::error("claims", "Not an object.")),
    };
    let custom = CustomClaims::parse(&text, names)
        .and_then(|custom| custom.with_scope(scope))
        .map_err(|why| fields::error("claims", &why.to_string()))?;
    let own = Own {
        bearer: seconds(body, "access_token_lifetime")?,
        refresh: seconds(body, "refresh_token_lifetime")?,
    };
    Ok(Wishes { custom, own })
}

fn seconds(body: &Body, name: &str) -> Result<Option<u64>, Answer> {
    let wrong = || fields::error(name, "A number of seconds, at least 1, is needed.");
    match body.field(name) {
        Field::Absent => Ok(None),
        Field::Json(value) => match value.text().parse() {
            Ok(seconds) if seconds > 0 => Ok(Some(seconds)),
            _ => Err(wrong()),
        },
        Field::Part(_) => Err(wrong()),
    }
}
