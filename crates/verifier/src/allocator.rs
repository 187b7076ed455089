//! Memory for everything here. The allocator that comes with `std` is three times as large as this one (TLSF), and slower.

use rlsf::SmallGlobalTlsf;

#[global_allocator]
static ALLOCATOR: SmallGlobalTlsf = SmallGlobalTlsf::new();
