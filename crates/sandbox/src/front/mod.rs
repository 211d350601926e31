//! The front door.

use crate::error::ApiError;

/// The answer to an action that AWS has and the sandbox does not.
pub(crate) fn unimplemented_query(action: &str) -> ApiError {
    ApiError::bad(
        "InvalidAction",
        format!("The recipe-walk sandbox does not implement the operation {action}."),
    )
}
