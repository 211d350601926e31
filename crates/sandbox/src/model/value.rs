//! Parameters and answers of the services that have structures of their own.

use super::error::ApiError;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Reads parameters into the operation's own type.
pub(crate) fn read<T: DeserializeOwned>(body: &Value) -> Result<T, ApiError> {
    T::deserialize(body).map_err(|error| ApiError::bad("SerializationException", error.to_string()))
}

/// A time as AWS JSON carries it: seconds since 1970 with a fraction.
pub(crate) fn epoch(time: jiff::Timestamp) -> f64 {
    time.as_millisecond() as f64 / 1000.0
}
