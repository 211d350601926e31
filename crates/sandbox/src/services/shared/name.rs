//! Identifiers, pages and the other checks that ElastiCache and RDS word alike.

use crate::model::error::ApiError;
use crate::model::page::{self, Pages};
use crate::model::params::Params;

/// `InvalidParameterValue` with this text.
pub(crate) fn bad_value(message: impl Into<String>) -> ApiError {
    ApiError::bad("InvalidParameterValue", message)
}

/// `InvalidParameterCombination` with this text.
pub(crate) fn bad_combination(message: impl Into<String>) -> ApiError {
    ApiError::bad("InvalidParameterCombination", message)
}

/// Checks an identifier (docs/aws-errors.md, "ElastiCache" and "RDS") and returns it in lower case, as AWS stores it.
pub(crate) fn identifier(parameter: &str, value: &str) -> Result<String, ApiError> {
    let well_formed = value.starts_with(|c: char| c.is_ascii_alphabetic())
        && value.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        && !value.ends_with('-')
        && !value.contains("--");
    if well_formed {
        return Ok(value.to_ascii_lowercase());
    }
    Err(bad_value(format!(
        "The parameter {parameter} is not a valid identifier. Identifiers must begin with a letter; must contain only \
         ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens."
    )))
}

/// Cuts the page that `Marker` and `MaxRecords` (20 to 100) ask for; returns it with the next marker.
pub(crate) fn page<T>(p: &Params, items: impl Pages<T>) -> Result<(Vec<T>, Option<String>), ApiError> {
    let max = p.int("MaxRecords")?.unwrap_or(100);
    if !(20..=100).contains(&max) {
        return Err(bad_value(format!("Invalid value {max} for MaxRecords. Must be between 20 and 100.")));
    }
    page::page(items, p.get("Marker"), usize::try_from(max).unwrap_or(100))
        .ok_or_else(|| bad_value("The parameter Marker is not valid."))
}

/// Refuses parameters that AWS has and the sandbox does not act on, rather than to ignore what somebody asked for.
pub(crate) fn unsupported(p: &Params, names: &[&str]) -> Result<(), ApiError> {
    let asked = p.keys().find(|key| names.iter().any(|name| key.split('.').next() == Some(name)));
    match asked {
        Some(name) => {
            let name = name.split('.').next().unwrap_or(name);
            Err(bad_combination(format!("The recipe-walk sandbox does not implement the parameter {name}.")))
        }
        None => Ok(()),
    }
}
