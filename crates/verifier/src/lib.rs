//! `hallpass_core` for JavaScript: the WebAssembly of the npm package `hallpass`.
//!
//! Every function that JavaScript calls answers one text of JSON, which `answer` describes, and the JavaScript in
//! `js/` makes values and errors of it. It is built twice: with the feature `verify`, and without it for
//! `hallpass/decode`, which reads tokens and checks no signature. There every byte is loaded by somebody's browser.

#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

#[cfg(target_arch = "wasm32")]
mod allocator;
mod answer;
#[cfg(feature = "verify")]
mod checker;
pub mod decode;
mod options;
#[cfg(target_arch = "wasm32")]
mod panic;
#[cfg(feature = "verify")]
mod settings;
#[cfg(feature = "verify")]
pub mod verify;
