//! What crosses between Rust and JavaScript on every request, in few pieces: see `js/boundary.js`.
//!
//! Each crossing costs, a text that crosses several times as much, and an object of JavaScript that is
//! held here leaves garbage. So what takes several steps there is one function there.

mod promises;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use futures_util::task::AtomicWaker;
use js_sys::{JsString, Promise};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::future_to_promise;
use web_sys::{Headers, Request, Response};
use worker::Env;

use crate::fault::Fault;

#[wasm_bindgen(module = "/js/boundary.js")]
extern "C" {
    /// Asks the object of that name; a promise of a text.
    #[wasm_bindgen(catch)]
    pub(crate) fn ask(
        env: &Env,
        binding: &str,
        name: &str,
        command: &str,
    ) -> Result<Promise, JsValue>;

    /// Whether the rate limit of that name still takes this key; a promise of a boolean.
    #[wasm_bindgen(catch)]
    pub(crate) fn takes(env: &Env, binding: &str, key: &str) -> Result<Promise, JsValue>;

    /// Method and URL, with a space in between.
    pub(crate) fn target(request: &Request) -> String;

    /// A header's value, several joined by commas.
    pub(crate) fn header(request: &Request, name: HeaderName) -> Option<String>;

    /// The body; a promise of bytes, which fails where it was cut short.
    #[wasm_bindgen(catch)]
    pub(crate) fn body(request: &Request) -> Result<Promise, JsValue>;

    /// The same, but no more than so many bytes are read: of a longer one comes nothing.
    #[wasm_bindgen(catch, js_name = bodyWithin)]
    pub(crate) fn body_within(request: &Request, most: usize) -> Result<Promise, JsValue>;

    /// Headers: a line for each, `name:value`.
    pub(crate) fn headers(text: &str) -> Headers;

    /// An answer with `headers` and those of `text`, a line for each, `name:value`; after an empty line
    /// comes the body, and without one there is none.
    #[wasm_bindgen(catch)]
    pub(crate) fn respond(status: u16, headers: &Headers, text: &str) -> Result<Response, JsValue>;

    /// The values of these keys (JSON), in their order; a promise of a list as JSON.
    #[wasm_bindgen(catch)]
    pub(crate) fn read(namespace: &JsValue, keys: &str) -> Result<Promise, JsValue>;

    /// Writes an entry until that second; a promise.
    #[wasm_bindgen(catch)]
    pub(crate) fn put(
        namespace: &JsValue,
        key: &str,
        value: &str,
        expiration: f64,
    ) -> Result<Promise, JsValue>;

    /// Deletes an entry; a promise.
    #[wasm_bindgen(catch)]
    pub(crate) fn remove(namespace: &JsValue, key: &str) -> Result<Promise, JsValue>;

    /// A page of the entries that are asked for (JSON); a promise of it as JSON.
    #[wasm_bindgen(catch)]
    pub(crate) fn list(namespace: &JsValue, how: &str) -> Result<Promise, JsValue>;

    /// Posts a text with these headers, a line for each, `name:value`; a promise of the answer's status
    /// as a text, empty where there is none in so many milliseconds. It fails where nobody is reached.
    pub(crate) fn post(url: &str, headers: &str, text: &str, within: u32) -> Promise;

    /// The rows of one statement (JSON; empty: none), with these bindings (JSON).
    #[wasm_bindgen(catch)]
    #[cfg(not(feature = "faults"))]
    pub(crate) fn rows(
        sql: &JsValue,
        statement: &JsString,
        bindings: &str,
    ) -> Result<String, JsValue>;

    /// The same, after the numbers of rows read and written, a line each.
    #[wasm_bindgen(catch, js_name = countedRows)]
    #[cfg(feature = "faults")]
    pub(crate) fn rows(
        sql: &JsValue,
        statement: &JsString,
        bindings: &str,
    ) -> Result<String, JsValue>;

    /// When an object's alarm goes off; a promise of milliseconds, or of nothing.
    #[wasm_bindgen(catch)]
    pub(crate) fn alarm(storage: &JsValue) -> Result<Promise, JsValue>;

    /// Has it go off after so many milliseconds, by the runtime's clock; a promise.
    #[wasm_bindgen(catch, js_name = setAlarm)]
    pub(crate) fn set_alarm(storage: &JsValue, wait: f64) -> Result<Promise, JsValue>;

    /// Runs `steps` in a transaction, which is taken back when they throw.
    #[wasm_bindgen(catch)]
    pub(crate) fn transaction(
        storage: &JsValue,
        steps: &mut dyn FnMut() -> Result<(), JsValue>,
    ) -> Result<(), JsValue>;
}

