//! The cache library: stampede, absence, invalidation, and Redis killed, stopped and started again.

use crate::engines::{Engines, turn};
use cache_demo::cache::aside::{Cache, Source};
use cache_demo::cache::breaker::State;
use cache_demo::config::Config;
use cache_demo::config::Connect;
use cache_demo::measure::progress::Progress;
use cache_demo::session::{Session, load_encoded};
use cache_demo::shop::queries::Query;
use cache_demo::stop::Stop;
use cache_demo::tuning::Tuning;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

pub(crate) async fn session(engines: &Engines) -> Session {
    session_of(engines, |text| text).await
}

/// With another configuration.
pub(crate) async fn session_of(engines: &Engines, change: impl FnOnce(String) -> String) -> Session {
    cache_demo::engines::tls::install_provider();
    let connect = Connect::File { path: engines.config(&change(engines.config_text())), ca: None };
    let config = Config::resolve(&connect, |_| None).expect("valid");
    let progress = Progress::new(false, None);
    Session::open(config, Tuning::default(), progress, Stop::default()).await.expect("both engines answer")
}

async fn get(session: &Session, cache: &Cache, id: u32) -> (bool, Source) {
    let query = Query::Product;
    let answer = cache.get_or_load(&query.key(id), || load_encoded(&session.mysql, query, id)).await;
    answer.map(|(bytes, source)| (bytes.is_some(), source)).expect("an answer")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_waiters_on_a_cold_key_cause_one_query() {
    let _turn = turn();
    let engines = Engines::with_shop();
    let session = Arc::new(session(&engines).await);
    let observer = session.observer().await.expect("a second connection");
    for round in 1..=5 {
        let cache = Arc::new(session.cache());
        let before = observer.selects().await.expect("counted");
        let tasks: Vec<_> = (0..1000)
            .map(|_| {
                let (session, cache) = (Arc::clone(&session), Arc::clone(&cache));
                tokio::spawn(async move { get(&session, &cache, 100 + round).await })
            })
            .collect();
        for task in tasks {
            assert!(task.await.expect("no panic").0);
        }
        assert_eq!(observer.selects().await.expect("counted") - before, 1, "by the database's own counter");
    }
}

#[tokio::test]
async fn absence_is_remembered_and_invalidation_forgets() {
    let _turn = turn();
    let engines = Engines::with_shop();
    let session = session(&engines).await;
    let cache = session.cache();
    assert_eq!(get(&session, &cache, 999_999).await, (false, Source::Loaded));
    assert_eq!(get(&session, &cache, 999_999).await, (false, Source::Hit));
    let ttl: i64 = engines.redis_cli(&["TTL", "rw:v1:product:999999"]).trim().parse().expect("a number");
    assert!((25..=33).contains(&ttl), "an absence is short-lived: {ttl}");

    assert_eq!(get(&session, &cache, 1).await, (true, Source::Loaded));
    assert_eq!(get(&session, &cache, 1).await, (true, Source::Hit));
    assert!(cache.invalidate(&Query::Product.key(1)).await);
    assert_eq!(get(&session, &cache, 1).await, (true, Source::Loaded));

    // A load that an invalidation overtakes is answered but not stored.
    let key = Query::Product.key(2);
    let slow = cache.get_or_load(&key, || async {
        cache.invalidate(&key).await;
        load_encoded(&session.mysql, Query::Product, 2).await
    });
    assert!(slow.await.expect("an answer").0.is_some());
    assert_eq!(engines.redis_cli(&["EXISTS", &format!("rw:v1:{key}")]).trim(), "0");
}

#[tokio::test]
async fn database_serves_while_redis_is_down_then_the_cache_returns() {
    let _turn = turn();
    let mut engines = Engines::with_shop();
    let session = session(&engines).await;
    let cache = session.cache();
    get(&session, &cache, 1).await;

    engines.redis.signal("-KILL");
    for id in 1..=20 {
        assert_eq!(get(&session, &cache, id).await, (true, Source::Bypassed));
    }
    assert_ne!(cache.circuit(), State::Closed);
    assert!(cache.counters().bypassed.load(Ordering::Relaxed) >= 20);

    engines.restart_redis();
    let deadline = Instant::now() + Duration::from_secs(10);
    while get(&session, &cache, 1).await.1 != Source::Hit {
        assert!(Instant::now() < deadline, "the cache never came back: {:?}", cache.circuit());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(cache.circuit(), State::Closed);
}

#[tokio::test]
async fn stopped_redis_costs_a_time_limit_not_the_answer() {
    let _turn = turn();
    let engines = Engines::with_shop();
    let session = Arc::new(session(&engines).await);
    let cache = Arc::new(session.cache());
    get(&session, &cache, 1).await;
    engines.redis.signal("-STOP");
    let tasks: Vec<_> = (1..=10)
        .map(|id| {
            let (session, cache) = (Arc::clone(&session), Arc::clone(&cache));
            tokio::spawn(async move { get(&session, &cache, id).await })
        })
        .collect();
    for task in tasks {
        assert!(task.await.expect("no panic").0);
    }
    // Redis would keep them waiting for good; the circuit opened once, for all of them.
    assert_eq!(cache.circuit_openings(), 1);
    engines.redis.signal("-CONT");
}
