//! How an object is asked: one JSON message each way, by RPC.

use std::future::Future;

use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsValue;
use worker::Env;

use crate::adapters::waits::{What, waited};
use crate::boundary;
use crate::fault::Fault;

/// What stands before a fault's text, in an answer's place. No JSON begins so.
const FAULT: char = '!';

/// Asks the object of that name and waits for its answer.
pub(super) async fn ask<A: DeserializeOwned>(
    env: &Env,
    binding: &str,
    name: &str,
    command: &impl Serialize,
) -> Result<A, Fault> {
    let command = serde_json::to_string(command)?;
    let asked = boundary::text(boundary::ask(env, binding, name, &command));
    let answer = waited(What::Object, asked).await;
    let answer = answer.map_err(|fault| fault.during(binding))?;
    match answer.strip_prefix(FAULT) {
        Some(fault) => Err(Fault::new(fault).during(binding)),
        None => Ok(serde_json::from_str(&answer)?),
    }
}

/// Has a command carried out and answers with what came of it; a fault is an answer, too. Whoever asks
/// an object that panics gets none, but hears that it failed.
pub(super) fn serve(
    carried_out: impl Future<Output = Result<String, Fault>> + 'static,
) -> Result<JsValue, JsValue> {
    #[cfg(feature = "faults")]
    crate::faults::count(crate::faults::Work::ObjectRequest);
    boundary::at_once_or_later(async {
        let answer = carried_out.await;
        Ok(answer
            .unwrap_or_else(|fault| format!("{FAULT}{fault}"))
            .into())
    })
}

/// An alarm's end, for the runtime: it calls again when the alarm failed.
pub(super) fn went_off(
    work: impl Future<Output = Result<(), Fault>> + 'static,
) -> Result<JsValue, JsValue> {
    boundary::at_once_or_later(async {
        let done = work.await.map(|()| JsValue::UNDEFINED);
        done.map_err(JsValue::from)
    })
}

/// An answer as it is sent.
pub(super) fn answer(answer: &impl Serialize) -> Result<String, Fault> {
    Ok(serde_json::to_string(answer)?)
}
