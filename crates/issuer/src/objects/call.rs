//! How an object is asked: one JSON message each way.

use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsValue;
use worker::{Env, Method, Request, RequestInit, Response};

use crate::fault::Fault;

/// Objects have no address; the URL of a message means nothing.
const URL: &str = "http://object/";

/// Asks the object of that name and waits for its answer.
pub(super) async fn ask<A: DeserializeOwned>(
    env: &Env,
    binding: &str,
    name: &str,
    command: &impl Serialize,
) -> Result<A, Fault> {
    let mut init = RequestInit::new();
    let body = serde_json::to_string(command)?;
    init.with_method(Method::Post)
        .with_body(Some(JsValue::from_str(&body)));
    let request = Request::new_with_init(URL, &init)?;
    let stub = env.durable_object(binding)?.get_by_name(name)?;
    let mut response = stub
        .fetch_with_request(request)
        .await
        .map_err(|e| Fault::from(e).during(binding))?;
    let text = response.text().await?;
    if response.status_code() != 200 {
        return Err(Fault::new(text).during(binding));
    }
    Ok(serde_json::from_str(&text)?)
}

/// Reads a command, has it carried out and answers with what came of it.
pub(super) async fn serve(
    mut request: Request,
    carry_out: impl AsyncFnOnce(String) -> Result<String, Fault>,
) -> worker::Result<Response> {
    #[cfg(feature = "faults")]
    crate::faults::count(crate::faults::Work::ObjectRequest);
    match carry_out(request.text().await?).await {
        Ok(answer) => Response::ok(answer),
        Err(fault) => Response::error(fault.to_string(), 500),
    }
}

/// An answer as it is sent.
pub(super) fn answer(answer: &impl Serialize) -> Result<String, Fault> {
    Ok(serde_json::to_string(answer)?)
}
