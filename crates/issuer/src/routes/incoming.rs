//! A request as the routes see it.

use js_sys::Uint8Array;
use wasm_bindgen::JsCast;
use web_sys::Request;

use crate::boundary::{self, HeaderName};

/// The longest body that is read, in bytes.
pub(super) const MAX_BODY_BYTES: usize = 64 * 1024;

/// The longest client label that is kept, in characters.
const MAX_CLIENT_CHARS: usize = 200;

/// A request: what is needed of it.
pub(super) struct Incoming {
    method: String,
    origin: String,
    path: String,
    query: String,
    request: Request,
}

/// What is kept of what a client calls itself: one line that is not too long.
pub(super) fn client_label(text: &str) -> String {
    let printed = text.chars().filter(|c| !c.is_control());
    printed.take(MAX_CLIENT_CHARS).collect()
}

/// A body, or why there is none to be looked at.
pub(super) enum RawBody {
    Bytes(Vec<u8>),
    TooLarge,
    /// The client went away or broke its transfer coding.
    Cut,
}

impl Incoming {
    pub(super) fn new(request: Request) -> Self {
        let target = boundary::target(&request);
        let (method, url) = target.split_once(' ').unwrap_or_default();
        let host = url.find("://").map_or(0, |at| at + 3);
        let after_host = url.get(host..).and_then(|rest| rest.find('/'));
        let host_ends = after_host.map_or(url.len(), |len| host + len);
        let (origin, rest) = url.split_at_checked(host_ends).unwrap_or_default();
        // What is after the `#` stays in a browser.
        let rest = rest.split('#').next().unwrap_or_default();
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        Self {
            method: method.to_owned(),
            origin: origin.to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            request,
        }
    }

    /// As it was sent.
    pub(super) fn method(&self) -> &str {
        &self.method
    }

    /// From the first slash, percent-encoded.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// Scheme and host, as the caller has them.
    pub(super) fn origin(&self) -> &str {
        &self.origin
    }

    /// The last parameter of that name in the query.
    pub(super) fn query(&self, name: &str) -> Option<String> {
        let pairs = form_urlencoded::parse(self.query.as_bytes());
        pairs
            .filter(|(key, _)| key == name)
            .last()
            .map(|(_, value)| value.into_owned())
    }

    /// A header's value, several joined by commas.
    pub(super) fn header(&self, name: HeaderName) -> Option<String> {
        boundary::header(&self.request, name)
    }

    /// What the client calls itself.
    pub(super) fn client(&self) -> String {
        client_label(&self.header(HeaderName::UserAgent).unwrap_or_default())
    }

    /// The body, read no further than is allowed.
    pub(super) async fn body(&self) -> RawBody {
        let announced = self.header(HeaderName::ContentLength);
        let body = match announced.and_then(|length| length.parse::<usize>().ok()) {
            Some(0) => return RawBody::Bytes(Vec::new()),
            Some(length) if length > MAX_BODY_BYTES => return RawBody::TooLarge,
            // HTTP lets none grow longer than it was announced.
            Some(_) => boundary::body(&self.request),
            None => boundary::body_within(&self.request, MAX_BODY_BYTES),
        };
        match boundary::settled(body).await {
            Err(_) => RawBody::Cut,
            Ok(body) => body
                .dyn_into::<Uint8Array>()
                .map_or(RawBody::TooLarge, |bytes| RawBody::Bytes(bytes.to_vec())),
        }
    }
}
