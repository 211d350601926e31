//! Readers and writers over a few hundred products, with every answer judged against what the database confirmed.
//!
//! Several caches stand for several processes of an application: each has its own single-flight and its own tier.

use crate::cache::aside::Cache;
use crate::engines::mysql_side::MysqlSide;
use crate::engines::redis_side::RedisSide;
use crate::error::Failure;
use crate::measure::failures::Failures;
use crate::measure::latency::Recorder;
use crate::random::{Random, Zipf};
use crate::session::{Session, explain_unavailable, load_encoded};
use crate::shop::dataset::product_of_rank;
use crate::shop::load_users::SLOTS;
use crate::shop::queries::{Answer, Product, Query};
use crate::shop::version_oracle::{BASE, VersionOracle, Worth};
use crate::stop::Stop;
use mysql::prelude::Queryable;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Products of an experiment: enough for a long tail, few enough to be written often.
pub(crate) const PRODUCTS: u32 = 500;

/// What a writer does for the caches after the database has confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Rule {
    /// Nothing: the TTL must do.
    Nothing,
    /// Removes the key.
    Invalidate,
    /// Stores the new value.
    Replace,
    /// Removes the key and tells the other processes on this channel.
    Publish(String),
}

/// What they counted.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) reads: Recorder,
    pub(crate) writes: Recorder,
    /// Ages of stale answers.
    pub(crate) stale: Recorder,
    pub(crate) never_written: u64,
    /// Reads in each tenth of the time, all turns together.
    pub(crate) slots: [u64; SLOTS],
    pub(crate) failures: Failures,
}

impl Tally {
    /// Adds another turn's.
    pub(crate) fn add(&mut self, other: &Self) {
        self.reads.add(&other.reads);
        self.writes.add(&other.writes);
        self.failures.merge(&other.failures);
        self.stale.add(&other.stale);
        self.never_written += other.never_written;
        for (slot, more) in self.slots.iter_mut().zip(other.slots) {
            *slot += more;
        }
    }
}

/// The products, as they were at the beginning of an experiment.
#[derive(Clone)]
pub(crate) struct Shop {
    pub(crate) products: Arc<Vec<Product>>,
    pub(crate) prefix: String,
    /// The same in Redis.
    stored: String,
}

impl Shop {
    /// Reads the hottest products and puts their version to 0. Keys carry `prefix`.
    pub(crate) async fn open(session: &Session, prefix: &str) -> Result<Self, Failure> {
        let ids: Vec<u32> = (0..PRODUCTS).map(product_of_rank).collect();
        let list = ids.iter().map(u32::to_string).collect::<Vec<_>>().join(",");
        let products = session
            .mysql
            .ask_again(move |conn| {
                conn.query_drop(format!("UPDATE products SET stock = {BASE} WHERE id IN ({list})"))?;
                ids.iter().map(|id| Query::Product.ask(conn, *id)).collect::<Result<Vec<_>, _>>()
            })
            .await?;
        let products: Vec<Product> = products
            .into_iter()
            .flatten()
            .filter_map(|answer| if let Answer::Product(product) = answer { Some(product) } else { None })
            .collect();
        if products.len() != PRODUCTS as usize {
            return Err(Failure::measurement(
                "Some products of the shop are missing.",
                "The data was not loaded completely.",
                "Run `load-data`.",
            ));
        }
        Ok(Self { products: Arc::new(products), prefix: prefix.to_owned(), stored: session.stored(prefix) })
    }

    /// The key of a product by its place.
    pub(crate) fn key(&self, place: usize) -> String {
        key(&self.prefix, self.products[place].id)
    }

    /// The name of a product's key in Redis.
    pub(crate) fn stored(&self, place: usize) -> String {
        key(&self.stored, self.products[place].id)
    }

    /// Removes all keys of the experiment.
    pub(crate) async fn clear(&self, redis: &RedisSide) -> Result<(), Failure> {
        let keys: Vec<String> = (0..self.products.len()).map(|place| self.stored(place)).collect();
        redis.query::<()>(redis::cmd("UNLINK").arg(keys)).await.map_err(|e| redis.explain(&e))
    }
}

