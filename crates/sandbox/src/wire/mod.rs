//! Codecs for AWS's wire protocols. They know nothing of resources.

pub(crate) mod cbor;
pub(crate) mod constraint;
pub(crate) mod json;
mod params;
mod xml;

pub use params::{Missing, Params};
pub use xml::Element;
