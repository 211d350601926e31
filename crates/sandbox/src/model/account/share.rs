//! What services tell those who ask all of them.

use super::table::{Row, Table};
use crate::model::tag;
use jiff::Timestamp;
use std::net::SocketAddrV4;

/// Whose resources, and when.
pub(crate) struct Account<'a> {
    pub(crate) id: &'a str,
    pub(crate) region: &'a str,
    pub(crate) now: Timestamp,
}

/// Which resources a question for tags is about.
pub(crate) enum Wanted<'a> {
    All,
    /// Those with a tag of this key and one of these values.
    With(&'a str, &'a [String]),
    /// Those with one of these ids.
    Ids(&'a [String]),
}

impl Wanted<'_> {
    /// The rows of a table that it may be about.
    pub(crate) fn of<'t, T: Row>(&self, table: &'t Table<T>) -> Box<dyn Iterator<Item = &'t T> + 't> {
        match self {
            Wanted::All => Box::new(table.iter()),
            Wanted::Ids(ids) => Box::new(table.with_any(ids)),
            Wanted::With(key, values) => {
                let keys: Vec<String> = values.iter().map(|value| tag::index(key, value)).collect();
                Box::new(table.with_any(&keys))
            }
        }
    }
}

/// A quota as Service Quotas names it.
#[derive(Clone, Copy)]
pub(crate) struct Quota {
    /// The service's name there.
    pub(crate) service: &'static str,
    pub(crate) code: &'static str,
    pub(crate) name: &'static str,
    pub(crate) value: usize,
}

/// Something with an interface in the network.
pub(crate) struct Attached {
    pub(crate) security_groups: Vec<String>,
    pub(crate) port: u16,
    /// Where clients connect to its engines, running or not.
    pub(crate) endpoints: Vec<SocketAddrV4>,
}

/// Something that may be in use.
pub(crate) enum Use<'a> {
    SecurityGroup(&'a str),
    Subnet(&'a str),
    Address(SocketAddrV4),
}
