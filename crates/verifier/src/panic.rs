//! The end of a panic.
//!
//! `std` has panics written out for somebody to read, which takes the formatting of everything that may go into a message:
//! a third of the binary. Here a panic is a trap, which JavaScript catches, and no message goes anywhere.

use core::panic::PanicInfo;

#[panic_handler]
fn trap(_: &PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}
