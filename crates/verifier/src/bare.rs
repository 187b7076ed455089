//! What `std` would bring along, smaller.
//!
//! Its panics are written out for somebody to read, which takes the formatting of everything that may go into a message:
//! a third of the binary. Here a panic is a trap, which JavaScript catches, and no message goes anywhere.

use core::panic::PanicInfo;

use talc::wasm::{WasmDynamicTalc, new_wasm_dynamic_allocator};

/// A third of the size of the one that comes with `std`.
#[global_allocator]
static ALLOCATOR: WasmDynamicTalc = new_wasm_dynamic_allocator();

#[panic_handler]
fn trap(_: &PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}
