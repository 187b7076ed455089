//! Answers.

use serde::Serialize;
use worker::{Headers, Response};

use super::incoming::Incoming;

/// An answer before it is sent.
pub(super) struct Answer {
    status: u16,
    /// JSON; `None`: no body at all.
    body: Option<String>,
    headers: Vec<(&'static str, String)>,
}

/// Headers that stand on every answer, as Django's own middleware sets them.
const ALWAYS: [(&str, &str); 5] = [
    ("Vary", "Accept"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
];

#[derive(Serialize)]
struct Detail<'a> {
    detail: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
}

impl Answer {
    /// A body in JSON.
    pub(super) fn json(status: u16, body: &impl Serialize) -> Self {
        // Our own types always serialize; if one did not, the caller would get an empty object.
        let body = serde_json::to_string(body).unwrap_or_else(|_| "{}".to_owned());
        Self {
            status,
            body: Some(body),
            headers: Vec::new(),
        }
    }

    /// A body in JSON that holds tokens (RFC 6749 section 5.1).
    pub(super) fn secret(status: u16, body: &impl Serialize) -> Self {
        Self::json(status, body).with("Cache-Control", "no-store")
    }

    /// 200 with a body that is JSON already and is nobody else's business.
    pub(super) fn raw_secret(json: String) -> Self {
        Self {
            status: 200,
            body: Some(json),
            headers: Vec::new(),
        }
        .with("Cache-Control", "no-store")
    }

    /// No body.
    pub(super) const fn empty(status: u16) -> Self {
        Self {
            status,
            body: None,
            headers: Vec::new(),
        }
    }

    /// `{"detail": …}`, in Django REST framework's form.
    pub(super) fn detail(status: u16, detail: &str) -> Self {
        Self::json(status, &Detail { detail, code: None })
    }

    /// `{"detail": …, "code": …}`.
    pub(super) fn coded(status: u16, detail: &str, code: &str) -> Self {
        Self::json(
            status,
            &Detail {
                detail,
                code: Some(code),
            },
        )
    }

    pub(super) fn not_found() -> Self {
        Self::detail(404, "Not found.")
    }

    pub(super) fn method_not_allowed(method: &str) -> Self {
        Self::detail(405, &format!("Method \"{method}\" not allowed."))
    }

    pub(super) fn not_acceptable() -> Self {
        Self::detail(406, "Could not satisfy the request Accept header.")
    }

    pub(super) fn too_large() -> Self {
        Self::detail(413, "Request body too large.")
    }

    /// We failed, and the log says why.
    pub(super) fn server_error() -> Self {
        Self::detail(500, "A server error occurred.")
    }

    /// The settings cannot be worked with, and the log names them.
    pub(super) fn unavailable() -> Self {
        Self::detail(503, "Service unavailable: it is not set up correctly.")
    }

    pub(super) const fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Says that another origin may get another answer, besides what is always said.
    pub(super) fn varying_by_origin(self) -> Self {
        self.with("Vary", "Accept, Origin")
    }

    pub(super) fn with_allow(self, allow: &str) -> Self {
        self.with("Allow", allow)
    }

    /// Sends it; to `HEAD` without the body.
    pub(super) fn into_response(self, incoming: &Incoming) -> worker::Result<Response> {
        let headers = Headers::new();
        for (name, value) in ALWAYS {
            headers.set(name, value)?;
        }
        for (name, value) in &self.headers {
            headers.set(name, value)?;
        }
        let response = match self.body {
            None => Response::empty()?,
            Some(body) => {
                headers.set("Content-Type", "application/json")?;
                if incoming.method() == "HEAD" {
                    Response::empty()?
                } else {
                    Response::ok(body)?
                }
            }
        };
        Ok(response.with_status(self.status).with_headers(headers))
    }
}
