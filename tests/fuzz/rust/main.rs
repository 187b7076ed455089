//! Random input for what reads input, by the core's own reading and by another one.
//!
//! Every target takes inputs that are mutated from good ones or made by what they have to look like,
//! and says what has to be true of each; that nothing panics goes without saying. `HALLPASS_SEED` and
//! `HALLPASS_FUZZ_RUNS` ask for other and for more inputs.

#[cfg(test)]
mod blacklist;
#[cfg(test)]
mod claims;
#[cfg(test)]
mod compact;
#[cfg(test)]
mod corpus;
#[cfg(test)]
mod json;
#[cfg(test)]
mod jwks;
#[cfg(test)]
mod made;
#[cfg(test)]
mod mutated;
#[cfg(test)]
mod random;
#[cfg(test)]
mod runner;
#[cfg(test)]
mod signed;
