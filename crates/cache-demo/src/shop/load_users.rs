//! The users of `load`: a closed loop of people who wait for their answer and think, or an open loop of arrivals that
//! come whether or not the last ones were answered.

use crate::cache::aside::{Cache, Source, Unavailable};
use crate::engines::mysql_side::MysqlSide;
use crate::error::Failure;
use crate::measure::failures::Failures;
use crate::measure::latency::Recorder;
use crate::random::{Random, Zipf};
use crate::session::load_encoded;
use crate::shop::dataset::product_of_rank;
use crate::shop::queries::Query;
use crate::stop::Stop;
use mysql::prelude::Queryable;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// Slots of a phase's throughput over time.
pub(crate) const SLOTS: usize = 10;
/// Arrivals that may wait for an answer at once; later ones are refused, so that memory stays bounded.
const IN_FLIGHT: u32 = 20_000;

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrivals {
    /// So many users, each waiting for an answer before asking again.
    Users(u32),
    /// So many arrivals a second, at random (Poisson).
    Rate(u32),
}

/// What a phase counted.
#[derive(Default)]
pub(crate) struct Tally {
    /// Latencies; in the open loop from the moment a request was due, not from when it could be sent.
    pub(crate) recorder: Recorder,
    /// Latencies from when a request was sent, in the open loop.
    pub(crate) service: Recorder,
    pub(crate) done: u64,
    pub(crate) writes: u64,
    pub(crate) failures: Failures,
    /// Answers past their TTL.
    pub(crate) stale: u64,
    /// The oldest of them.
    pub(crate) oldest: Duration,
    pub(crate) slots: [u64; SLOTS],
}

impl Tally {
    /// Adds another phase's.
    pub(crate) fn add(&mut self, other: &Self) {
        self.recorder.add(&other.recorder);
        self.service.add(&other.service);
        self.done += other.done;
        self.writes += other.writes;
        self.failures.merge(&other.failures);
        self.stale += other.stale;
        self.oldest = self.oldest.max(other.oldest);
        for (slot, more) in self.slots.iter_mut().zip(other.slots) {
            *slot += more;
        }
    }
}

/// What all users of a phase share.
pub(crate) struct LoadUsers {
    pub(crate) mysql: MysqlSide,
    /// None for the database alone.
    pub(crate) cache: Option<Arc<Cache>>,
    pub(crate) query: Query,
    pub(crate) zipf: Arc<Zipf>,
    pub(crate) writes: f64,
    pub(crate) think: Duration,
    pub(crate) stop: Stop,
    pub(crate) begin: Instant,
    pub(crate) time: Duration,
    pub(crate) tally: Mutex<Tally>,
    in_flight: AtomicU32,
}

/// What is the same for all phases of a run.
#[derive(Clone)]
pub(crate) struct Workload {
    pub(crate) mysql: MysqlSide,
    pub(crate) query: Query,
    pub(crate) zipf: Arc<Zipf>,
    pub(crate) writes: f64,
    pub(crate) think: Duration,
    pub(crate) stop: Stop,
}

impl LoadUsers {
    /// Users that begin now and end after `time`.
    pub(crate) fn new(workload: Workload, cache: Option<Arc<Cache>>, time: Duration) -> Arc<Self> {
        let Workload { mysql, query, zipf, writes, think, stop } = workload;
        let (begin, tally, in_flight) = (Instant::now(), Mutex::default(), AtomicU32::new(0));
        Arc::new(Self { mysql, cache, query, zipf, writes, think, stop, begin, time, tally, in_flight })
    }