/// The headers that are looked at. A number crosses, not a name.
#[wasm_bindgen]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HeaderName {
    Accept = "accept",
    AccessControlRequestMethod = "access-control-request-method",
    Authorization = "authorization",
    CfConnectingIp = "cf-connecting-ip",
    CfRay = "cf-ray",
    ContentLength = "content-length",
    ContentType = "content-type",
    Cookie = "cookie",
    HallpassCookie = "hallpass-cookie",
    Origin = "origin",
    SecFetchSite = "sec-fetch-site",
    UserAgent = "user-agent",
}

/// What a promise comes to; or a fault, when it is refused or could not even be made.
pub(crate) async fn settled(promise: Result<Promise, JsValue>) -> Result<JsValue, Fault> {
    let settled = match promise {
        Ok(promise) => promises::settled(promise).await,
        Err(thrown) => Err(thrown),
    };
    settled.map_err(thrown)
}

/// The text that a promise comes to.
pub(crate) async fn text(promise: Result<Promise, JsValue>) -> Result<String, Fault> {
    let value = settled(promise).await?;
    value
        .as_string()
        .ok_or_else(|| Fault::new("a promise did not come to a text"))
}

/// What JavaScript threw: an error's message, or what else there is to say of it.
#[expect(
    clippy::needless_pass_by_value,
    reason = "as `map_err` gives it: a value that was thrown is nobody's any more"
)]
pub(crate) fn thrown(value: JsValue) -> Fault {
    let message = value
        .dyn_ref::<js_sys::Error>()
        .map(|error| String::from(error.message()));
    Fault::new(message.unwrap_or_else(|| format!("{value:?}")))
}

/// What `work` comes to, for JavaScript: the value itself where there is nothing to wait for, or else a
/// promise. That spares a promise, and a turn of the microtasks, wherever an answer is there at once.
pub(crate) fn at_once_or_later(
    work: impl Future<Output = Result<JsValue, JsValue>> + 'static,
) -> Result<JsValue, JsValue> {
    let mut work = Handed::over(work);
    // Nobody is woken by this first look: who has to wait is looked at again by a task of its own.
    match Pin::new(&mut work).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(done) => done,
        Poll::Pending => Ok(future_to_promise(work).unchecked_into()),
    }
}

/// Work that goes from one who looks at it to another. A future may keep the waker that it was first
/// looked at with, as a timer does, and would wake nobody; so it is given one that stays, and wakes
/// whoever looked last.
struct Handed<F> {
    work: Pin<Box<F>>,
    whoever: Arc<Whoever>,
}

#[derive(Default)]
struct Whoever(AtomicWaker);

impl Wake for Whoever {
    fn wake(self: Arc<Self>) {
        self.0.wake();
    }
}

impl<F> Handed<F> {
    fn over(work: F) -> Self {
        Self {
            work: Box::pin(work),
            whoever: Arc::default(),
        }
    }
}

impl<F: Future> Future for Handed<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        self.whoever.0.register(context.waker());
        let waker = Waker::from(Arc::clone(&self.whoever));
        self.work.as_mut().poll(&mut Context::from_waker(&waker))
    }
}

#[cfg(test)]
mod tests {
    use core::future::poll_fn;
    use std::cell::RefCell;
    use std::rc::Rc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    /// Counts how often it is woken.
    #[derive(Default)]
    pub(super) struct Woken(pub(super) AtomicU32);

    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn who_looks_second_is_woken_by_a_timer_that_keeps_its_first_waker() {
        let kept = Rc::new(RefCell::new(None::<Waker>));
        let first = Rc::clone(&kept);
        let mut work = Handed::over(poll_fn(move |context| {
            first
                .borrow_mut()
                .get_or_insert_with(|| context.waker().clone());
            Poll::<()>::Pending
        }));
        let woken = Arc::new(Woken::default());
        for waker in [Waker::noop(), &Waker::from(Arc::clone(&woken))] {
            let polled = Pin::new(&mut work).poll(&mut Context::from_waker(waker));
            assert_eq!(polled, Poll::Pending);
        }
        let timer = kept.borrow_mut().take().unwrap();
        timer.wake();
        assert_eq!(woken.0.load(Ordering::Relaxed), 1);
    }
}
