//! Reading AWS JSON 1.1 requests.

use crate::model::error::ApiError;
use serde_json::Value;

/// Reads a body; AWS answers what is no JSON with `SerializationException`.
pub(crate) fn parse(body: &[u8]) -> Result<Value, ApiError> {
    if body.is_empty() {
        return Ok(Value::Object(serde_json::Map::new()));
    }
    match serde_json::from_slice(body) {
        Ok(value @ Value::Object(_)) => Ok(value),
        Ok(_) => Err(ApiError::bad(
            "SerializationException",
            "Start of structure or map found where not expected.",
        )),
        Err(_) => Err(ApiError::bare("SerializationException")),
    }
}
