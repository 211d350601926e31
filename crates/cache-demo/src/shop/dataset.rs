//! The shop's data: the same from the same seed on every machine, with exact prices in cents.

use crate::random::{Random, Zipf};
use crate::shop::catalog_words::{CATEGORIES, FINISHES, MODIFIERS};
use std::fmt::{self, Write};

/// Categories.
pub const CATEGORY_COUNT: u32 = 50;
/// Products; each category has the same number.
pub const PRODUCT_COUNT: u32 = 10_000;
/// Order lines.
pub const ORDER_LINE_COUNT: u32 = 200_000;
/// The seed unless another is asked for.
pub const DEFAULT_SEED: u64 = 20_260_930;

/// Days of orders.
const DAYS: u64 = 365;

/// An amount of money, printed as the database prints `DECIMAL(10,2)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cents(pub u64);

impl fmt::Display for Cents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", self.0 / 100, self.0 % 100)
    }
}

/// A row of `products`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Product {
    /// 1 to [`PRODUCT_COUNT`].
    pub id: u32,
    /// 1 to [`CATEGORY_COUNT`].
    pub category_id: u32,
    /// Unique within its category.
    pub name: String,
    /// One sentence.
    pub description: String,
    /// Price of one.
    pub price: Cents,
    /// Units in stock.
    pub stock: u64,
}

/// A row of `order_lines`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderLine {
    /// 1 to [`ORDER_LINE_COUNT`].
    pub id: u32,
    /// Lines with the same number were bought together.
    pub order_id: u32,
    /// The product.
    pub product_id: u32,
    /// 1 to 5.
    pub quantity: u64,
    /// What was paid for one: the price, or 5 or 10 % less.
    pub unit_price: Cents,
    /// `2025-10-01` and the 364 days after.
    pub ordered_on: String,
}

/// The product that the `rank`-th hottest key stands for (ranks from 0). Hot products lie scattered over ids and
/// categories, as they do in a shop.
pub fn product_of_rank(rank: u32) -> u32 {
    // 7,919 is prime and no factor of the count, so this visits every product once.
    (rank * 7_919 + 41) % PRODUCT_COUNT + 1
}

/// Names of the categories, in the order of their ids from 1.
pub fn categories() -> impl Iterator<Item = (u32, &'static str)> {
    CATEGORIES.iter().zip(1..).map(|(category, id)| (id, category.name))
}

/// All products.
pub fn products(seed: u64) -> Vec<Product> {
    let mut random = Random::new(seed);
    (1..=PRODUCT_COUNT)
        .map(|id| {
            let (category_id, place) = ((id - 1) % CATEGORY_COUNT + 1, ((id - 1) / CATEGORY_COUNT) as usize);
            let category = &CATEGORIES[category_id as usize - 1];
            let noun = category.nouns[place % 4];
            let modifier = MODIFIERS[place / 4 % MODIFIERS.len()];
            let finish = FINISHES[place / 4 / MODIFIERS.len() % FINISHES.len()];
            let (low, high) = category.price;
            // Prices end in 9 cents, as prices do.
            let price = Cents(random.below(high - low) / 10 * 10 + low + 9);
            let description =
                format!("{modifier} {} in {finish}, from our range {}.", noun.to_lowercase(), category.name);
            let name = format!("{modifier} {noun}, {finish}");
            Product { id, category_id, name, description, price, stock: random.below(500) }
        })
        .collect()
}

/// All order lines for `products`.
pub fn order_lines(seed: u64, products: &[Product]) -> impl Iterator<Item = OrderLine> + '_ {
    let mut random = Random::new(seed ^ 0x6f72_6465_7273);
    // Popularity in orders is gentler than in page views, so that every product has some orders.
    let popularity = Zipf::new(products.len() as u32, 0.6);
    let dates: Vec<String> = (0..DAYS).map(date).collect();
    let mut order_id = 0;
    let mut day = 0;
    (1..=ORDER_LINE_COUNT).map(move |id| {
        if id == 1 || random.below(3) == 0 {
            order_id += 1;
            day = random.below(DAYS) as usize;
        }
        let rank = popularity.sample(&mut random);
        let product = &products[product_of_rank(rank) as usize - 1];
        let percent = [100, 100, 100, 95, 90][random.below(5) as usize];
        OrderLine {
            id,
            order_id,
            product_id: product.id,
            quantity: 1 + random.below(5),
            unit_price: Cents(product.price.0 * percent / 100),
            ordered_on: dates[day].clone(),
        }
    })
}

