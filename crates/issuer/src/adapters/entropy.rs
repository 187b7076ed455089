//! Randomness, from the runtime's CSPRNG.

use hallpass_core::jti::hex;

use crate::fault::Fault;

/// Random bytes.
pub(crate) fn bytes<const N: usize>() -> Result<[u8; N], Fault> {
    let mut bytes = [0; N];
    #[expect(clippy::disallowed_methods, reason = "this is the adapter that may")]
    getrandom::fill(&mut bytes).map_err(|_| Fault::new("no randomness to be had"))?;
    Ok(bytes)
}

/// A random id of 32 lower-case hex digits.
pub(crate) fn id() -> Result<String, Fault> {
    bytes::<16>().map(|bytes| hex(&bytes))
}
