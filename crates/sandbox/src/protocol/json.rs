//! Reading AWS JSON 1.1 requests.

use crate::model::error::ApiError;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Reads a request body into the operation's own type; an empty body is an empty object.
pub(crate) fn read<T: DeserializeOwned>(body: &Value) -> Result<T, ApiError> {
    T::deserialize(body).map_err(|error| ApiError::bad("SerializationException", error.to_string()))
}

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

/// A time as AWS JSON carries it: seconds since 1970 with a fraction.
pub(crate) fn epoch(time: jiff::Timestamp) -> f64 {
    time.as_millisecond() as f64 / 1000.0
}