/// The `n`-th day from 1 October 2025, as the database prints a DATE.
fn date(n: u64) -> String {
    const MONTHS: [(u32, u32, u64); 13] = [
        (2025, 10, 31),
        (2025, 11, 30),
        (2025, 12, 31),
        (2026, 1, 31),
        (2026, 2, 28),
        (2026, 3, 31),
        (2026, 4, 30),
        (2026, 5, 31),
        (2026, 6, 30),
        (2026, 7, 31),
        (2026, 8, 31),
        (2026, 9, 30),
        (2026, 10, 31),
    ];
    let mut rest = n;
    for (year, month, days) in MONTHS {
        if rest < days {
            return format!("{year}-{month:02}-{:02}", rest + 1);
        }
        rest -= days;
    }
    "2026-10-31".to_owned()
}

/// Rows and the sum of their CRC-32 for each table, as `sql/checksum.sql` computes it in the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Checksum {
    /// (rows, sum) of `categories`, `products` and `order_lines`.
    pub tables: [(u64, u64); 3],
}

impl Checksum {
    /// The checksum of a seed's data.
    pub fn of(seed: u64) -> Self {
        let mut tables = [(0, 0); 3];
        let mut text = String::new();
        let mut add = |table: usize, line: fmt::Arguments<'_>| {
            text.clear();
            // Writing to a String cannot fail.
            let _ = text.write_fmt(line);
            tables[table].0 += 1;
            tables[table].1 += u64::from(crc32fast::hash(text.as_bytes()));
        };
        for (id, name) in categories() {
            add(0, format_args!("{id}|{name}"));
        }
        let products = products(seed);
        for p in &products {
            add(1, format_args!("{}|{}|{}|{}|{}", p.id, p.category_id, p.name, p.description, p.price));
        }
        for l in order_lines(seed, &products) {
            let (product, paid, day) = (l.product_id, l.unit_price, &l.ordered_on);
            add(2, format_args!("{}|{}|{product}|{}|{paid}|{day}", l.id, l.order_id, l.quantity));
        }
        Self { tables }
    }
}

impl fmt::Display for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!("{:?}", self.tables);
        let low = crc32fast::hash(text.as_bytes());
        write!(f, "{low:08x}{:08x}", self.tables[2].1 as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn the_counts_are_those_promised() {
        assert_eq!((PRODUCT_COUNT / CATEGORY_COUNT) as usize, 4 * MODIFIERS.len() * FINISHES.len());
        assert_eq!(CATEGORIES.len(), CATEGORY_COUNT as usize);
        let sum = Checksum::of(DEFAULT_SEED);
        assert_eq!(sum.tables.map(|(rows, _)| rows), [50, 10_000, 200_000]);
    }

    #[test]
    fn the_data_of_the_default_seed_never_changes() {
        assert_eq!(Checksum::of(DEFAULT_SEED).to_string(), "df56ae0903a29763");
        assert_ne!(Checksum::of(1), Checksum::of(2));
    }

    #[test]
    fn names_are_unique_and_fit_their_columns() {
        let products = products(DEFAULT_SEED);
        let names: HashSet<_> = products.iter().map(|p| (p.category_id, &p.name)).collect();
        assert_eq!(names.len(), products.len());
        assert!(products.iter().all(|p| p.name.len() <= 120 && p.description.len() <= 255));
        // The insert statements quote by doubling; a backslash would need more.
        assert!(products.iter().all(|p| !p.description.contains('\\') && !p.name.contains('\\')));
    }

    #[test]
    fn every_rank_is_another_product() {
        let ids: HashSet<_> = (0..PRODUCT_COUNT).map(product_of_rank).collect();
        assert_eq!(ids.len(), PRODUCT_COUNT as usize);
        assert!(ids.iter().all(|id| (1..=PRODUCT_COUNT).contains(id)));
    }

    #[test]
    fn money_and_dates_print_as_the_database_prints_them() {
        assert_eq!(Cents(5).to_string(), "0.05");
        assert_eq!(Cents(123_456).to_string(), "1234.56");
        assert_eq!(
            (date(0), date(31), date(364)),
            ("2025-10-01".into(), "2025-11-01".into(), "2026-09-30".into())
        );
    }
}
