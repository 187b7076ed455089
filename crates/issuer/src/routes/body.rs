//! Request bodies: JSON and both kinds of form, as Django REST framework takes them.

use hallpass_core::json::{Duplicates, JsonError, Object, Type, Value};
use js_sys::{Array, Uint8Array};
use wasm_bindgen_futures::JsFuture;

use super::answer::Answer;
use super::incoming::{Incoming, RawBody};
use super::python;
use crate::boundary::HeaderName;
use crate::fault::Fault;

/// How many fields a form may have, as in Django. Each is a text of its own, or several crossings into JavaScript,
/// whatever the body weighs.
const MAX_FORM_FIELDS: usize = 1000;

/// A body's fields.
pub(super) enum Body {
    Json(Object),
    Form(Vec<(String, Part)>),
}

/// A form's value.
pub(super) enum Part {
    Text(String),
    File,
}

/// What stands in a field.
pub(super) enum Field<'a> {
    Absent,
    Json(Value<'a>),
    Part(&'a Part),
}

impl Body {
    /// Reads a body. An empty one has no fields, whatever its type.
    pub(super) async fn of(incoming: &Incoming) -> Result<Result<Self, Answer>, Fault> {
        let bytes = match incoming.body().await {
            RawBody::Bytes(bytes) => bytes,
            RawBody::TooLarge => return Ok(Err(Answer::too_large())),
            RawBody::Cut => return Ok(Err(Answer::detail(400, "The body was cut short."))),
        };
        if bytes.is_empty() {
            return Ok(Ok(Self::Form(Vec::new())));
        }
        let sent = incoming.header(HeaderName::ContentType).unwrap_or_default();
        let media_type = sent
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase();
        Ok(match media_type.as_str() {
            "application/json" => json(bytes),
            "application/x-www-form-urlencoded" => urlencoded(&bytes),
            "multipart/form-data" => multipart(&bytes, &sent).await,
            _ => {
                let detail = format!("Unsupported media type \"{sent}\" in request.");
                Err(Answer::detail(415, &detail))
            }
        })
    }

    /// The fields of something that is one of several in a body. No member of it may stand twice.
    pub(super) fn part(value: &Value<'_>) -> Result<Self, JsonError> {
        let object = Object::parse(value.text().to_owned(), Duplicates::Refuse)?;
        Ok(Self::Json(object))
    }

    /// The field of that name; of several, the last.
    pub(super) fn field(&self, name: &str) -> Field<'_> {
        match self {
            Self::Json(object) => object.get(name).map_or(Field::Absent, Field::Json),
            Self::Form(parts) => {
                let found = parts.iter().rev().find(|(key, _)| key == name);
                found.map_or(Field::Absent, |(_, part)| Field::Part(part))
            }
        }
    }
}

impl Field<'_> {
    /// Whether Python would take it for true.
    pub(super) fn is_truthy(&self) -> bool {
        match self {
            Self::Absent => false,
            Self::Part(Part::File) => true,
            Self::Part(Part::Text(text)) => !text.is_empty(),
            Self::Json(value) => match value.kind() {
                Type::Null => false,
                Type::Bool => value.text() == "true",
                Type::Integer | Type::Float => python::is_truthy(value.text()),
                Type::String => value.text() != "\"\"",
                Type::Array | Type::Object => {
                    value
                        .text()
                        .bytes()
                        .filter(|byte| !byte.is_ascii_whitespace())
                        .count()
                        > 2
                }
            },
        }
    }
}

