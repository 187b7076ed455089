//! What a request waits for, told to whoever develops.
//!
//! Whoever waits for an object or for KV does not know the request it does so for, and several requests
//! take turns in an isolate. So whose turn it is stands here, while its future is polled; where nobody
//! asked, as in production, nobody's is, and no clock is read.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::pin::pin;
use std::rc::Rc;

use super::clock;

thread_local! {
    static TURN: RefCell<Option<Rc<Waits>>> = const { RefCell::new(None) };
}

/// How long was waited for what, in milliseconds. What was waited for at the same time counts each by
/// itself.
#[derive(Default)]
pub(crate) struct Waits {
    objects: Cell<u64>,
    kv: Cell<u64>,
}

/// What is waited for.
#[derive(Clone, Copy)]
pub(crate) enum What {
    Object,
    Kv,
}

impl Waits {
    /// As the header `Server-Timing` has it.
    pub(crate) fn header(&self, total: u64) -> String {
        let (objects, kv) = (self.objects.get(), self.kv.get());
        format!("total;dur={total}, objects;dur={objects}, kv;dur={kv}")
    }
}

/// Waits for `work`, and takes note of it where somebody asked.
pub(crate) async fn waited<T>(what: What, work: impl Future<Output = T>) -> T {
    let Some(waits) = TURN.with_borrow(Clone::clone) else {
        return work.await;
    };
    let began = clock::milliseconds();
    let done = work.await;
    let sum = match what {
        What::Object => &waits.objects,
        What::Kv => &waits.kv,
    };
    sum.set(sum.get() + clock::milliseconds().saturating_sub(began));
    done
}

/// Does `work`, and says what was waited for in it, if that `is_asked`. There is one way through here
/// for both, since `work` is all that a Worker does and would be compiled for each way.
pub(crate) async fn told<T>(
    is_asked: bool,
    work: impl Future<Output = T>,
) -> (T, Option<Rc<Waits>>) {
    let waits: Option<Rc<Waits>> = is_asked.then(Rc::default);
    let mut work = pin!(work);
    let done = poll_fn(|context| {
        let before = TURN.replace(waits.clone());
        let polled = work.as_mut().poll(context);
        TURN.set(before);
        polled
    });
    (done.await, waits)
}
