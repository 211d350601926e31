//! A sum of money as far as anybody can tell: what has no price in the table is named, and never counts as nothing.

use serde::Serialize;
use std::collections::BTreeSet;
use std::iter::Sum;
use std::ops::{Add, Mul};

/// A sum. With something unpriced it is the least that it comes to.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Amount {
    /// US dollars of what has a price.
    pub dollars: f64,
    /// Items of the price table that are not in it.
    pub unpriced: BTreeSet<String>,
}

impl Amount {
    /// So many dollars.
    pub fn of(dollars: f64) -> Self {
        Self { dollars, unpriced: BTreeSet::new() }
    }

    /// What nobody knows the price of.
    pub(crate) fn unknown(item: &str) -> Self {
        Self { dollars: 0.0, unpriced: BTreeSet::from([item.to_owned()]) }
    }

    /// Whether all of it has a price.
    pub fn is_known(&self) -> bool {
        self.unpriced.is_empty()
    }

    /// Whether it is nothing, for sure.
    pub fn is_nothing(&self) -> bool {
        self.is_known() && self.dollars <= 0.0
    }

    /// The sum, where all of it is known.
    pub fn known(&self) -> Option<f64> {
        self.is_known().then_some(self.dollars)
    }
}

impl Add for Amount {
    type Output = Self;

    fn add(mut self, other: Self) -> Self {
        self.dollars += other.dollars;
        self.unpriced.extend(other.unpriced);
        self
    }
}

impl Mul<f64> for Amount {
    type Output = Self;

    fn mul(self, times: f64) -> Self {
        Self { dollars: self.dollars * times, ..self }
    }
}

impl Sum for Amount {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        // From zero on: the sum of no numbers would be a negative one.
        all.fold(Self::default(), Add::add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_price_stays_in_every_sum() {
        let sum: Amount = [Amount::of(1.5), Amount::unknown("x"), Amount::of(0.5) * 2.0].into_iter().sum();
        assert_eq!((sum.dollars, sum.is_known(), sum.known()), (2.5, false, None));
        assert!(!Amount::unknown("x").is_nothing() && !(Amount::unknown("x") * 0.0).is_nothing());
        assert!(Amount::default().is_nothing() && !Amount::of(0.1).is_nothing());
    }
}