fn json(bytes: Vec<u8>) -> Result<Body, Answer> {
    let malformed = |why: &str| Err(Answer::detail(400, &format!("JSON parse error - {why}")));
    let Ok(text) = String::from_utf8(bytes) else {
        return malformed("the body is not UTF-8");
    };
    if text.starts_with('\u{feff}') {
        return malformed(
            "Unexpected UTF-8 BOM (decode using utf-8-sig): line 1 column 1 (char 0)",
        );
    }
    match Object::parse(text, Duplicates::LastWins) {
        Ok(object) => Ok(Body::Json(object)),
        Err(JsonError::NotAnObject(kind)) => Err(not_an_object(kind)),
        Err(JsonError::Syntax { at }) => malformed(&format!("malformed at byte {at}")),
        Err(JsonError::TooDeep) => malformed("nested too deep"),
        Err(JsonError::DuplicateMember) => malformed("a member stands twice"),
    }
}

fn not_an_object(kind: Type) -> Answer {
    #[derive(serde::Serialize)]
    struct Errors {
        non_field_errors: [String; 1],
    }
    let python = match kind {
        Type::Null => None,
        Type::Bool => Some("bool"),
        Type::Integer => Some("int"),
        Type::Float => Some("float"),
        Type::String => Some("str"),
        Type::Array => Some("list"),
        Type::Object => Some("dict"),
    };
    let error = python.map_or_else(
        || "No data provided".to_owned(),
        |name| format!("Invalid data. Expected a dictionary, but got {name}."),
    );
    Answer::json(
        400,
        &Errors {
            non_field_errors: [error],
        },
    )
}

fn urlencoded(bytes: &[u8]) -> Result<Body, Answer> {
    let pairs = form_urlencoded::parse(bytes).take(MAX_FORM_FIELDS + 1);
    of_form(
        pairs
            .map(|(name, value)| (name.into_owned(), Part::Text(value.into_owned())))
            .collect(),
    )
}

/// A form with these fields, unless there are too many.
fn of_form(fields: Vec<(String, Part)>) -> Result<Body, Answer> {
    if fields.len() > MAX_FORM_FIELDS {
        let detail = format!("The form has more than {MAX_FORM_FIELDS} fields.");
        return Err(Answer::detail(400, &detail));
    }
    Ok(Body::Form(fields))
}

/// Has the runtime take a multipart body apart (RFC 7578), in the size we have read.
async fn multipart(bytes: &[u8], content_type: &str) -> Result<Body, Answer> {
    let malformed = |why: &str| Answer::detail(400, &format!("Multipart form parse error - {why}"));
    let boundary = content_type.to_ascii_lowercase().find("boundary=");
    let boundary = boundary.and_then(|at| content_type.get(at + "boundary=".len()..));
    match boundary.map(|rest| rest.split(';').next().unwrap_or_default().trim()) {
        None => return Err(malformed("Invalid boundary in multipart: None")),
        Some("" | "\"\"") => return Err(malformed("Invalid boundary in multipart: ")),
        Some(_) => {}
    }
    // A body without a part in it has no fields, as Django has it.
    let Ok(form) = form_data(bytes, content_type).await else {
        return Ok(Body::Form(Vec::new()));
    };
    let mut parts = Vec::new();
    let entries = js_sys::try_iter(&form).ok().flatten().into_iter().flatten();
    for entry in entries.flatten().take(MAX_FORM_FIELDS + 1) {
        let entry = Array::from(&entry);
        if let Some(name) = entry.get(0).as_string() {
            parts.push((
                name,
                entry.get(1).as_string().map_or(Part::File, Part::Text),
            ));
        }
    }
    of_form(parts)
}

async fn form_data(
    bytes: &[u8],
    content_type: &str,
) -> Result<web_sys::FormData, wasm_bindgen::JsValue> {
    // The type is known without regard to case, but the runtime looks for it in lower case.
    let (_, parameters) = content_type.split_once(';').unwrap_or_default();
    let headers = web_sys::Headers::new()?;
    headers.set("content-type", &format!("multipart/form-data;{parameters}"))?;
    let init = web_sys::ResponseInit::new();
    init.set_headers(&headers);
    let body = Uint8Array::from(bytes);
    let response = web_sys::Response::new_with_opt_buffer_source_and_init(Some(&body), &init)?;
    Ok(JsFuture::from(response.form_data()?).await?.into())
}
