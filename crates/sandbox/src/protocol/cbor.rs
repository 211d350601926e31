//! The body encoding of smithy-rpc-v2-cbor, by way of JSON values.

use crate::model::error::ApiError;
use serde_json::Value;

/// Reads a CBOR request body; an empty body is an empty object.
pub(crate) fn parse(body: &[u8]) -> Result<Value, ApiError> {
    if body.is_empty() {
        return Ok(Value::Object(serde_json::Map::new()));
    }
    match ciborium::from_reader::<Value, _>(body) {
        Ok(value @ Value::Object(_)) => Ok(value),
        _ => Err(ApiError::bare("SerializationException")),
    }
}

/// Writes a CBOR answer.
pub(crate) fn write(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    // Writing into memory fails only for values that serde_json cannot hold.
    if let Err(error) = ciborium::into_writer(value, &mut out) {
        tracing::error!(%error, "cannot write CBOR");
    }
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn good_values_survive_cbor_and_torn_bytes_are_errors() {
        let value = serde_json::json!({"A": [1, "x", {"b": null}], "C": true});
        assert_eq!(super::parse(&super::write(&value)), Ok(value));
        for bad in [&b"\xff"[..], b"\x9f", b"\x01", b"\xbf\x61a"] {
            assert!(super::parse(bad).is_err());
        }
    }
}
