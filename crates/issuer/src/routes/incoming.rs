//! A request as the routes see it.

use std::cell::RefCell;

use futures_util::StreamExt;
use worker::Request;

use crate::fault::Fault;

/// The longest body that is read, in bytes.
pub(super) const MAX_BODY_BYTES: usize = 64 * 1024;

/// The longest client label that is kept, in characters.
const MAX_CLIENT_CHARS: usize = 200;

/// A request: what is needed of it.
pub(super) struct Incoming {
    method: String,
    path: String,
    query: String,
    request: RefCell<Request>,
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
        // The crate's own method type takes every method that it does not know for GET.
        let method = request.inner().method();
        let url = request.inner().url();
        let query = url.split_once('?').map_or("", |(_, query)| query);
        let query = query.split('#').next().unwrap_or_default().to_owned();
        Self {
            method,
            path: request.path(),
            query,
            request: RefCell::new(request),
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
    pub(super) fn origin(&self) -> String {
        let url = self.request.borrow().inner().url();
        let host_ends = url
            .find("://")
            .and_then(|at| url.get(at + 3..)?.find('/').map(|len| at + 3 + len));
        host_ends
            .and_then(|end| url.get(..end))
            .unwrap_or_default()
            .to_owned()
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
    pub(super) fn header(&self, name: &str) -> Result<Option<String>, Fault> {
        Ok(self.request.borrow().headers().get(name)?)
    }

    /// What the client calls itself.
    pub(super) fn client(&self) -> Result<String, Fault> {
        let agent = self.header("user-agent")?.unwrap_or_default();
        Ok(client_label(&agent))
    }

    /// The body, read no further than is allowed.
    pub(super) async fn body(&self) -> Result<RawBody, Fault> {
        let announced = self
            .header("content-length")?
            .and_then(|length| length.parse::<usize>().ok());
        if announced.is_some_and(|length| length > MAX_BODY_BYTES) {
            return Ok(RawBody::TooLarge);
        }
        if self.request.borrow().inner().body().is_none() {
            return Ok(RawBody::Bytes(Vec::new()));
        }
        let mut stream = self.request.borrow_mut().stream()?;
        let mut bytes = Vec::new();
        while let Some(chunk) = stream.next().await {
            let Ok(chunk) = chunk else {
                return Ok(RawBody::Cut);
            };
            bytes.extend(chunk);
            if bytes.len() > MAX_BODY_BYTES {
                return Ok(RawBody::TooLarge);
            }
        }
        Ok(RawBody::Bytes(bytes))
    }
}
