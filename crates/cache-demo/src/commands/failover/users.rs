//! The users of `failover`: they write through the cache, read from the primary or, where stale data is allowed, from the
//! reader endpoint, and remember what Redis has confirmed, so that a promotion cannot lose anything unnoticed.

use crate::cache::aside::{Cache, Source};
use crate::engines::redis_side::RedisSide;
use crate::measure::timeline::{Timeline, Went};
use crate::random::Random;
use crate::session::{explain_unavailable, load_encoded};
use crate::shop::queries::Query;
use crate::shop::shoppers::{Shoppers, stock};
use crate::shop::version_oracle::Worth;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Users pause so long between requests: the experiment is about what fails, not about speed.
const THINK: Duration = Duration::from_millis(2);

/// What is counted beside the shoppers' own tally.
#[derive(Default)]
pub(crate) struct Counted {
    pub(crate) reader_reads: AtomicU64,
    pub(crate) reader_stale: AtomicU64,
    /// Reads that the reader endpoint could not answer, and the primary's side did.
    pub(crate) reader_fallbacks: AtomicU64,
    /// Writes that the database took and Redis did not confirm.
    pub(crate) unconfirmed: AtomicU64,
}

/// All users.
pub(crate) struct FailoverUsers {
    pub(crate) shoppers: Shoppers,
    pub(crate) reader: Option<RedisSide>,
    pub(crate) reader_share: f64,
    pub(crate) begin: Instant,
    pub(crate) timeline: Mutex<Timeline>,
    pub(crate) counted: Counted,
    /// For each product the newest stock that Redis confirmed, and when.
    confirmed: Vec<Mutex<Option<(i64, Instant)>>>,
}

impl FailoverUsers {
    pub(crate) fn new(shoppers: Shoppers, reader: Option<RedisSide>, reader_share: f64) -> Self {
        let confirmed = shoppers.shop.products.iter().map(|_| Mutex::default()).collect();
        Self {
            shoppers,
            reader,
            reader_share,
            begin: Instant::now(),
            timeline: Mutex::default(),
            counted: Counted::default(),
            confirmed,
        }
    }

    /// The cache of all users.
    pub(crate) fn cache(&self) -> &Arc<Cache> {
        &self.shoppers.caches[0]
    }

    /// Counts a request that was asked then and ends now.
    fn went(&self, asked: Instant, went: Went) {
        let mut timeline = self.timeline.lock().unwrap_or_else(PoisonError::into_inner);
        timeline.count(asked - self.begin, self.begin.elapsed(), went);
    }

    /// One user, until `over`.
    pub(crate) async fn user(self: Arc<Self>, number: u32, over: Arc<std::sync::atomic::AtomicBool>) {
        let mut random = Random::new(u64::from(number) + 7);
        while !over.load(Ordering::Relaxed) {
            let place = self.shoppers.zipf.sample(&mut random) as usize;
            if random.unit() < self.shoppers.share {
                self.write(place).await;
            } else {
                let from_reader = self.reader.is_some() && random.unit() < self.reader_share;
                self.read(place, from_reader).await;
            }
            tokio::time::sleep(THINK).await;
        }
    }

    async fn read(&self, place: usize, from_reader: bool) {
        let (key, id, asked) =
            (self.shoppers.shop.key(place), self.shoppers.shop.products[place].id, Instant::now());
        if let (true, Some(reader)) = (from_reader, &self.reader) {
            let found = reader
                .query::<Option<Vec<u8>>>(redis::cmd("GET").arg(self.shoppers.shop.stored(place)))
                .await;
            self.counted.reader_reads.fetch_add(1, Ordering::Relaxed);
            if let Ok(Some(bytes)) = &found {
                self.judge(place, Some(bytes), asked, true);
                self.went(asked, Went::Well);
                return;
            }
            if found.is_err() {
                self.counted.reader_fallbacks.fetch_add(1, Ordering::Relaxed);
            }
        }
        let mysql = &self.shoppers.mysql;
        match self.cache().get_or_load(&key, || load_encoded(mysql, Query::Product, id)).await {
            Ok((bytes, source)) => {
                self.judge(place, bytes.as_deref(), asked, false);
                self.went(asked, if source == Source::Bypassed { Went::WithoutCache } else { Went::Well });
            }
            Err(why) => {
                let failure = explain_unavailable(mysql, &why);
                self.shoppers.fail(failure);
                self.went(asked, Went::Wrong);
            }
        }
    }

    fn judge(&self, place: usize, bytes: Option<&[u8]>, asked: Instant, from_reader: bool) {
        let stock = bytes.and_then(stock);
        let worth =
            stock.map_or(Worth::NeverWritten, |stock| self.shoppers.oracle.judge(place, stock, asked));
        let mut tally = self.shoppers.lock();
        tally.reads.record(asked.elapsed());
        match worth {
            Worth::Fresh => {}
            Worth::Stale(age) => {
                tally.stale.record(age);
                if from_reader {
                    self.counted.reader_stale.fetch_add(1, Ordering::Relaxed);
                }
            }
            Worth::NeverWritten => tally.never_written += 1,
        }
    }

    async fn write(&self, place: usize) {
        let _writer = self.shoppers.writers[place].lock().await;
        let begin = Instant::now();
        let Some(stock) = self.shoppers.update(place).await else {
            self.went(begin, Went::Wrong);
            return;
        };
        let Some(json) = self.shoppers.value(place, stock) else { return };
        let confirmed = self.cache().replace(&self.shoppers.shop.key(place), &json).await;
        if confirmed {
            *self.confirmed[place].lock().unwrap_or_else(PoisonError::into_inner) =
                Some((stock, Instant::now()));
        } else {
            // Its key will be removed as soon as Redis answers: nothing confirmed may be missed there then.
            *self.confirmed[place].lock().unwrap_or_else(PoisonError::into_inner) = None;
            self.counted.unconfirmed.fetch_add(1, Ordering::Relaxed);
        }
        self.shoppers.lock().writes.record(begin.elapsed());
        self.went(begin, if confirmed { Went::Well } else { Went::WithoutCache });
    }

    /// Compares what Redis has with what it confirmed before `seen`: the ages of lost writes at that moment. Their keys
    /// are removed, which is what an application should do after a promotion: the values are old.
    pub(crate) async fn lost(&self, seen: Instant) -> Result<Vec<Duration>, redis::RedisError> {
        let before: Vec<Option<(i64, Instant)>> = self
            .confirmed
            .iter()
            .map(|slot| slot.lock().unwrap_or_else(PoisonError::into_inner).filter(|(_, at)| *at < seen))
            .collect();
        let shop = &self.shoppers.shop;
        let keys: Vec<String> = (0..before.len()).map(|place| shop.stored(place)).collect();
        let found: Vec<Option<Vec<u8>>> = self.shoppers.redis.query(redis::cmd("MGET").arg(&keys)).await?;
        let mut ages = Vec::new();
        for ((confirmed, found), place) in before.iter().zip(found).zip(0..) {
            let Some((stock_before, at)) = confirmed else { continue };
            if found.as_deref().and_then(stock).is_none_or(|stock| stock < *stock_before) {
                ages.push(seen - *at);
                self.cache().invalidate(&shop.key(place)).await;
            }
        }
        Ok(ages)
    }
}
