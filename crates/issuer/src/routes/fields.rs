//! Fields of a request, checked as Django REST framework checks them: all of them, and every
//! complaint is told.

use hallpass_core::json::{LoneSurrogate, Type};
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::answer::Answer;
use super::body::{Body, Field, Part};
use super::python;
use crate::adapters::email;

/// What a text field has to be.
#[derive(Clone, Copy)]
pub(super) struct Rule {
    required: bool,
    blank: bool,
    min_chars: Option<usize>,
    max_chars: Option<usize>,
    email: bool,
}

impl Rule {
    /// There, and not blank.
    pub(super) const REQUIRED: Self = Self {
        required: true,
        blank: false,
        min_chars: None,
        max_chars: None,
        email: false,
    };

    /// It may be absent or blank.
    pub(super) const OPTIONAL: Self = Self {
        required: false,
        blank: true,
        ..Self::REQUIRED
    };

    /// A password that is set: 8 to 128 characters after trimming.
    pub(super) const NEW_PASSWORD: Self = Self {
        min_chars: Some(8),
        max_chars: Some(128),
        ..Self::REQUIRED
    };

    /// An address that is registered.
    pub(super) const EMAIL: Self = Self {
        max_chars: Some(email::MAX_CHARS),
        email: true,
        ..Self::REQUIRED
    };

    pub(super) const fn at_most(self, chars: usize) -> Self {
        Self {
            max_chars: Some(chars),
            ..self
        }
    }
}

/// Reads the fields of a body and collects what is wrong with them.
pub(super) struct Fields<'a> {
    body: &'a Body,
    errors: Errors,
}

/// `{"<field>": ["<message>", …], …}`, in the order of the fields.
pub(super) struct Errors(Vec<(String, Vec<String>)>);

impl Errors {
    /// One complaint about one field.
    pub(super) fn of(field: &str, message: &str) -> Self {
        Self(vec![(field.to_owned(), vec![message.to_owned()])])
    }
}

impl Serialize for Errors {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (field, messages) in &self.0 {
            map.serialize_entry(field, messages)?;
        }
        map.end()
    }
}

/// A field's complaints about one field: what is wrong with it.
pub(super) fn error(field: &str, message: &str) -> Answer {
    Answer::json(400, &Errors::of(field, message))
}

impl<'a> Fields<'a> {
    pub(super) const fn of(body: &'a Body) -> Self {
        Self {
            body,
            errors: Errors(Vec::new()),
        }
    }

    /// The text of a field, trimmed; an empty one where something is wrong with it.
    pub(super) fn text(&mut self, name: &str, rule: Rule) -> String {
        match text(&self.body.field(name), rule) {
            Ok(text) => text,
            Err(messages) => {
                self.errors.0.push((name.to_owned(), messages));
                String::new()
            }
        }
    }

    /// Whether there are complaints, and none about this field.
    pub(super) fn complain_of_others_than(&self, name: &str) -> bool {
        let about = |(field, _): &(String, Vec<String>)| field == name;
        !self.errors.0.is_empty() && !self.errors.0.iter().any(about)
    }

    /// Adds a complaint, before the others.
    pub(super) fn complain_first(&mut self, name: &str, message: String) {
        self.errors.0.insert(0, (name.to_owned(), vec![message]));
    }

    /// Whether nothing is wrong.
    pub(super) fn finish(self) -> Result<(), Answer> {
        self.complaints()
            .map_err(|errors| Answer::json(400, &errors))
    }

    /// The same, for one of several that are checked at once.
    pub(super) fn complaints(self) -> Result<(), Errors> {
        if self.errors.0.is_empty() {
            Ok(())
        } else {
            Err(self.errors)
        }
    }
}

/// A text that may hold half a character.
struct Text {
    text: String,
    lone_surrogate: Option<LoneSurrogate>,
}

fn text(field: &Field<'_>, rule: Rule) -> Result<String, Vec<String>> {
    let wrong = |message: &str| Err(vec![message.to_owned()]);
    if let Field::Absent = field {
        return if rule.required {
            wrong("This field is required.")
        } else {
            Ok(String::new())
        };
    }
    if let Field::Json(value) = field
        && value.kind() == Type::Null
    {
        return wrong("This field may not be null.");
    }
    let Some(Text {
        text,
        lone_surrogate,
    }) = characters(field)
    else {
        // Django's address validator speaks before the type is looked at.
        return wrong(if rule.email {
            "Enter a valid email address."
        } else {
            "Not a valid string."
        });
    };
    let text = text.trim_matches(is_python_space);
    if text.is_empty() {
        return if rule.blank {
            Ok(String::new())
        } else {
            wrong("This field may not be blank.")
        };
    }
    let messages = complaints(text, lone_surrogate, rule);
    if messages.is_empty() {
        Ok(text.to_owned())
    } else {
        Err(messages)
    }
}

/// The text of a value that has one: a string, or a number as it stands.
fn characters(field: &Field<'_>) -> Option<Text> {
    let plain = |text: &str| Text {
        text: text.to_owned(),
        lone_surrogate: None,
    };
    match field {
        Field::Absent | Field::Part(Part::File) => None,
        Field::Part(Part::Text(text)) => Some(plain(text)),
        Field::Json(value) => match value.kind() {
            Type::Integer => Some(plain(value.text())),
            Type::Float => Some(plain(&python::float(value.text()))),
            Type::String => value.lossy().map(|lossy| Text {
                text: lossy.text.into_owned(),
                lone_surrogate: lossy.lone_surrogate,
            }),
            Type::Null | Type::Bool | Type::Array | Type::Object => None,
        },
    }
}

fn complaints(text: &str, lone_surrogate: Option<LoneSurrogate>, rule: Rule) -> Vec<String> {
    let chars = text.chars().count();
    let mut messages = Vec::new();
    if let Some(max) = rule.max_chars.filter(|max| chars > *max) {
        messages.push(format!(
            "Ensure this field has no more than {max} characters."
        ));
    }
    if let Some(min) = rule.min_chars.filter(|min| chars < *min) {
        messages.push(format!("Ensure this field has at least {min} characters."));
    }
    if text.contains('\0') {
        messages.push("Null characters are not allowed.".to_owned());
    }
    if let Some(LoneSurrogate(unit)) = lone_surrogate {
        messages.push(format!("Surrogate characters are not allowed: U+{unit:X}."));
    }
    if rule.email && !email::is_valid(text) {
        messages.push("Enter a valid email address.".to_owned());
    }
    messages
}

/// White space as Python's `str.strip` sees it.
fn is_python_space(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}
