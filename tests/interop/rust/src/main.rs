//! Answers each line of JSON with one: signs and verifies with jsonwebtoken, and asks the core.
//!
//! A question says in `do` what is wanted, its answer is `{"ok": …}` or `{"error": …}`.

use std::error::Error;
use std::io::{self, BufRead, Write};

use serde_json::{Value, json};

mod core;
mod demands;
mod rival;

fn main() -> Result<(), Box<dyn Error>> {
    let (input, mut output) = (io::stdin().lock(), io::stdout().lock());
    for line in input.lines() {
        let answer = match answer(&line?) {
            Ok(answer) => json!({ "ok": answer }),
            Err(error) => json!({ "error": error.to_string() }),
        };
        writeln!(output, "{answer}")?;
        output.flush()?;
    }
    Ok(())
}

fn answer(line: &str) -> Result<Value, Box<dyn Error>> {
    let question: Value = serde_json::from_str(line)?;
    match text(&question, "do")? {
        "sign" => rival::sign(&question),
        "verify" => rival::verify(&question),
        "judge" => judge(&question),
        unknown => Err(format!("nothing is called {unknown}").into()),
    }
}

/// Both verdicts on each of `tokens`, `[the core's, jsonwebtoken's]`: `""` for one that is taken, else why it is not; `null` where
/// the core leaves the signature to others.
fn judge(question: &Value) -> Result<Value, Box<dyn Error>> {
    let demands = demands::Demands::read(question)?;
    let judges = (
        core::Judge::new(question, &demands)?,
        rival::Judge::new(question, &demands)?,
    );
    let tokens = member(question, "tokens")?.as_array();
    let verdicts = tokens.into_iter().flatten().map(|token| {
        let token = token.as_str().unwrap_or_default();
        json!([judges.0.verdict(token), judges.1.verdict(token)])
    });
    Ok(verdicts.collect())
}

fn member<'a>(object: &'a Value, name: &str) -> Result<&'a Value, String> {
    object.get(name).ok_or_else(|| format!("no {name}"))
}

fn text<'a>(object: &'a Value, name: &str) -> Result<&'a str, String> {
    let value = member(object, name)?;
    value.as_str().ok_or_else(|| format!("{name} is no text"))
}
