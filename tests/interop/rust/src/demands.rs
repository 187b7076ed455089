//! What is asked of tokens, by either judge.

use serde_json::Value;

use crate::member;

pub(crate) struct Demands {
    /// The clock, in seconds; ahead of the real one, which is all that jsonwebtoken has.
    pub(crate) now: u64,
    pub(crate) leeway: u64,
    pub(crate) issuer: Option<String>,
    pub(crate) audience: Option<String>,
}

impl Demands {
    pub(crate) fn read(question: &Value) -> Result<Self, String> {
        let demands = member(question, "demands")?;
        let number = |name: &str| demands.get(name).and_then(Value::as_u64);
        let text = |name: &str| demands.get(name).and_then(Value::as_str).map(str::to_owned);
        Ok(Self {
            now: number("now").ok_or("no now")?,
            leeway: number("leeway").unwrap_or_default(),
            issuer: text("issuer"),
            audience: text("audience"),
        })
    }
}
