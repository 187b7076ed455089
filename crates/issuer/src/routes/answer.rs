//! Answers.

use std::cell::RefCell;
use std::collections::HashMap;

use serde::Serialize;
use wasm_bindgen::JsValue;
use web_sys::{Headers, Response};

use super::incoming::Incoming;
use crate::boundary;
use crate::fault::Fault;
use crate::use_cases::Refusal;

/// An answer before it is sent.
pub(super) struct Answer {
    status: u16,
    /// JSON; `None`: no body at all.
    body: Option<String>,
    headers: Vec<(&'static str, String)>,
    remark: Remark,
}

/// What is known of an answer inside, for the log: the caller is told less.
pub(super) struct Remark {
    /// The stable code of a refusal; without one, its status has one (see `request_log`).
    pub(super) code: Option<&'static str>,
    /// The token that was refused.
    pub(super) refusal: Option<Refusal>,
    /// What of ours failed.
    pub(super) fault: Option<Fault>,
}

impl Remark {
    const NONE: Self = Self {
        code: None,
        refusal: None,
        fault: None,
    };
}

/// Headers that stand on every answer: what Django's own middleware sets, and below that what it leaves to others.
/// They are made once, so they cost a request nothing.
///
/// | header | why |
/// |---|---|
/// | `Content-Security-Policy` | an answer opened as a page loads, runs, sends and frames nothing, whatever stands in it |
/// | `Cross-Origin-Resource-Policy` | no other origin's page gets it into its process as a script or an image; who asks by CORS does not come under it |
/// | `Strict-Transport-Security` | passwords and tokens come here: a browser that has been here by https once does not come by http for a year. It heeds this over https alone, and of this very host: others are not ours to bind |
const ALWAYS: [(&str, &str); 8] = [
    ("Vary", "Accept"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    (
        "Content-Security-Policy",
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Strict-Transport-Security", "max-age=31536000"),
];

const JSON: (&str, &str) = ("Content-Type", "application/json");

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
            remark: Remark::NONE,
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
            remark: Remark::NONE,
        }
        .with("Cache-Control", "no-store")
    }

    /// No body.
    pub(super) const fn empty(status: u16) -> Self {
        Self {
            status,
            body: None,
            headers: Vec::new(),
            remark: Remark::NONE,
        }
    }

    /// `{"detail": …}`, in Django REST framework's form.
    pub(super) fn detail(status: u16, detail: &str) -> Self {
        Self::json(status, &Detail { detail, code: None })
    }

    /// `{"detail": …, "code": …}`.
    pub(super) fn coded(status: u16, detail: &str, code: &'static str) -> Self {
        Self::json(
            status,
            &Detail {
                detail,
                code: Some(code),
            },
        )
        .with_code(code)
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
    pub(super) fn server_error(fault: Fault) -> Self {
        Self::detail(500, "A server error occurred.").with_fault(fault)
    }

    /// The settings cannot be worked with, and the log names them.
    pub(super) fn unavailable() -> Self {
        Self::detail(503, "Service unavailable: it is not set up correctly.")
    }

    pub(super) const fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// Sets a header, over one of the same name.
    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.retain(|(other, _)| *other != name);
        self.headers.push((name, value.into()));
        self
    }

    /// The stable code by which the log names this refusal.
    pub(super) const fn with_code(mut self, code: &'static str) -> Self {
        self.remark.code = Some(code);
        self
    }

    /// Why a token was refused, for the log.
    pub(super) const fn with_refusal(mut self, refusal: Refusal) -> Self {
        self.remark.refusal = Some(refusal);
        self
    }

    /// What of ours failed, for the log.
    pub(super) fn with_fault(mut self, fault: Fault) -> Self {
        self.remark.fault = Some(fault);
        self
    }

    pub(super) const fn status(&self) -> u16 {
        self.status
    }

    pub(super) const fn remark(&self) -> &Remark {
        &self.remark
    }

    /// Says that another origin may get another answer, besides what is always said.
    pub(super) fn varying_by_origin(self) -> Self {
        self.with("Vary", "Accept, Origin")
    }

    pub(super) fn with_allow(self, allow: &str) -> Self {
        self.with("Allow", allow)
    }

    /// Sends it; to `HEAD` without the body.
    pub(super) fn into_response(self, incoming: &Incoming) -> Result<Response, JsValue> {
        let (mut lasting, mut own) = (String::new(), String::new());
        for (name, value) in &self.headers {
            if value.contains(['\r', '\n']) {
                return Err(JsValue::from_str("a header has more than one line"));
            }
            let lines = if is_lasting(name, value) {
                &mut lasting
            } else {
                &mut own
            };
            lines.extend([name, ":", value, "\n"]);
        }
        if self.body.is_some() {
            lasting += &lines(&[JSON]);
        }
        let body = self.body.filter(|_| incoming.method() != "HEAD");
        if let Some(body) = &body {
            own.extend(["\n", body]);
        }
        boundary::respond(self.status, &kept(lasting), &own)
    }
}

/// Whether a header is one of a few that come again and again. No other may be kept: it may be somebody's.
fn is_lasting(name: &str, value: &str) -> bool {
    name == "Allow" || (name, value) == ("Cache-Control", "no-store")
}

thread_local! {
    /// Headers as JavaScript has them, each made once: a line for each, besides those on every answer.
    static KEPT: RefCell<HashMap<String, Headers>> = RefCell::default();
}

fn kept(lasting: String) -> Headers {
    KEPT.with_borrow_mut(|kept| {
        let made = kept.entry(lasting);
        let headers = made.or_insert_with_key(|more| boundary::headers(&(lines(&ALWAYS) + more)));
        headers.clone()
    })
}

fn lines(headers: &[(&str, &str)]) -> String {
    let line = |(name, value): &(&str, &str)| format!("{name}:{value}\n");
    headers.iter().map(line).collect()
}