/// The key of a product under a prefix.
pub(crate) fn key(prefix: &str, id: u32) -> String {
    format!("{prefix}:product:{id}")
}

/// A case of an experiment.
pub(crate) struct Shoppers {
    pub(crate) mysql: MysqlSide,
    pub(crate) redis: Arc<RedisSide>,
    pub(crate) shop: Shop,
    pub(crate) oracle: VersionOracle,
    /// One writer a product at a time, so that versions have an order.
    pub(crate) writers: Vec<tokio::sync::Mutex<()>>,
    pub(crate) zipf: Zipf,
    pub(crate) caches: Vec<Arc<Cache>>,
    pub(crate) rule: Rule,
    pub(crate) share: f64,
    pub(crate) stop: Stop,
    pub(crate) tally: Mutex<Tally>,
}

impl Shoppers {
    /// A case; all products are at version 0 from now on.
    pub(crate) async fn new(
        session: &Session,
        prefix: &str,
        caches: Vec<Arc<Cache>>,
        rule: Rule,
    ) -> Result<Self, Failure> {
        let shop = Shop::open(session, prefix).await?;
        shop.clear(&session.redis).await?;
        let count = shop.products.len();
        Ok(Self {
            mysql: session.mysql.clone(),
            redis: Arc::clone(&session.redis),
            oracle: VersionOracle::new(count),
            writers: (0..count).map(|_| tokio::sync::Mutex::default()).collect(),
            zipf: Zipf::new(count as u32, session.tuning.skew),
            caches,
            rule,
            share: session.tuning.writes,
            stop: session.stop.clone(),
            tally: Mutex::default(),
            shop,
        })
    }

    /// Lets `users` run for `time`. Users pause a little between requests: staleness is about time, not about speed.
    pub(crate) async fn run(self: &Arc<Self>, session: &Session, stage: &str, users: u32, time: Duration) {
        let begin = Instant::now();
        let tasks: Vec<_> =
            (0..users).map(|user| tokio::spawn(Arc::clone(self).user(user, begin, time))).collect();
        let total = time.as_millis() as u64;
        while begin.elapsed() < time && !session.stop.is_requested() {
            let now = begin.elapsed().as_millis() as u64;
            session.progress.report(stage, now.min(total), total, "milliseconds");
            for cache in &self.caches {
                // Invalidations that Redis did not confirm while it was away.
                cache.settle().await;
            }
            tokio::time::sleep(Duration::from_millis(20).min(time.saturating_sub(begin.elapsed()))).await;
        }
        session.stop.join(tasks).await;
        session.progress.report(stage, total, total, "milliseconds");
    }

