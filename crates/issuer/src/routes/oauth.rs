//! The standards' own endpoints: RFC 6749 (token), RFC 7009 (revocation), RFC 7662 (introspection).

use hallpass_core::claims::CLIENT_PREFIX;
use hallpass_core::json::{Object, quoted};
use hallpass_core::{Kind, Subject, Untrusted, Valid};
use serde::Serialize;

use super::answer::Answer;
use super::body::Body;
use super::client::{self, Caller};
use super::fields::{Fields, Rule};
use super::incoming::Incoming;
use super::refusals;
use crate::adapters::clock;
use crate::fault::Fault;
use crate::use_cases::client_token::{self, Asked};
use crate::use_cases::{Failure, Tokens, World, check, refresh, revoke};

/// An error in the form of RFC 6749 section 5.2.
pub(super) fn error(status: u16, code: &'static str) -> Answer {
    #[derive(Serialize)]
    struct Body {
        error: &'static str,
    }
    Answer::secret(status, &Body { error: code }).with_code(code)
}

/// `POST /oauth/token` (RFC 6749 sections 4.4 and 6):
///
/// 1. a body that cannot be read, no `grant_type` → 400 `invalid_request`;
/// 2. a client that says what is not true → 401 `invalid_client`;
/// 3. a grant that there is not → 400 `unsupported_grant_type`;
/// 4. a refresh token that is refused → 400 `invalid_grant`, and [`refusals::explained`] why;
/// 5. a scope that the client may not have → 400 `invalid_scope`;
/// 6. otherwise 200 with the tokens.
pub(super) async fn token(world: &World, incoming: &Incoming) -> Result<Answer, Fault> {
    let Ok(body) = Body::of(incoming).await? else {
        return Ok(error(400, "invalid_request"));
    }; // 1
    let caller = client::caller(world, incoming, &body);
    let text = |name| optional(&body, name);
    let is_grant = |grant: &str| text("grant_type").as_deref() == Some(grant);
    if matches!(caller, Caller::Unknown)
        || is_grant("client_credentials") && matches!(caller, Caller::Public)
    {
        return Ok(client::unknown()); // 2
    }
    match (text("grant_type").as_deref(), caller) {
        (None | Some(""), _) => Ok(error(400, "invalid_request")), // 1
        (Some("refresh_token"), _) => match text("refresh_token") {
            Some(token) if !token.is_empty() => refreshed(world, &token).await,
            _ => Ok(error(400, "invalid_request")), // 1
        },
        (Some("client_credentials"), Caller::Client(client)) => {
            match client_token::issue(world, client, &text("scope").unwrap_or_default()).await? {
                Asked::Issued(tokens) => Ok(issued(tokens)), // 6
                Asked::WrongScope => Ok(error(400, "invalid_scope")), // 5
                Asked::Refused => Ok(client::unknown()),     // 2
            }
        }
        (Some(_), _) => Ok(error(400, "unsupported_grant_type")), // 3
    }
}

async fn refreshed(world: &World, token: &str) -> Result<Answer, Fault> {
    match refresh::refresh(world, token, Kind::Refresh).await {
        Ok(tokens) => Ok(issued(tokens)), // 6
        Err(Failure::Refused(refusal)) => {
            let answer = error(400, "invalid_grant");
            Ok(refusals::explained(answer, refusal)) // 4
        }
        Err(Failure::Fault(fault)) => Err(fault),
    }
}

/// The answer of RFC 6749 section 5.1; lifetime and scope are what the token itself says.
fn issued(tokens: Tokens) -> Answer {
    #[derive(Serialize)]
    struct Issued {
        access_token: String,
        token_type: &'static str,
        expires_in: u64,
        #[serde(skip_serializing_if = "Option::is_none")]
        refresh_token: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        scope: Option<String>,
    }
    let Tokens { bearer, refresh } = tokens;
    let parsed = Untrusted::parse(&bearer).ok();
    let payload = parsed.as_ref().map(Untrusted::payload);
    // Not `exp` less `iat`: a pair that is answered again is as old as its rotation.
    let exp = payload.and_then(|p: &Object| p.get("exp")?.text().parse::<u64>().ok());
    let exp = exp.unwrap_or(0);
    let expires_in = exp.saturating_sub(clock::seconds());
    let scope = payload
        .and_then(|p| p.get("scope")?.string())
        .map(Into::into);
    let answer = Issued {
        token_type: "Bearer",
        expires_in,
        refresh_token: refresh,
        scope,
        access_token: bearer.clone(),
    };
    Answer::secret(200, &answer)
}

