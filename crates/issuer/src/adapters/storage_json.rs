//! What goes into a statement and comes out of it, as JSON: one text crosses instead of every value.
//! A blob is `{"blob": "0a1b…"}`.

use std::fmt;

use hallpass_core::jti::hex;
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde::ser::{Error as _, Serialize, SerializeMap, Serializer};
use worker::SqlStorageValue;

use crate::fault::Fault;

const BLOB: &str = "blob";

/// The values of a statement's question marks.
pub(super) fn of_bindings(bindings: Vec<SqlStorageValue>) -> Result<String, Fault> {
    let values: Vec<_> = bindings.into_iter().map(Value).collect();
    Ok(serde_json::to_string(&values)?)
}

/// A statement's rows. No text: there are none.
pub(super) fn rows(json: &str) -> Result<Vec<Vec<SqlStorageValue>>, Fault> {
    if json.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<Vec<Value>> = serde_json::from_str(json)?;
    let row = |row: Vec<Value>| row.into_iter().map(|Value(value)| value).collect();
    Ok(rows.into_iter().map(row).collect())
}

struct Value(SqlStorageValue);

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            SqlStorageValue::Null => to.serialize_unit(),
            SqlStorageValue::Boolean(value) => to.serialize_bool(*value),
            SqlStorageValue::Integer(value) => to.serialize_i64(*value),
            // No table has any.
            SqlStorageValue::Float(_) => Err(S::Error::custom("a float")),
            SqlStorageValue::String(value) => to.serialize_str(value),
            SqlStorageValue::Blob(value) => {
                let mut map = to.serialize_map(Some(1))?;
                map.serialize_entry(BLOB, &hex(value))?;
                map.end()
            }
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(OneValue).map(Self)
    }
}

struct OneValue;

impl<'de> Visitor<'de> for OneValue {
    type Value = SqlStorageValue;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value of SQLite")
    }

    fn visit_unit<E>(self) -> Result<SqlStorageValue, E> {
        Ok(SqlStorageValue::Null)
    }

    fn visit_i64<E>(self, value: i64) -> Result<SqlStorageValue, E> {
        Ok(SqlStorageValue::Integer(value))
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<SqlStorageValue, E> {
        let value = i64::try_from(value).map_err(|_| E::custom("too large"))?;
        Ok(SqlStorageValue::Integer(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<SqlStorageValue, E> {
        Ok(SqlStorageValue::String(value.to_owned()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<SqlStorageValue, A::Error> {
        let entry = map.next_entry::<&str, &str>()?;
        let blob = entry.filter(|(name, _)| *name == BLOB);
        let bytes = blob.and_then(|(_, hex)| unhex(hex));
        bytes
            .map(SqlStorageValue::Blob)
            .ok_or_else(|| A::Error::custom("no blob"))
    }
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let pairs = text.as_bytes().chunks(2);
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    pairs.map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_in_comes_out() {
        let values = vec![
            SqlStorageValue::Null,
            SqlStorageValue::Integer(0),
            SqlStorageValue::Integer(-1),
            SqlStorageValue::Integer((1 << 53) - 1),
            SqlStorageValue::String("a \"quoted\" \u{0}\n ü {\"blob\":\"00\"}".to_owned()),
            SqlStorageValue::Blob(vec![0, 1, 0xfe, 0xff]),
            SqlStorageValue::Blob(Vec::new()),
        ];
        let json = of_bindings(values.clone()).unwrap();
        assert_eq!(rows(&format!("[{json},[]]")).unwrap(), [values, vec![]]);
    }

    #[test]
    fn no_row_is_no_text_and_what_is_none_of_these_is_refused() {
        assert_eq!(rows("").unwrap(), Vec::<Vec<SqlStorageValue>>::new());
        for bad in [
            "[",
            "[1]",
            "[[{}]]",
            "[[{\"a\":\"00\"}]]",
            "[[{\"blob\":\"0g\"}]]",
            "[[[]]]",
            "[[1.5]]",
        ] {
            assert!(rows(bad).is_err(), "{bad}");
        }
    }
}