    fn is_over(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.begin) >= self.time || self.stop.is_requested()
    }

    /// One user of the closed loop, until the end.
    pub(crate) async fn user(self: Arc<Self>, number: u32) {
        let mut random = Random::new(u64::from(number).wrapping_mul(0x9E37_79B9) ^ 0x0075_7365_7273);
        let mut asked = 0_u32;
        // People who think do not all begin at the same moment.
        if !self.think.is_zero() {
            tokio::time::sleep(self.think.mul_f64(random.unit())).await;
        }
        let mut due = Instant::now();
        while !self.is_over(due) {
            // A user without thinking time asks again when the last answer is there, so one look at the clock serves both.
            match self.turn(&mut random, due, None).await {
                Ok(answered) => due = answered,
                Err(()) => {
                    // An error can be immediate: without a pause, a dead server would be asked a million times.
                    tokio::time::sleep(Duration::from_millis(10)).await;
                    due = Instant::now();
                }
            }
            asked += 1;
            if !self.think.is_zero() {
                tokio::time::sleep(self.think.mul_f64(0.5 + random.unit())).await;
                due = Instant::now();
            } else if asked.is_multiple_of(64) {
                // Answers that are ready at once never yield; the other users and the clock must run too.
                tokio::task::yield_now().await;
                due = Instant::now();
            }
        }
    }

    /// The open loop: `rate` arrivals a second until the end, and then the answers to the last of them.
    pub(crate) async fn arrivals(self: Arc<Self>, rate: u32) {
        let (sender, mut due) = mpsc::channel(IN_FLIGHT as usize);
        let clock = Arc::clone(&self);
        // A thread, because the runtime's own timer counts in milliseconds, which are many arrivals.
        let schedule = std::thread::Builder::new().name("arrivals".into()).spawn(move || {
            clock.schedule(rate, &sender);
        });
        if let Err(e) = schedule {
            let failure = Failure::measurement(format!("Cannot start a thread: {e}."), "", "Try again.");
            self.count(Err(failure), false, None, self.begin, Instant::now());
            return;
        }
        let mut number = 0_u64;
        while let Some(due) = due.recv().await {
            number += 1;
            if self.in_flight.load(Ordering::Relaxed) >= IN_FLIGHT {
                self.refuse();
                continue;
            }
            self.in_flight.fetch_add(1, Ordering::Relaxed);
            let users = Arc::clone(&self);
            let mut random = Random::new(number.wrapping_mul(0xD1B5_4A32_D192_ED03));
            tokio::spawn(async move {
                let _ = users.turn(&mut random, due, Some(Instant::now())).await;
                users.in_flight.fetch_sub(1, Ordering::Relaxed);
            });
        }
        while self.in_flight.load(Ordering::Relaxed) > 0 && !self.stop.is_requested() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    #[expect(clippy::disallowed_methods, reason = "this thread exists to sleep precisely")]
    fn schedule(&self, rate: u32, sender: &mpsc::Sender<Instant>) {
        let mut random = Random::new(u64::from(rate));
        let mut due = self.begin;
        // What was due within the time is sent, however late this thread is: left out, it would hide a wait.
        while !self.stop.is_requested() {
            // Exponential gaps make a Poisson process; 1 - u is never 0.
            due += Duration::from_secs_f64(-(1.0 - random.unit()).ln() / f64::from(rate.max(1)));
            if due >= self.begin + self.time {
                return;
            }
            let wait = due.saturating_duration_since(Instant::now());
            if !wait.is_zero() {
                std::thread::sleep(wait);
            }
            match sender.try_send(due) {
                Ok(()) => {}
                Err(mpsc::error::TrySendError::Full(_)) => self.refuse(),
                Err(mpsc::error::TrySendError::Closed(_)) => return,
            }
        }
    }

    fn refuse(&self) {
        let failure = Failure::measurement(
            format!("{IN_FLIGHT} arrivals wait for an answer; a later one was refused."),
            "The service is slower than the arrivals.",
            "Use a lower --rate.",
        );
        self.count(Err(failure), false, None, self.begin, Instant::now());
    }

    /// One request; its latency counts from `due`, and that of the service from `sent`. Returns when it was answered.
    async fn turn(&self, random: &mut Random, due: Instant, sent: Option<Instant>) -> Result<Instant, ()> {
        let product = product_of_rank(self.zipf.sample(random));
        let write = self.writes > 0.0 && random.unit() < self.writes;
        let result = if write { self.write(product).await } else { self.read(product).await };
        let failed = result.is_err();
        let now = Instant::now();
        self.count(result, write, sent, due, now);
        if failed { Err(()) } else { Ok(now) }
    }

    fn count(
        &self,
        result: Result<(), Failure>,
        write: bool,
        sent: Option<Instant>,
        due: Instant,
        now: Instant,
    ) {
        let mut tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
        match result {
            Ok(()) => {
                tally.done += 1;
                tally.writes += u64::from(write);
                tally.recorder.record(now - due);
                if let Some(sent) = sent {
                    tally.service.record(now - sent);
                }
                let share = (now - self.begin).as_secs_f64() / self.time.as_secs_f64();
                // Answers after the end belong to no slot.
                if let Some(slot) = tally.slots.get_mut((share * SLOTS as f64) as usize) {
                    *slot += 1;
                }
            }
            Err(failure) => tally.failures.add(failure),
        }
    }

    async fn read(&self, product: u32) -> Result<(), Failure> {
        let (query, id) = (self.query, self.query.parameter(product));
        let Some(cache) = &self.cache else {
            let answer = self.mysql.run(move |conn| query.ask(conn, id)).await;
            std::hint::black_box(answer.map_err(|e| self.mysql.explain(&e))?);
            return Ok(());
        };
        let key = query.key(id);
        let load = || load_encoded(&self.mysql, query, id);
        let answer = if cache.policy().revalidate.is_zero() {
            cache.get_or_load(&key, load).await
        } else {
            let mysql = self.mysql.clone();
            cache.get_or_refresh(&key, move || async move { load_encoded(&mysql, query, id).await }).await
        };
        let answer = answer.map_err(|why| self.explain(&why))?;
        let decoded = cache.decoded(&key, answer, |json| query.decode(json), load).await;
        let (_, source) = std::hint::black_box(decoded).map_err(|why| self.explain(&why))?;
        if let Source::Stale { age } = source {
            let mut tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
            tally.stale += 1;
            tally.oldest = tally.oldest.max(age);
        }
        Ok(())
    }

    async fn write(&self, product: u32) -> Result<(), Failure> {
        let sold = self.mysql.run(move |conn| {
            conn.exec_drop("UPDATE products SET stock = stock - 1 WHERE id = ?", (product,))
        });
        sold.await.map_err(|e| self.mysql.explain(&e))?;
        if let Some(cache) = &self.cache {
            cache.invalidate(&self.query.key(self.query.parameter(product))).await;
        }
        Ok(())
    }

    fn explain(&self, why: &Unavailable) -> Failure {
        crate::session::explain_unavailable(&self.mysql, why)
    }
}
