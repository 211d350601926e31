//! AWS's wire protocols: signatures, envelopes and codecs. They know nothing of resources.

pub(crate) mod cbor;
pub(crate) mod envelope;
pub(crate) mod json;
pub(crate) mod presigned;
mod signing;
pub(crate) mod sigv4;
pub(crate) mod xml;

/// How a request is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    Ec2,
    Query,
    Json,
    Cbor,
}
