//! Waiting for promises of JavaScript.
//!
//! wasm-bindgen's own future makes two closures for each promise, which JavaScript has to watch over
//! until they are collected. Here each promise has a number, and one closure is told what all of them
//! come to.

use std::cell::RefCell;
use std::future::poll_fn;
use std::mem;
use std::task::{Poll, Waker};

use js_sys::Promise;
use slab::Slab;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::{Closure, wasm_bindgen};

#[wasm_bindgen(module = "/js/boundary.js")]
extern "C" {
    /// Whom to tell from now on what promises come to: their numbers, whether they were kept, and with
    /// what.
    #[wasm_bindgen(js_name = tellOf)]
    fn tell_of(told: &Closure<dyn Fn(usize, bool, JsValue)>);

    /// Has told what this promise comes to, under that number.
    fn watch(promise: &Promise, number: usize);
}

thread_local! {
    static WATCHED: RefCell<Watched<JsValue>> = const { RefCell::new(Watched::NONE) };
    /// JavaScript calls it for as long as this program runs.
    static TOLD: Closure<dyn Fn(usize, bool, JsValue)> = {
        let told = Closure::new(|number, is_kept, value| {
            let outcome = if is_kept { Ok(value) } else { Err(value) };
            let waker = WATCHED.with_borrow_mut(|all| all.settle(number, outcome));
            // With nothing borrowed: whoever is woken may look at once.
            if let Some(waker) = waker {
                waker.wake();
            }
        });
        tell_of(&told);
        told
    };
}

/// What a promise comes to: its value, or why it was refused.
pub(super) async fn settled(promise: Promise) -> Result<JsValue, JsValue> {
    let mut waiting: Option<Waiting> = None;
    poll_fn(|context| {
        if let Some(Waiting(number)) = &waiting {
            return WATCHED.with_borrow_mut(|all| all.look(*number, context.waker()));
        }
        let number = WATCHED.with_borrow_mut(|all| all.add(context.waker().clone()));
        waiting = Some(Waiting(number));
        TOLD.with(|_| watch(&promise, number));
        Poll::Pending
    })
    .await
}

/// Somebody waits for the promise with this number.
struct Waiting(usize);

impl Drop for Waiting {
    fn drop(&mut self) {
        WATCHED.with_borrow_mut(|all| all.leave(self.0));
    }
}

/// The promises that are watched, by their numbers.
struct Watched<T>(Slab<State<T>>);

enum State<T> {
    /// Somebody waits, and is woken by this.
    Pending(Waker),
    /// Nobody waits for it any more. The number is taken until it has come to something.
    Left,
    Settled(Result<T, T>),
    /// Whoever waited has what it came to.
    Taken,
}

impl<T> Watched<T> {
    const NONE: Self = Self(Slab::new());

    fn add(&mut self, waker: Waker) -> usize {
        self.0.insert(State::Pending(waker))
    }

    fn look(&mut self, number: usize, waker: &Waker) -> Poll<Result<T, T>> {
        match self.0.get_mut(number) {
            Some(State::Pending(earlier)) => {
                earlier.clone_from(waker);
                Poll::Pending
            }
            Some(state @ State::Settled(_)) => match mem::replace(state, State::Taken) {
                State::Settled(outcome) => Poll::Ready(outcome),
                State::Pending(_) | State::Left | State::Taken => Poll::Pending,
            },
            Some(State::Left | State::Taken) | None => Poll::Pending,
        }
    }

    /// Whom to wake.
    fn settle(&mut self, number: usize, outcome: Result<T, T>) -> Option<Waker> {
        let state = self.0.get_mut(number)?;
        match mem::replace(state, State::Settled(outcome)) {
            State::Pending(waker) => Some(waker),
            State::Left => {
                self.0.try_remove(number);
                None
            }
            // A promise comes to something once.
            before @ (State::Settled(_) | State::Taken) => {
                *state = before;
                None
            }
        }
    }

    /// Whoever waited for it does not any more.
    fn leave(&mut self, number: usize) {
        match self.0.get_mut(number) {
            Some(state @ State::Pending(_)) => *state = State::Left,
            Some(State::Settled(_) | State::Taken) => drop(self.0.try_remove(number)),
            Some(State::Left) | None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::Ordering;

    use super::super::tests::Woken;
    use super::*;

    fn look(all: &mut Watched<u8>, number: usize) -> Poll<Result<u8, u8>> {
        all.look(number, Waker::noop())
    }

    #[test]
    fn whoever_looked_last_is_woken_once_and_hears_it_once() {
        let mut all = Watched::NONE;
        let number = all.add(Waker::noop().clone());
        let woken = Arc::new(Woken::default());
        let waker = Waker::from(Arc::clone(&woken));
        assert_eq!(all.look(number, &waker), Poll::Pending);
        all.settle(number, Err(7)).unwrap().wake();
        assert_eq!(woken.0.load(Ordering::Relaxed), 1);
        assert_eq!(look(&mut all, number), Poll::Ready(Err(7)));
        assert_eq!(look(&mut all, number), Poll::Pending);
        assert!(all.settle(number, Ok(8)).is_none());
        assert_eq!(look(&mut all, number), Poll::Pending);
        all.leave(number);
        assert!(all.0.is_empty());
    }

    #[test]
    fn a_number_that_was_left_is_nobody_elses_until_its_promise_has_come_to_something() {
        let mut all = Watched::<u8>::NONE;
        let left = all.add(Waker::noop().clone());
        all.leave(left);
        let other = all.add(Waker::noop().clone());
        assert_ne!(left, other);
        assert!(all.settle(left, Ok(1)).is_none());
        assert_eq!(look(&mut all, other), Poll::Pending);
        assert_eq!(all.add(Waker::noop().clone()), left);
        assert!(all.settle(other, Ok(2)).is_some());
        assert_eq!(look(&mut all, other), Poll::Ready(Ok(2)));
    }

    #[test]
    fn what_nobody_took_is_dropped_with_who_waited() {
        let mut all = Watched::<u8>::NONE;
        let number = all.add(Waker::noop().clone());
        assert!(all.settle(number, Ok(1)).is_some());
        all.leave(number);
        assert!(all.0.is_empty());
        assert!(all.settle(number, Ok(2)).is_none());
    }
}
