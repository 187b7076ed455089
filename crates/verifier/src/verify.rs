//! Verifiers, as JavaScript uses them.
//!
//! A verifier lives here, and JavaScript has its number. So nothing there needs to be freed by hand, and
//! a number that has become stale, since the instance it was of is gone, is refused instead of pointing
//! somewhere: JavaScript then opens the verifier anew.

use alloc::borrow::ToOwned;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use hallpass_core::json::quoted;
use hallpass_core::jwks::Secrets;
use hallpass_core::revocation;
use spin::Mutex;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::answer::{Refusal, joined, put, text};
use crate::checker::{Candidate, Checker, Explanation, Said, Unused, Use, Verdict, Verified};
use crate::options;
use crate::settings::demands;

/// Nobody waits for it, since there is one thread and no function here calls another that takes it.
static CHECKERS: Mutex<Vec<Option<Checker>>> = Mutex::new(Vec::new());

/// Makes a verifier of `settings` (JSON), with a shared secret if there is one; answers its number.
#[wasm_bindgen]
#[must_use]
pub fn open(settings: &str, secret: Option<Vec<u8>>) -> String {
    let secret = secret.map(zeroize::Zeroizing::new);
    let opened = || -> Result<String, Refusal> {
        let mut checker = Checker::new(demands(settings)?);
        if let Some(secret) = secret {
            checker = checker.with_secret(&secret).map_err(|bad| Refusal {
                code: "bad_key",
                claim: None,
                reason: bad.reason(),
            })?;
        }
        Ok(keep(checker).to_string())
    };
    text(opened())
}

/// Forgets a verifier.
#[wasm_bindgen]
pub fn close(verifier: usize) {
    if let Some(place) = CHECKERS.lock().get_mut(verifier) {
        *place = None;
    }
}

/// Gives a verifier the keys of a set; of a `remote` one no shared secrets. Answers
/// `{"used": 2, "unused": [{"index", "kid", "reason"}]}`.
#[wasm_bindgen]
#[must_use]
pub fn load_keys(verifier: usize, set: &str, remote: bool) -> String {
    let secrets = if remote {
        Secrets::Refused
    } else {
        Secrets::OfHashLength
    };
    text(with(verifier, |checker| {
        let unused = checker.load(set, secrets).map_err(|_| Refusal {
            code: "bad_key",
            claim: None,
            reason: "not a JSON Web Key set",
        })?;
        let unused = list(&unused, unused_json);
        let used = checker.key_count().to_string();
        Ok(joined(&["{\"used\":", &used, ",\"unused\":", &unused, "}"]))
    }))
}

/// The verdict on a token: `[header, claims]`, for a bearer with the blacklist's keys that could call
/// it back as a third and its `iat` in whole seconds as a fourth; or
/// `{"asks": [{"key", "place", "algorithm"}]}`: then WebCrypto has to be asked, and [`conclude`] told.
#[wasm_bindgen]
#[must_use]
pub fn verify(verifier: usize, token: &str, bearer: bool, now: f64) -> String {
    judged(verifier, token, bearer, now, None)
}

/// The verdict on a token of which WebCrypto has said whether `key` signed it.
#[wasm_bindgen]
#[must_use]
pub fn conclude(
    verifier: usize,
    token: &str,
    bearer: bool,
    now: f64,
    key: usize,
    holds: bool,
) -> String {
    judged(verifier, token, bearer, now, Some(Said { key, holds }))
}

/// Everything that is wrong with a token: `{"valid", "header", "claims", "failures": […]}`, or as with
/// [`verify`] what to ask WebCrypto. Once it was asked, `key` is there.
#[wasm_bindgen]
#[must_use]
pub fn explain(verifier: usize, token: &str, now: f64, key: Option<usize>, holds: bool) -> String {
    let said = key.map(|key| Said { key, holds });
    text(with(verifier, |checker| {
        let now = options::now_or_unset(now)?;
        Ok(match checker.explain(token, Use::Any, now, said) {
            Explanation::Asks(candidates) => asks(&candidates),
            Explanation::Failures { texts, failures } => explained(texts, &failures),
        })
    }))
}

