//! Webhooks: a message in JSON, posted to an address of the settings and signed so that its receiver
//! can tell that it is ours (the Standard Webhooks scheme, <https://www.standardwebhooks.com>).

use std::time::Duration;

use base64ct::{Base64, Encoding};
use futures_util::future::{Either, select};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use wasm_bindgen::JsValue;
use worker::{
    AbortController, Delay, Fetch, Headers, Method, Request, RequestInit, RequestRedirect,
};

use super::clock;
use crate::config::Webhook;
use crate::fault::Fault;

/// How long a receiver may take to answer.
const ANSWERED_WITHIN: Duration = Duration::from_secs(10);

/// Posts `body`, which is JSON, with these headers:
///
/// - `webhook-id`: `id`, the same at every try, so that a receiver can tell what it has had;
/// - `webhook-timestamp`: now, seconds since the Unix epoch;
/// - `webhook-signature`: `v1,` and the Base64 of
///   `HMAC-SHA256(WEBHOOK_SECRET, "<webhook-id>.<webhook-timestamp>.<body>")`.
///
/// Any 2xx in time means that the receiver has it. A redirect is not followed, for what is in the
/// body is for nobody else. Whatever else comes of it is a fault, and to be tried again: it may still
/// have arrived. The fault names neither the address, which may hold a key, nor what was sent.
pub(crate) async fn post(webhook: &Webhook, id: &str, body: &str) -> Result<(), Fault> {
    let request = request(webhook, id, clock::seconds(), body)
        .map_err(|_| Fault::new("webhook: no request can be made of it"))?;
    let (fetch, abort) = (Fetch::Request(request), AbortController::default());
    let signal = abort.signal();
    let answer = Box::pin(fetch.send_with_signal(&signal));
    let status = match select(answer, Delay::from(within())).await {
        Either::Left((Ok(response), _)) => Ok(response.status_code()),
        Either::Left((Err(_), _)) => Err(Fault::new("webhook: not reached")),
        Either::Right(_) => Err(Fault::new("webhook: no answer in time")),
    };
    // Nobody reads the answer's body; unread it would keep the connection.
    abort.abort();
    match status? {
        200..=299 => Ok(()),
        other => Err(Fault::new(format!("webhook: answered {other}"))),
    }
}

fn within() -> Duration {
    #[cfg(feature = "faults")]
    let within = crate::faults::webhook_within(ANSWERED_WITHIN);
    #[cfg(not(feature = "faults"))]
    let within = ANSWERED_WITHIN;
    within
}

fn request(webhook: &Webhook, id: &str, now: u64, body: &str) -> worker::Result<Request> {
    let signature = signature(webhook.secret.expose(), id, now, body)
        .ok_or_else(|| worker::Error::from("WEBHOOK_SECRET is no key"))?;
    let headers = Headers::new();
    headers.set("content-type", "application/json")?;
    headers.set("webhook-id", id)?;
    headers.set("webhook-timestamp", &now.to_string())?;
    headers.set("webhook-signature", &signature)?;
    let mut init = RequestInit::new();
    init.with_method(Method::Post)
        .with_headers(headers)
        .with_redirect(RequestRedirect::Manual)
        .with_body(Some(JsValue::from_str(body)));
    Request::new_with_init(webhook.url.text(), &init)
}

/// `None`: the secret is no key, which cannot be, since an HMAC takes one of any length.
fn signature(secret: &[u8], id: &str, now: u64, body: &str) -> Option<String> {
    let mac = <Hmac<Sha256> as KeyInit>::new_from_slice(secret).ok()?;
    let signed = mac.chain_update(format!("{id}.{now}.{body}"));
    let encoded = Base64::encode_string(&signed.finalize().into_bytes());
    Some(format!("v1,{encoded}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made by Python's `hmac`, so that it is not we who say what is right.
    #[test]
    fn a_signature_is_an_hmac_over_id_time_and_body() {
        let secret = b"0123456789abcdef0123456789abcdef";
        assert_eq!(
            signature(secret, "msg_1", 1_700_000_000, r#"{"type":"otp"}"#).unwrap(),
            "v1,iNFZnCAP77D0J97M08qBcupWnERCvE7IXhoJprAwEXs="
        );
    }
}
