//! Which client asks (RFC 6749 section 2.3.1).

use base64ct::{Base64, Encoding};

use super::answer::Answer;
use super::body::Body;
use super::fields::{Fields, Rule};
use super::incoming::Incoming;
use crate::boundary::HeaderName;
use crate::clients::Client;
use crate::use_cases::World;

/// The client of the `Authorization: Basic` header.
pub(super) fn of_header<'w>(world: &'w World, incoming: &Incoming) -> Option<&'w Client> {
    let (id, secret) = basic(incoming)?;
    let clients = &world.config.clients;
    // Many clients, `curl -u` among them, put the two together as they are.
    clients
        .authenticate(&form_decoded(&id), &form_decoded(&secret))
        .or_else(|| clients.authenticate(&id, &secret))
}

/// Whether a client says who it is, and whether that is true.
pub(super) enum Caller<'w> {
    /// It does not say: a public client.
    Public,
    Client(&'w Client),
    /// It says what is not true.
    Unknown,
}

/// The client of the header or of `client_id` and `client_secret` in the body. An id without a
/// secret is a public client's, which nothing hangs on.
pub(super) fn caller<'w>(world: &'w World, incoming: &Incoming, body: &Body) -> Caller<'w> {
    let clients = &world.config.clients;
    if incoming.header(HeaderName::Authorization).is_some() {
        return of_header(world, incoming).map_or(Caller::Unknown, Caller::Client);
    }
    let mut fields = Fields::of(body);
    let id = fields.text("client_id", Rule::OPTIONAL);
    let secret = fields.text("client_secret", Rule::OPTIONAL);
    if fields.finish().is_err() {
        return Caller::Unknown;
    }
    if secret.is_empty() {
        return Caller::Public;
    }
    clients
        .authenticate(&id, &secret)
        .map_or(Caller::Unknown, Caller::Client)
}

/// The answer to a client that is not known (RFC 6749 section 5.2).
pub(super) fn unknown() -> Answer {
    super::oauth::error(401, "invalid_client").with("WWW-Authenticate", "Basic realm=\"api\"")
}

/// Id and secret of the header, which RFC 6749 section 2.3.1 has form-encoded each.
fn basic(incoming: &Incoming) -> Option<(String, String)> {
    let header = incoming.header(HeaderName::Authorization)?;
    let decoded = header
        .split_once(' ')
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic"))
        .and_then(|(_, encoded)| Base64::decode_vec(encoded.trim()).ok())
        .and_then(|bytes| String::from_utf8(bytes).ok());
    let (id, secret) = decoded.as_deref()?.split_once(':')?;
    Some((id.to_owned(), secret.to_owned()))
}

fn form_decoded(text: &str) -> String {
    let mut pairs = form_urlencoded::parse(text.as_bytes());
    pairs
        .next()
        .map_or_else(String::new, |(name, _)| name.into_owned())
}
