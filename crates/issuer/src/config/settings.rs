//! Settings by kind: words, names, lists, booleans, numbers.

use core::fmt;
use core::ops::RangeInclusive;

/// Reads settings one by one and takes note of every one that is wrong.
pub(super) struct Settings<F> {
    pub(super) text: F,
    pub(super) wrong: Vec<String>,
}

impl<F: Fn(&str) -> Option<String>> Settings<F> {
    pub(super) fn get(&self, name: &str) -> Option<String> {
        (self.text)(name)
    }

    pub(super) fn refuse(&mut self, name: &str, why: impl fmt::Display) {
        self.wrong.push(format!("{name}: {why}"));
    }

    pub(super) fn list(&mut self, name: &str, default: &str) -> Vec<String> {
        let text = self.get(name).unwrap_or_else(|| default.to_owned());
        if text.is_empty() {
            return Vec::new();
        }
        let items: Vec<_> = text.split(',').map(|item| item.trim().to_owned()).collect();
        if items.iter().any(String::is_empty) {
            self.refuse(name, "is a list with commas between, none empty");
        }
        items
    }

    /// The name of a claim or a field.
    pub(super) fn name(&mut self, name: &str, default: &str) -> String {
        let text = self.get(name).unwrap_or_else(|| default.to_owned());
        if text.len() > 64 || text.chars().any(char::is_control) {
            self.refuse(name, "is a name of at most 64 characters");
        }
        text
    }

    pub(super) fn word(&mut self, name: &str, default: &str, words: &[&str]) -> String {
        let text = self.get(name).unwrap_or_else(|| default.to_owned());
        if !words.contains(&text.as_str()) {
            self.refuse(name, format_args!("is one of {}", words.join(", ")));
        }
        text
    }

    pub(super) fn boolean(&mut self, name: &str, default: bool) -> bool {
        match self
            .get(name)
            .map(|text| text.to_ascii_lowercase())
            .as_deref()
        {
            None => default,
            Some("true" | "1" | "yes" | "on") => true,
            Some("false" | "0" | "no" | "off") => false,
            Some(_) => {
                self.refuse(name, "is true or false");
                default
            }
        }
    }

    pub(super) fn seconds(&mut self, name: &str, default: u64, range: RangeInclusive<u64>) -> u64 {
        self.number(name, "seconds", default, range)
    }

    pub(super) fn days(&mut self, name: &str, default: u64, range: RangeInclusive<u64>) -> u64 {
        self.number(name, "days", default, range)
    }

    pub(super) fn attempts(&mut self, name: &str, default: u64, range: RangeInclusive<u64>) -> u64 {
        self.number(name, "attempts", default, range)
    }

    fn number(&mut self, name: &str, unit: &str, default: u64, range: RangeInclusive<u64>) -> u64 {
        let Some(text) = self.get(name) else {
            return default;
        };
        match text.parse() {
            Ok(number) if range.contains(&number) => number,
            _ => {
                self.refuse(
                    name,
                    format_args!(
                        "is a number of {unit} from {} to {}",
                        range.start(),
                        range.end()
                    ),
                );
                default
            }
        }
    }
}