/// Whether the entry of the blacklist under `key` calls back a token that looks for this key and has this `iat`, both as
/// [`verify`] told them: `true` or `false`.
#[wasm_bindgen]
#[must_use]
pub fn calls_back(key: &str, entry: &str, iat: Option<f64>) -> String {
    let iat = iat.map(options::verified_date);
    let calls_back = revocation::calls_back(key, entry, iat);
    if calls_back { "true" } else { "false" }.to_owned()
}

fn judged(id: usize, token: &str, bearer: bool, now: f64, said: Option<Said>) -> String {
    let purpose = if bearer { Use::Bearer } else { Use::Any };
    text(with(id, |checker| {
        let now = options::now_or_unset(now)?;
        Ok(match checker.verify(token, purpose, now, said)? {
            Verdict::Asks(candidates) => asks(&candidates),
            Verdict::Verified(verified) => verified_json(&verified, purpose),
        })
    }))
}

fn keep(checker: Checker) -> usize {
    let mut checkers = CHECKERS.lock();
    if let Some(free) = checkers.iter().position(Option::is_none)
        && let Some(place) = checkers.get_mut(free)
    {
        *place = Some(checker);
        return free;
    }
    checkers.push(Some(checker));
    checkers.len() - 1
}

fn with(
    verifier: usize,
    act: impl FnOnce(&mut Checker) -> Result<String, Refusal>,
) -> Result<String, Refusal> {
    let mut checkers = CHECKERS.lock();
    let checker = checkers.get_mut(verifier).and_then(Option::as_mut);
    checker.map_or(Err(Refusal::bad_option("no such verifier")), act)
}

fn verified_json(verified: &Verified, purpose: Use) -> String {
    let Verified {
        header,
        token,
        targets,
    } = verified;
    let claims = token.claims().payload();
    match purpose {
        Use::Any => joined(&["[", header, ",", claims, "]"]),
        Use::Bearer => {
            let targets = list(targets, |target| quoted(target));
            let iat = token.claims().iat;
            let iat = iat.map_or_else(|| "null".to_owned(), |iat| iat.to_string());
            joined(&["[", header, ",", claims, ",", &targets, ",", &iat, "]"])
        }
    }
}

fn asks(candidates: &[Candidate]) -> String {
    let candidates = list(candidates, |candidate| {
        let (key, place) = (candidate.key.to_string(), candidate.place.to_string());
        let algorithm = candidate.algorithm.as_str();
        joined(&[
            "{\"key\":",
            &key,
            ",\"place\":",
            &place,
            ",\"algorithm\":\"",
            algorithm,
            "\"}",
        ])
    });
    joined(&["{\"asks\":", &candidates, "}"])
}

fn explained(texts: Option<(String, String)>, failures: &[Refusal]) -> String {
    let valid = if failures.is_empty() { "true" } else { "false" };
    let failures = list(failures, Refusal::to_json);
    let mut json = joined(&["{\"valid\":", valid]);
    if let Some((header, claims)) = texts {
        put(
            &mut json,
            &[",\"header\":", &header, ",\"claims\":", &claims],
        );
    }
    put(&mut json, &[",\"failures\":", &failures, "}"]);
    json
}

fn unused_json(unused: &Unused) -> String {
    let Unused { place, key_id, why } = unused;
    let kid = key_id.as_deref().map_or("null".to_owned(), quoted);
    let (place, reason) = (place.to_string(), quoted(why.reason()));
    joined(&[
        "{\"index\":",
        &place,
        ",\"kid\":",
        &kid,
        ",\"reason\":",
        &reason,
        "}",
    ])
}

fn list<T>(items: &[T], json_of: impl Fn(&T) -> String) -> String {
    let mut json = String::from("[");
    for item in items {
        if json.len() > 1 {
            json.push(',');
        }
        json.push_str(&json_of(item));
    }
    json.push(']');
    json
}
