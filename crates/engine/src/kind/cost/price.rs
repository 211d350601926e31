//! For what AWS bills, as data; the price table has the figures.

/// One thing that is billed as long as a resource is there.
#[derive(Debug, Clone, PartialEq)]
pub struct Charge {
    /// What it is in the table.
    pub price: Price,
    /// How many of it, or how many GB.
    pub quantity: f64,
    /// The table's rule by which the running time is rounded.
    pub billing: &'static str,
}

/// An item of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Price {
    /// By the hour.
    Hour(String),
    /// By the GB and month.
    GbMonth(&'static str),
}

impl Charge {
    /// So many of something with a price of an hour.
    pub fn hourly(item: impl Into<String>, quantity: f64, billing: &'static str) -> Self {
        Self { price: Price::Hour(item.into()), quantity, billing }
    }

    /// So many GB of storage.
    pub(crate) fn storage(item: &'static str, gb: f64, billing: &'static str) -> Self {
        Self { price: Price::GbMonth(item), quantity: gb, billing }
    }
}
