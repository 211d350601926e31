//! `load-data`: creates and fills the shop, or recognises that it is there already.
//!
//! A marker table says that the tables are ours. Without it, tables with the same names are somebody's own, and
//! nothing is touched.

use crate::error::Failure;
use crate::measure::latency::round;
use crate::session::Session;
use crate::shop::dataset::{self, CATEGORY_COUNT, Checksum, ORDER_LINE_COUNT, PRODUCT_COUNT};
use mysql::prelude::Queryable;
use mysql::{Conn, TxOpts};
use recipe_walk_measurements::result::LoadData;
use std::fmt::Write;
use std::time::Instant;

/// Rows of one INSERT: about 40 KB of text, far below any max_allowed_packet.
const ROWS: usize = 1_000;
/// Rows of one transaction.
const TRANSACTION: usize = 20_000;
const TABLES: [&str; 3] = ["order_lines", "products", "categories"];

/// Runs the command. None when it was interrupted: the marker says that the data is incomplete, and the next run
/// begins anew.
pub async fn run(session: &Session) -> Result<Option<LoadData>, Failure> {
    let begin = Instant::now();
    let seed = session.tuning.seed;
    session.progress.report("look", 0, 1, "is the data there already?");
    let wanted = tokio::task::spawn_blocking(move || Checksum::of(seed));
    let marked = session.mysql.ask(claim).await?;
    if !marked {
        return Err(Failure::measurement(
            format!("{} holds tables named like the shop's that are not ours.", session.mysql.database()),
            "They may be somebody's data, so nothing was changed.",
            "Use an empty database, or drop or rename the tables categories, products and order_lines.",
        ));
    }
    let wanted =
        wanted.await.map_err(|e| Failure::measurement(format!("The generator stopped: {e}."), "", ""))?;
    let done = |reused| LoadData {
        categories: CATEGORY_COUNT,
        products: PRODUCT_COUNT,
        order_lines: ORDER_LINE_COUNT,
        seconds: round(begin.elapsed().as_secs_f64(), 3),
        checksum: wanted.to_string(),
        reused,
    };
    if session.mysql.ask(checksum).await? == Some(wanted) {
        session.progress.report("look", 1, 1, "the same data is there already");
        return Ok(Some(done(true)));
    }
    if !fill(session, seed).await? {
        return Ok(None);
    }
    session.progress.report("verify", 0, 1, "comparing checksums");
    let found = session.mysql.ask(checksum).await?;
    if found != Some(wanted) {
        return Err(Failure::measurement(
            "The database's checksum of the data is not ours.",
            "Somebody else writes to the same tables, or a row was changed on its way.",
            "Run `load-data` again, alone.",
        ));
    }
    session.progress.report("verify", 1, 1, "the data is complete");
    Ok(Some(done(false)))
}

/// Creates the marker table, unless other tables have our names. Returns whether the tables are ours.
fn claim(conn: &mut Conn) -> Result<bool, mysql::Error> {
    let count = |conn: &mut Conn, names: &str| {
        let sql = format!(
            "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name IN ({names})"
        );
        Ok::<u64, mysql::Error>(conn.query_first(sql)?.unwrap_or(0))
    };
    if count(conn, "'recipe_walk_shop'")? == 1 {
        return Ok(true);
    }
    if count(conn, "'categories', 'products', 'order_lines'")? > 0 {
        return Ok(false);
    }
    conn.query_drop(
        "CREATE TABLE recipe_walk_shop (made_by VARCHAR(40) NOT NULL PRIMARY KEY) ENGINE=InnoDB",
    )?;
    Ok(true)
}

/// The checksum of what is in the database; none where tables are missing.
fn checksum(conn: &mut Conn) -> Result<Option<Checksum>, mysql::Error> {
    let rows: Vec<(String, u64, String)> = match conn.query(include_str!("../../sql/checksum.sql")) {
        Ok(rows) => rows,
        Err(mysql::Error::MySqlError(e)) if e.code == 1146 => return Ok(None),
        Err(e) => return Err(e),
    };
    let mut sum = Checksum::default();
    for (slot, (_, rows, crcs)) in sum.tables.iter_mut().zip(rows) {
        *slot = (rows, crcs.parse().unwrap_or(0));
    }
    Ok(Some(sum))
}

