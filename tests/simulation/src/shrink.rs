//! The shortest history that still breaks what a long one broke.

use crate::history::History;
use crate::oracle::Broken;
use crate::world::World;

/// Leaves out steps for as long as the same invariant breaks: halves first, single ones last.
#[must_use]
pub fn shrink(history: &History, broken: &Broken) -> (History, Broken) {
    let (mut shortest, mut last) = (history.clone(), broken.clone());
    let mut length = shortest.steps.len().div_ceil(2).max(1);
    loop {
        let before = shortest.steps.len();
        let mut from = 0;
        while from < shortest.steps.len() {
            let mut shorter = shortest.clone();
            let to = (from + length).min(shorter.steps.len());
            shorter.steps.drain(from..to);
            match World::run(&shorter).1 {
                Err(broken) if broken.invariant == last.invariant => {
                    (shortest, last) = (shorter, broken);
                }
                _ => from += length,
            }
        }
        if length > 1 {
            length /= 2;
        } else if shortest.steps.len() == before {
            return (shortest, last);
        }
    }
}
