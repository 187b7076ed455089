//! The vectors of `tests/vectors/` at the workspace's root, as far as the core by itself can judge
//! them: the signatures of RSA and the NIST curves are checked by others.

#![cfg(all(feature = "hmac", feature = "ed25519"))]

#[cfg(test)]
mod judge;
#[cfg(test)]
mod vector;

#[cfg(test)]
mod tests {
    use crate::judge::{Outcome, judge};
    use crate::vector::{Vector, all};

    /// Fewer than that would mean that files are not found or that hardly any vector is judged.
    const AT_LEAST: usize = 600;

    #[test]
    fn the_core_says_of_every_vector_what_the_vector_says() {
        let vectors = all();
        let judged: Vec<(&Vector, Outcome)> = vectors
            .iter()
            .filter_map(|vector| Some((vector, judge(vector)?)))
            .collect();
        let wrong: Vec<String> = judged
            .iter()
            .filter(|(vector, outcome)| !outcome.is_as(&vector.expect))
            .map(|(vector, outcome)| {
                let Vector {
                    name, rfc, expect, ..
                } = vector;
                format!("RFC {rfc}: {name}: expected {expect}, got {outcome:?}")
            })
            .collect();
        println!("{} of {} vectors judged", judged.len(), vectors.len());
        assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
        assert!(judged.len() >= AT_LEAST, "only {}", judged.len());
    }

    #[test]
    fn a_wrong_expectation_is_noticed() {
        let outcome = |name: &str| {
            let vectors = all();
            let vector = vectors.iter().find(|vector| vector.name == name);
            judge(vector.unwrap()).unwrap()
        };
        let holds = outcome("three parts with two dots between them are a token");
        let expect = |text: &str| serde_json::from_str(text).unwrap();
        assert!(holds.is_as(&expect(r#"{"claims":{"sub":"u7"}}"#)));
        assert!(!holds.is_as(&expect(r#"{"claims":{"sub":"u8"}}"#)));
        assert!(!holds.is_as(&expect(r#"{"claims":{"sub":"u7","iss":"a"}}"#)));
        assert!(!holds.is_as(&expect(r#"{"code":"expired"}"#)));
        let expired = outcome("a token has expired in the second of its exp");
        assert!(expired.is_as(&expect(r#"{"code":"expired","claim":"exp"}"#)));
        assert!(!expired.is_as(&expect(r#"{"code":"expired","claim":"nbf"}"#)));
        assert!(!expired.is_as(&expect(r#"{"code":"malformed"}"#)));
        assert!(!expired.is_as(&expect(r#"{"claims":{}}"#)));
    }
}
