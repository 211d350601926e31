//! Tests of the whole front door over real connections: every refusal of AWS, and everything that is hostile.

pub(crate) mod dice;
mod door;
mod exposure;
mod hostile;
mod keys;
mod ports;
mod presign;
mod presigned;
mod refusals;
mod replay;
mod strangers;