/// Drops what is there and inserts everything. Returns whether it came to the end.
async fn fill(session: &Session, seed: u64) -> Result<bool, Failure> {
    session.progress.report("schema", 0, 1, "creating the tables");
    session
        .mysql
        .ask(|conn| {
            for table in TABLES {
                conn.query_drop(format!("DROP TABLE IF EXISTS {table}"))?;
            }
            include_str!("../../sql/schema.sql")
                .split(";\n")
                .filter(|statement| statement.contains("CREATE"))
                .try_for_each(|statement| conn.query_drop(statement))
        })
        .await?;
    let products = dataset::products(seed);
    let categories = dataset::categories().map(|(id, name)| format!("({id},'{}')", quoted(name)));
    insert(session, "categories", "(id,name)", u64::from(CATEGORY_COUNT), categories).await?;
    let rows = products.iter().map(|p| {
        let (name, text) = (quoted(&p.name), quoted(&p.description));
        format!("({},{},'{name}','{text}',{},{})", p.id, p.category_id, p.price, p.stock)
    });
    let columns = "(id,category_id,name,description,price,stock)";
    if !insert(session, "products", columns, u64::from(PRODUCT_COUNT), rows).await? {
        return Ok(false);
    }
    let rows = dataset::order_lines(seed, &products).map(|l| {
        format!(
            "({},{},{},{},{},'{}')",
            l.id, l.order_id, l.product_id, l.quantity, l.unit_price, l.ordered_on
        )
    });
    let columns = "(id,order_id,product_id,quantity,unit_price,ordered_on)";
    if !insert(session, "order_lines", columns, u64::from(ORDER_LINE_COUNT), rows).await? {
        return Ok(false);
    }
    // The statistics are made fresh, so that the first comparison does not measure a bad plan.
    session.mysql.ask(|conn| conn.query_drop("ANALYZE TABLE categories, products, order_lines")).await?;
    Ok(true)
}

/// Inserts rows in statements of [`ROWS`] and transactions of [`TRANSACTION`]. The next transaction is written down
/// while the database works on the one before.
async fn insert(
    session: &Session,
    table: &'static str,
    columns: &str,
    total: u64,
    mut rows: impl Iterator<Item = String>,
) -> Result<bool, Failure> {
    let mut done = 0;
    let mut running = None;
    loop {
        let mut statements = Vec::new();
        let mut count = 0;
        while count < TRANSACTION {
            let mut sql = String::new();
            for row in rows.by_ref().take(ROWS) {
                if sql.is_empty() {
                    // Writing to a String cannot fail.
                    let _ = write!(sql, "INSERT INTO {table} {columns} VALUES ");
                } else {
                    sql.push(',');
                }
                sql += &row;
                count += 1;
            }
            if sql.is_empty() {
                break;
            }
            statements.push(sql);
        }
        if let Some((task, rows)) = running.take() {
            let task: tokio::task::JoinHandle<Result<(), Failure>> = task;
            task.await.map_err(|e| Failure::measurement(format!("A writer stopped: {e}."), "", ""))??;
            done += rows;
            session.progress.report("insert", done, total, table);
        }
        if statements.is_empty() {
            return Ok(true);
        }
        if session.stop.is_requested() {
            return Ok(false);
        }
        let mysql = session.mysql.clone();
        let task = tokio::spawn(async move { mysql.ask(move |conn| transaction(conn, &statements)).await });
        // The other task must start before this thread goes on writing.
        tokio::task::yield_now().await;
        running = Some((task, count as u64));
    }
}

fn transaction(conn: &mut Conn, statements: &[String]) -> Result<(), mysql::Error> {
    let mut transaction = conn.start_transaction(TxOpts::default())?;
    for sql in statements {
        transaction.query_drop(sql)?;
    }
    transaction.commit()
}

/// The text between quotes. Our own words have no backslashes (tested), so doubling quotes is enough.
fn quoted(text: &str) -> String {
    text.replace('\'', "''")
}
