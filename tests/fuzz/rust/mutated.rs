//! Input that was good once.

use crate::random::Random;

/// What means something to one of the readers.
const PIECES: &[&[u8]] = &[
    b"{",
    b"}",
    b"[",
    b"]",
    b"\"",
    b"\\",
    b":",
    b",",
    b".",
    b"..",
    b"=",
    b" ",
    b"\n",
    b"\t",
    b"\0",
    b"null",
    b"true",
    b"-0",
    b"1e5",
    b"1.5",
    b"01",
    b"\\u0061",
    b"\\ud800",
    b"\\udc00",
    b"\\ud83d\\ude00",
    b"\xef\xbb\xbf",
    b"\xff",
    b"\xc0\x80",
    b"\"a\":1,",
    b"\"a\":1,\"a\":2,",
    b"\"exp\":9,",
    b"\"crit\":[],",
    b"\"alg\":\"none\",",
    b"\"kid\":null,",
    b"\"d\":\"AA\",",
    b"\"use\":\"enc\",",
    b"\"cutoff\":0,",
    b"\"cutoff\":1.0,",
    b"18446744073709551616",
    b"[[[[[[",
    b"eyJ",
    b"AA",
    b"-_",
    b"+/",
];

/// One to four changes; sometimes none.
pub(crate) fn mutated(corpus: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let mut input = corpus[random.below(corpus.len())].clone();
    for _ in 0..random.below(5) {
        change(&mut input, corpus, random);
    }
    input
}

fn change(input: &mut Vec<u8>, corpus: &[Vec<u8>], random: &mut Random) {
    let at = random.below(input.len() + 1);
    match random.below(8) {
        0 if at < input.len() => input[at] ^= 1 << random.below(8),
        1 if at < input.len() => input[at] = random.byte(),
        2 => insert(input, at, PIECES[random.below(PIECES.len())]),
        3 => drop(input.drain(at..end_of_range(input, at, random))),
        4 => {
            let range = at..end_of_range(input, at, random);
            let again = input[range].to_vec();
            insert(input, at, &again);
        }
        5 => {
            let other = &corpus[random.below(corpus.len())];
            let from = random.below(other.len() + 1);
            input.truncate(at);
            input.extend_from_slice(&other[from..]);
        }
        6 => input.truncate(at),
        _ => insert(input, at, &[random.byte()]),
    }
}

fn insert(input: &mut Vec<u8>, at: usize, piece: &[u8]) {
    drop(input.splice(at..at, piece.iter().copied()));
}

fn end_of_range(input: &[u8], at: usize, random: &mut Random) -> usize {
    (at + random.below(40)).min(input.len())
}
