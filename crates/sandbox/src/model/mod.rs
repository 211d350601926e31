//! What every service is made of; knows nothing of how requests and answers are encoded.

pub(crate) mod account;
pub(crate) mod arn;
pub(crate) mod caller;
pub(crate) mod constraint;
pub(crate) mod error;
pub(crate) mod hindrance;
pub(crate) mod node;
pub(crate) mod pace;
pub(crate) mod page;
pub(crate) mod params;
pub(crate) mod permission;
pub(crate) mod status;
pub(crate) mod tag;
pub(crate) mod text;
pub(crate) mod value;
