//! The three queries, each with its answer as a type that travels as JSON. Decimals are strings on purpose: a JSON
//! number would make a float of them somewhere.

use mysql::Conn;
use mysql::prelude::Queryable;
use serde::{Deserialize, Serialize};

/// A query that the demo measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Query {
    /// One product by its id; the source document's query.
    Product,
    /// A product with its sales and its category's prices.
    ProductPage,
    /// The ten best sellers of a category.
    BestSellers,
}

/// A row of `products`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    /// Its id.
    pub id: u32,
    /// Its category.
    pub category_id: u32,
    /// Its name.
    pub name: String,
    /// One sentence.
    pub description: String,
    /// Exact decimal.
    pub price: String,
    /// Units in stock.
    pub stock: i64,
}

/// What a product's page shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductPage {
    /// Its id.
    pub id: u32,
    /// Its name.
    pub name: String,
    /// One sentence.
    pub description: String,
    /// Exact decimal.
    pub price: String,
    /// Units in stock.
    pub stock: i64,
    /// The category's name.
    pub category: String,
    /// Order lines with this product.
    pub times_ordered: u64,
    /// Units sold.
    pub units: i64,
    /// Exact decimal.
    pub revenue: String,
    /// The day of the newest order.
    pub last_ordered: Option<String>,
    /// Products in the category.
    pub category_products: u64,
    /// Exact decimals: cheapest, average, dearest of the category.
    pub category_prices: [String; 3],
}

/// One of a category's best sellers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BestSeller {
    /// The product.
    pub id: u32,
    /// Its name.
    pub name: String,
    /// Exact decimal.
    pub price: String,
    /// Units sold.
    pub units: i64,
    /// Exact decimal.
    pub revenue: String,
    /// Orders it was in.
    pub orders: u64,
}

/// The answer of any of the queries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Of [`Query::Product`].
    Product(Product),
    /// Of [`Query::ProductPage`].
    Page(Box<ProductPage>),
    /// Of [`Query::BestSellers`].
    BestSellers(Vec<BestSeller>),
}

impl Query {
    /// All of them, cheapest first.
    pub const ALL: [Self; 3] = [Self::Product, Self::ProductPage, Self::BestSellers];

    /// The name on the command line, in results and in keys.
    pub fn id(self) -> &'static str {
        match self {
            Self::Product => "product",
            Self::ProductPage => "product-page",
            Self::BestSellers => "best-sellers",
        }
    }

    /// The name for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Product => "Product by id",
            Self::ProductPage => "Product page with sales",
            Self::BestSellers => "Best sellers of a category",
        }
    }

    /// Finds a query by its [`Query::id`].
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|query| query.id() == id)
    }

    /// The key of one answer, `product:42`; the cache puts its version before it.
    pub fn key(self, id: u32) -> String {
        format!("{}:{id}", self.id())
    }

    /// The query's parameter for a product: its id, or its category's.
    pub fn parameter(self, product_id: u32) -> u32 {
        match self {
            Self::Product | Self::ProductPage => product_id,
            Self::BestSellers => (product_id - 1) % crate::shop::dataset::CATEGORY_COUNT + 1,
        }
    }

    /// Asks the database; none where there is no such product or category.
    pub fn ask(self, conn: &mut Conn, id: u32) -> Result<Option<Answer>, mysql::Error> {
        match self {
            Self::Product => {
                let row = conn.exec_first(include_str!("../../sql/product.sql"), (id,))?;
                Ok(row.map(|(id, category_id, name, description, price, stock)| {
                    Answer::Product(Product { id, category_id, name, description, price, stock })
                }))
            }
            Self::ProductPage => product_page(conn, id),
            Self::BestSellers => {
                let rows = conn.exec_map(
                    include_str!("../../sql/best_sellers.sql"),
                    (id,),
                    |(id, name, price, units, revenue, orders)| BestSeller {
                        id,
                        name,
                        price,
                        units,
                        revenue,
                        orders,
                    },
                )?;
                Ok(Some(rows).filter(|rows| !rows.is_empty()).map(Answer::BestSellers))
            }
        }
    }

    /// Decodes a cached answer as an application would.
    pub fn decode(self, json: &[u8]) -> Result<Answer, serde_json::Error> {
        Ok(match self {
            Self::Product => Answer::Product(serde_json::from_slice(json)?),
            Self::ProductPage => Answer::Page(Box::new(serde_json::from_slice(json)?)),
            Self::BestSellers => Answer::BestSellers(serde_json::from_slice(json)?),
        })
    }
}

impl Answer {
    /// Encodes the answer for the cache.
    pub fn encode(&self) -> Result<Vec<u8>, serde_json::Error> {
        match self {
            Self::Product(product) => serde_json::to_vec(product),
            Self::Page(page) => serde_json::to_vec(page),
            Self::BestSellers(rows) => serde_json::to_vec(rows),
        }
    }
}

fn product_page(conn: &mut Conn, id: u32) -> Result<Option<Answer>, mysql::Error> {
    // Fourteen columns are more than the tuple conversions take, hence a row taken apart by position.
    let Some(mut row) =
        conn.exec_first::<mysql::Row, _, _>(include_str!("../../sql/product_page.sql"), (id, id, id))?
    else {
        return Ok(None);
    };
    Ok(Some(Answer::Page(Box::new(ProductPage {
        id: column(&mut row, 0)?,
        name: column(&mut row, 1)?,
        description: column(&mut row, 2)?,
        price: column(&mut row, 3)?,
        stock: column(&mut row, 4)?,
        category: column(&mut row, 5)?,
        times_ordered: column(&mut row, 6)?,
        units: column(&mut row, 7)?,
        revenue: column(&mut row, 8)?,
        last_ordered: column(&mut row, 9)?,
        category_products: column(&mut row, 10)?,
        category_prices: [column(&mut row, 11)?, column(&mut row, 12)?, column(&mut row, 13)?],
    }))))
}

fn column<T: mysql::prelude::FromValue>(row: &mut mysql::Row, index: usize) -> Result<T, mysql::Error> {
    match row.take_opt(index) {
        Some(value) => value.map_err(mysql::Error::from),
        None => Err(mysql::Error::FromRowError(row.clone())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_carry_the_query() {
        assert_eq!(Query::Product.key(42), "product:42");
        assert!(Query::ALL.iter().all(|query| Query::from_id(query.id()) == Some(*query)));
    }

    #[test]
    fn decimals_survive_the_trip() {
        let seller = BestSeller {
            id: 1,
            name: "Dolls' House".into(),
            price: "10.10".into(),
            units: 3,
            revenue: "12345678901234567890.10".into(),
            orders: 2,
        };
        let answer = Answer::BestSellers(vec![seller]);
        let json = answer.encode().expect("encodes");
        assert_eq!(Query::BestSellers.decode(&json).expect("decodes"), answer);
        assert!(Query::Product.decode(&json).is_err());
    }
}
