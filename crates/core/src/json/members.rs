//! An object's members and their names, of which none may stand twice.

use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::ops::Range;

use super::escapes::unescaped;
use super::{LoneSurrogate, Type};

/// As many members as a token's payload usually has, or a few more.
pub(super) const USUAL_MEMBERS: usize = 16;

/// A member of an object, by where it stands.
#[derive(Clone, Debug)]
pub(super) struct Member {
    pub(super) name: Quoted,
    pub(super) value: Range<usize>,
    pub(super) kind: Type,
}

/// Where a string stands, without its quotes.
#[derive(Clone, Debug)]
pub(super) struct Quoted {
    pub(super) inner: Range<usize>,
    pub(super) escaped: bool,
}

impl Quoted {
    pub(super) fn is(&self, name: &str, text: &str) -> bool {
        if self.escaped {
            return self.characters(text).is_ok_and(|own| own == name);
        }
        self.bytes(text) == name.as_bytes()
    }

    fn bytes<'a>(&self, text: &'a str) -> &'a [u8] {
        text.as_bytes().get(self.inner.clone()).unwrap_or_default()
    }

    pub(super) fn characters<'a>(&self, text: &'a str) -> Result<Cow<'a, str>, LoneSurrogate> {
        let inner = text.get(self.inner.clone()).unwrap_or_default();
        if self.escaped {
            unescaped(inner)
        } else {
            Ok(Cow::Borrowed(inner))
        }
    }

    pub(super) const fn with_quotes(&self) -> Range<usize> {
        self.inner.start - 1..self.inner.end + 1
    }
}

/// Whether two of the members have one name. Few are compared each with each; many are put in order, so that a long object
/// takes nobody's time.
pub(super) fn one_stands_twice(members: &[Member], text: &str) -> bool {
    if members.len() > USUAL_MEMBERS {
        return one_comes_twice(members, text);
    }
    (0..).zip(members).any(|(at, member)| {
        let mut before = members.iter().take(at);
        before.any(|other| have_one_name(member, other, text))
    })
}

fn one_comes_twice(members: &[Member], text: &str) -> bool {
    let mut ordered: Vec<_> = members.iter().collect();
    sort_by_name(&mut ordered, text);
    let mut pairs = ordered.iter().zip(ordered.iter().skip(1));
    pairs.any(|(a, b)| have_one_name(a, b, text))
}

fn have_one_name(a: &Member, b: &Member, text: &str) -> bool {
    let [a, b] = [&a.name, &b.name];
    if !a.escaped && !b.escaped {
        return a.bytes(text) == b.bytes(text);
    }
    // A name with half a character in it can equal no other and names no claim.
    let a = a.characters(text);
    a.is_ok() && a == b.characters(text)
}

/// Heapsort: the sorts of the standard library are faster, and weigh more than this whole reader.
fn sort_by_name(members: &mut [&Member], text: &str) {
    let mut unheaped = members.len() / 2;
    let mut end = members.len();
    while end > 1 {
        if unheaped > 0 {
            unheaped -= 1;
        } else {
            end -= 1;
            swap(members, 0, end);
        }
        sift_down(members.get_mut(..end).unwrap_or_default(), unheaped, text);
    }
}

fn sift_down(heap: &mut [&Member], mut parent: usize, text: &str) {
    loop {
        let left = 2 * parent + 1;
        let child = left + usize::from(is_less(heap, left, left + 1, text));
        if !is_less(heap, parent, child, text) {
            return;
        }
        swap(heap, parent, child);
        parent = child;
    }
}

/// Whether both are there, and in this order.
fn is_less(heap: &[&Member], a: usize, b: usize, text: &str) -> bool {
    let members = heap.get(a).zip(heap.get(b));
    members.is_some_and(|(a, b)| a.name.characters(text) < b.name.characters(text))
}

fn swap(heap: &mut [&Member], a: usize, b: usize) {
    if let Ok([a, b]) = heap.get_disjoint_mut([a, b]) {
        core::mem::swap(a, b);
    }
}
