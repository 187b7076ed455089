//! `hallpass_core` for JavaScript: the WebAssembly of the npm package `hallpass`.
//!
//! Every function that JavaScript calls answers one text of JSON, which [`answer`] describes, and the JavaScript in
//! `js/` makes values and errors of it. It is built twice: with the feature `verify`, and without it for
//! `hallpass/decode`, which reads tokens and checks no signature. There every byte is loaded by somebody's browser, so it
//! does without `std`, whose way to panic alone would be a quarter of it.

#![cfg_attr(not(feature = "verify"), no_std)]

extern crate alloc;

#[cfg(target_arch = "wasm32")]
mod allocator;
mod answer;
pub mod decode;
mod options;

/// A trap: JavaScript drops this instance and makes another.
#[cfg(all(target_arch = "wasm32", not(feature = "verify")))]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}
