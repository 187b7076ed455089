//! Randomness, from the runtime's CSPRNG.

use crate::fault::Fault;

/// Random bytes.
pub(crate) fn bytes<const N: usize>() -> Result<[u8; N], Fault> {
    let mut bytes = [0; N];
    fill(&mut bytes)?;
    Ok(bytes)
}

/// Fills these with random bytes.
pub(super) fn fill(bytes: &mut [u8]) -> Result<(), Fault> {
    #[expect(clippy::disallowed_methods, reason = "this is the adapter that may")]
    getrandom::fill(bytes).map_err(|_| Fault::new("no randomness to be had"))
}