    async fn user(self: Arc<Self>, number: u32, begin: Instant, time: Duration) {
        let (mut random, deadline) = (Random::new(u64::from(number) + 1), begin + time);
        let cache = &self.caches[number as usize % self.caches.len()];
        while Instant::now() < deadline && !self.stop.is_requested() {
            let place = self.zipf.sample(&mut random) as usize;
            if random.unit() < self.share {
                self.write(cache, place).await;
            } else {
                self.read(cache, place).await;
                let share = begin.elapsed().as_secs_f64() / time.as_secs_f64();
                if let Some(slot) = self.lock().slots.get_mut((share * SLOTS as f64) as usize) {
                    *slot += 1;
                }
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    async fn read(&self, cache: &Cache, place: usize) {
        let (key, id, asked) = (self.shop.key(place), self.shop.products[place].id, Instant::now());
        let answer = cache.get_or_load(&key, || load_encoded(&self.mysql, Query::Product, id)).await;
        let latency = asked.elapsed();
        let stock = answer.map(|(bytes, _)| bytes.as_deref().and_then(stock));
        let mut tally = self.lock();
        match stock {
            Ok(stock) => {
                tally.reads.record(latency);
                match stock.map_or(Worth::NeverWritten, |stock| self.oracle.judge(place, stock, asked)) {
                    Worth::Fresh => {}
                    Worth::Stale(age) => tally.stale.record(age),
                    Worth::NeverWritten => tally.never_written += 1,
                }
            }
            Err(why) => {
                tally.failures.add(explain_unavailable(&self.mysql, &why));
            }
        }
    }

    async fn write(&self, cache: &Cache, place: usize) {
        let _writer = self.writers[place].lock().await;
        let begin = Instant::now();
        let Some(stock) = self.update(place).await else { return };
        let key = self.shop.key(place);
        match &self.rule {
            Rule::Nothing => {}
            Rule::Invalidate => {
                cache.invalidate(&key).await;
            }
            Rule::Replace => {
                if let Some(json) = self.value(place, stock) {
                    cache.replace(&key, &json).await;
                }
            }
            Rule::Publish(channel) => {
                cache.invalidate(&key).await;
                // A tier that misses the message keeps its value until the TTL.
                let _: Result<(), _> = self.redis.query(redis::cmd("PUBLISH").arg(channel).arg(&key)).await;
            }
        }
        self.lock().writes.record(begin.elapsed());
    }

    /// Writes the next version to the database; none when that failed.
    pub(crate) async fn update(&self, place: usize) -> Option<i64> {
        let (stock, id) = (self.oracle.issue(place), self.shop.products[place].id);
        let sql = "UPDATE products SET stock = ? WHERE id = ?";
        match self.mysql.run(move |conn| conn.exec_drop(sql, (stock, id))).await {
            Ok(()) => {
                self.oracle.confirm(place, stock);
                Some(stock)
            }
            Err(e) => {
                self.fail(self.mysql.explain(&e));
                None
            }
        }
    }

    /// The product with this stock, encoded: what a writer knows without asking.
    pub(crate) fn value(&self, place: usize, stock: i64) -> Option<Vec<u8>> {
        let product = Product { stock, ..self.shop.products[place].clone() };
        Answer::Product(product).encode().ok()
    }

    /// Loads every product once, as many at a time as the pool has connections.
    pub(crate) async fn warm(&self, session: &Session) -> Result<(), Failure> {
        let (next, connections) = (Arc::new(AtomicUsize::new(0)), self.mysql.connections());
        let loaders = (0..connections).map(|_| {
            let (next, shop, stop) = (Arc::clone(&next), self.shop.clone(), self.stop.clone());
            let (cache, mysql) = (Arc::clone(&self.caches[0]), self.mysql.clone());
            tokio::spawn(async move {
                loop {
                    let place = next.fetch_add(1, Ordering::Relaxed);
                    let Some(product) = shop.products.get(place).filter(|_| !stop.is_requested()) else {
                        return Ok(());
                    };
                    let load = || load_encoded(&mysql, Query::Product, product.id);
                    cache.get_or_load(&shop.key(place), load).await?;
                }
            })
        });
        for loader in loaders.collect::<Vec<_>>() {
            let loaded =
                loader.await.map_err(|e| Failure::measurement(format!("A loader stopped: {e}."), "", ""))?;
            loaded.map_err(|why| explain_unavailable(&session.mysql, &why))?;
        }
        Ok(())
    }

    /// Counts a failure.
    pub(crate) fn fail(&self, failure: Failure) {
        self.lock().failures.add(failure);
    }

    pub(crate) fn lock(&self) -> std::sync::MutexGuard<'_, Tally> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was counted; fails where nothing worked at all.
    pub(crate) fn finish(&self) -> Result<Tally, Failure> {
        let tally = std::mem::take(&mut *self.lock());
        match tally.failures.usual() {
            Some(failure) if tally.reads.is_empty() => Err(failure.clone()),
            _ => Ok(tally),
        }
    }
}

/// The version in a cached product.
pub(crate) fn stock(json: &[u8]) -> Option<i64> {
    match Query::Product.decode(json) {
        Ok(Answer::Product(product)) => Some(product.stock),
        _ => None,
    }
}
