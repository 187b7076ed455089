//! Webhooks: a message in JSON, posted to an address of the settings and signed so that its receiver
//! can tell that it is ours (the Standard Webhooks scheme, <https://www.standardwebhooks.com>).

use base64ct::{Base64, Encoding};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::clock;
use crate::boundary;
use crate::config::Webhook;
use crate::fault::Fault;

/// How long a receiver may take to answer, in milliseconds.
const ANSWERED_WITHIN: u32 = 10_000;

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
    let now = clock::seconds();
    // An HMAC takes a secret of any length.
    let signature = signature(webhook.secret.expose(), id, now, body)
        .ok_or_else(|| Fault::new("webhook: WEBHOOK_SECRET is no key"))?;
    let headers = format!(
        "content-type:application/json\nwebhook-id:{id}\nwebhook-timestamp:{now}\nwebhook-signature:{signature}\n"
    );
    let posted = boundary::post(webhook.url.text(), &headers, body, within());
    // What is thrown may name the address.
    let status = boundary::text(Ok(posted)).await;
    let status = status.map_err(|_| Fault::new("webhook: not reached"))?;
    match status.as_bytes() {
        [b'2', _, _] => Ok(()),
        [] => Err(Fault::new("webhook: no answer in time")),
        _ => Err(Fault::new(format!("webhook: answered {status}"))),
    }
}

fn within() -> u32 {
    #[cfg(feature = "faults")]
    let within = crate::faults::webhook_within(ANSWERED_WITHIN);
    #[cfg(not(feature = "faults"))]
    let within = ANSWERED_WITHIN;
    within
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