/// `POST /oauth/revoke` (RFC 7009 section 2):
///
/// 1. a body that cannot be read, no `token` → 400 `invalid_request`;
/// 2. a client that says what is not true → 401 `invalid_client`;
/// 3. otherwise 200, be the token unknown, expired or already revoked: a refresh or sliding token
///    ends its session, an access token is called back by itself.
pub(super) async fn revoke(world: &World, incoming: &Incoming) -> Result<Answer, Fault> {
    let Ok(body) = Body::of(incoming).await? else {
        return Ok(error(400, "invalid_request"));
    }; // 1
    if matches!(client::caller(world, incoming, &body), Caller::Unknown) {
        return Ok(client::unknown()); // 2
    }
    let token = optional(&body, "token").filter(|token| !token.is_empty());
    let Some(token) = token else {
        return Ok(error(400, "invalid_request"));
    }; // 1
    let done = Answer::empty(200).with("Cache-Control", "no-store");
    match revoke::revoke(world, &token).await {
        Ok(()) => Ok(done),                                               // 3
        Err(Failure::Refused(refusal)) => Ok(done.with_refusal(refusal)), // 3
        Err(Failure::Fault(fault)) => Err(fault),
    }
}

/// `POST /oauth/introspect` (RFC 7662 section 2):
///
/// 1. a body that cannot be read, no `token` → 400 `invalid_request`;
/// 2. no client with this id and secret → 401 `invalid_client`;
/// 3. a token that is not good, for whatever reason → 200 `{"active":false}` and nothing else;
/// 4. otherwise 200 with its claims.
pub(super) async fn introspect(world: &World, incoming: &Incoming) -> Result<Answer, Fault> {
    #[derive(Serialize)]
    struct Inactive {
        active: bool,
    }
    let Ok(body) = Body::of(incoming).await? else {
        return Ok(error(400, "invalid_request"));
    }; // 1
    let Caller::Client(_) = client::caller(world, incoming, &body) else {
        return Ok(client::unknown()); // 2
    };
    let token = optional(&body, "token").filter(|token| !token.is_empty());
    let Some(token) = token else {
        return Ok(error(400, "invalid_request"));
    }; // 1
    match check::introspect(world, &token).await {
        Ok((valid, kind)) => Ok(Answer::raw_secret(active(world, &valid, kind))), // 4
        Err(Failure::Refused(refusal)) => {
            Ok(Answer::secret(200, &Inactive { active: false }).with_refusal(refusal)) // 3
        }
        Err(Failure::Fault(fault)) => Err(fault),
    }
}

/// The token's own claims, as they are spelled there, with `token_type` in RFC 7662's sense.
fn active(world: &World, valid: &Valid, kind: Kind) -> String {
    let claims = valid.claims();
    let mut text = "{\"active\":true".to_owned();
    if kind != Kind::Refresh {
        text.push_str(",\"token_type\":\"Bearer\"");
    }
    if let Subject::Of(sub) = &claims.subject
        && let Some(id) = sub.strip_prefix(CLIENT_PREFIX)
    {
        text.extend([",\"client_id\":", &quoted(id)]);
    }
    let type_claim = world.config.rules.names.token_type.as_str();
    let ours =
        |name: &str| matches!(name, "active" | "token_type" | "client_id") || name == type_claim;
    for (name, value) in claims.members() {
        if name.string().is_some_and(|name| !ours(&name)) {
            text.extend([",", name.text(), ":", value.text()]);
        }
    }
    text.push('}');
    text
}

/// A field's text; `None` where it is absent or no text.
fn optional(body: &Body, name: &str) -> Option<String> {
    let mut fields = Fields::of(body);
    let text = fields.text(name, Rule::OPTIONAL);
    fields.finish().is_ok().then_some(text)
}
