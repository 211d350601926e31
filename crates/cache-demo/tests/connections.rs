//! The cache library, when connections die in less obvious ways and Redis answers with errors.

use crate::cache::{session, session_of};
use crate::engines::{Engines, Turn, turn};
use crate::proxy::Proxy;
use cache_demo::cache::aside::{Cache, Source};
use cache_demo::cache::breaker::State;
use cache_demo::cache::local::Local;
use cache_demo::cache::policy::Policy;
use cache_demo::commands::invalidation::listen;
use cache_demo::session::{Session, load_encoded};
use cache_demo::shop::queries::Query;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Engines with the shop, and a session on them. The turn lasts until the end of the test.
async fn ground() -> (Turn, Engines, Session) {
    let turn = turn();
    let engines = Engines::with_shop();
    let session = session(&engines).await;
    (turn, engines, session)
}

async fn get(session: &Session, cache: &Cache, id: u32) -> Source {
    let query = Query::Product;
    let load = || load_encoded(&session.mysql, query, id);
    cache.get_or_load(&query.key(id), load).await.expect("an answer").1
}

/// A product's key in Redis.
fn stored(id: u32) -> String {
    Policy::default().stored(&Query::Product.key(id))
}

/// Asks until the answer comes from where it should.
async fn get_until(session: &Session, cache: &Cache, id: u32, wanted: Source) {
    let deadline = Instant::now() + Duration::from_secs(15);
    loop {
        let source = get(session, cache, id).await;
        if source == wanted {
            return;
        }
        assert!(Instant::now() < deadline, "never {wanted:?}, still {source:?}; {:?}", cache.circuit());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn listener_cut_off_trusts_nothing_until_it_hears_again() {
    let (_turn, engines, session) = ground().await;
    let local = Local::new(100, Duration::from_mins(10));
    let cache = Arc::new(session.cache().with_local(local));
    let listener = listen(&session, &cache, "changed").await.expect("subscribed");
    get(&session, &cache, 1).await;
    assert_eq!(get(&session, &cache, 1).await, Source::Local);

    // Cut off, and forbidden to come back: what is in the process may be old.
    engines.redis_cli(&["ACL", "SETUSER", "default", "resetchannels"]);
    get_until(&session, &cache, 1, Source::Hit).await;
    for _ in 0..5 {
        assert_eq!(get(&session, &cache, 1).await, Source::Hit, "the tier is bypassed");
    }
    assert_eq!(listener.renewals(), 0);
    engines.redis_cli(&["ACL", "SETUSER", "default", "allchannels"]);
    get_until(&session, &cache, 1, Source::Local).await;
    assert_eq!(listener.renewals(), 1);

    // Killed, and back by itself: messages arrive again.
    assert_eq!(engines.redis_cli(&["CLIENT", "KILL", "TYPE", "pubsub"]).trim(), "1");
    let deadline = Instant::now() + Duration::from_secs(10);
    while listener.renewals() < 2 {
        assert!(Instant::now() < deadline, "it never subscribed again");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    get_until(&session, &cache, 1, Source::Local).await;
    let key = Query::Product.key(1);
    engines.redis_cli(&["DEL", &stored(1)]);
    assert_eq!(engines.redis_cli(&["PUBLISH", "changed", &key]).trim(), "1");
    get_until(&session, &cache, 1, Source::Loaded).await;
}

#[tokio::test]
async fn a_connection_that_carries_nothing_any_more_is_replaced() {
    let _turn = turn();
    let engines = Engines::with_shop();
    let proxy = Proxy::start(engines.redis_port);
    let session =
        session_of(&engines, |text| text.replace(&engines.redis_port.to_string(), &proxy.port.to_string()))
            .await;
    let policy = Policy { cache_limit: Duration::from_millis(200), ..Policy::default() };
    let cache = session.cache_with(policy);
    get(&session, &cache, 1).await;
    assert_eq!(get(&session, &cache, 1).await, Source::Hit);
    proxy.silence();
    // The policy's limit for lookups ends the wait; the silence would not.
    assert_eq!(get(&session, &cache, 1).await, Source::Bypassed, "the database answers");
    get_until(&session, &cache, 1, Source::Hit).await;
    assert!(cache.counters().counts().bypassed > 0);

    // Without a cache around it, and so without a circuit: repeated time-outs are enough.
    let redis = Arc::clone(&session.redis);
    proxy.silence();
    let mut failed = 0;
    while redis.query::<()>(&redis::cmd("PING")).await.is_err() {
        failed += 1;
        assert!(failed < 5, "the dead connection is kept");
    }
    assert!(failed > 0, "the connection was silent");
}

#[tokio::test]
async fn a_slow_cache_is_left_alone_and_the_database_answers() {
    let (_turn, engines, session) = ground().await;
    let cache = session.cache_with(Policy { cache_limit: Duration::from_millis(50), ..Policy::default() });
    get(&session, &cache, 1).await;
    engines.redis_cli(&["CLIENT", "PAUSE", "4000", "ALL"]);
    for _ in 0..20 {
        assert_eq!(get(&session, &cache, 1).await, Source::Bypassed);
    }
    // Five lookups were waited for, and none after them.
    assert_eq!(cache.circuit_openings(), 1);
    engines.redis_cli(&["CLIENT", "UNPAUSE"]);
    get_until(&session, &cache, 1, Source::Hit).await;
}

#[tokio::test]
async fn an_error_of_the_server_is_no_outage() {
    let (_turn, engines, session) = ground().await;
    let cache = session.cache();
    // Something of another type is written over.
    let (key, stored) = (Query::Product.key(1), stored(1));
    for _ in 0..20 {
        engines.redis_cli(&["DEL", &stored]);
        engines.redis_cli(&["LPUSH", &stored, "x"]);
        assert_eq!(get(&session, &cache, 1).await, Source::Loaded);
        assert_eq!(get(&session, &cache, 1).await, Source::Hit);
    }
    // A replica refuses to remove: pending, and made up for when it is a primary again.
    engines.redis_cli(&["REPLICAOF", "127.0.0.1", "1"]);
    for _ in 0..20 {
        assert!(!cache.invalidate(&key).await);
    }
    assert_eq!((cache.settle().await, engines.redis_cli(&["EXISTS", &stored]).trim()), (1, "1"));
    engines.redis_cli(&["REPLICAOF", "NO", "ONE"]);
    assert_eq!((cache.settle().await, engines.redis_cli(&["EXISTS", &stored]).trim()), (0, "0"));
    assert_eq!((cache.circuit(), cache.circuit_openings()), (State::Closed, 0));
}

#[tokio::test]
async fn undecodable_value_is_removed_and_loaded_once() {
    let (_turn, engines, session) = ground().await;
    let cache = session.cache();
    let (key, stored) = (Query::Product.key(1), stored(1));
    engines.redis_cli(&["SET", &stored, "{\"somebody\":\"else\"}"]);
    let load = || load_encoded(&session.mysql, Query::Product, 1);
    let get = async || {
        let answer = cache.get_or_load(&key, load).await.expect("an answer");
        cache.decoded(&key, answer, |json| Query::Product.decode(json), load).await.expect("decoded")
    };
    let (found, source) = get().await;
    assert!(found.is_some());
    assert_eq!((source, engines.redis_cli(&["EXISTS", &stored]).trim()), (Source::Loaded, "0"));
    assert_eq!((get().await.1, get().await.1), (Source::Loaded, Source::Hit));
    let counts = cache.counters().counts();
    assert_eq!((counts.undecodable, counts.loads), (1, 2));
}

#[tokio::test]
async fn what_was_stored_without_a_confirmation_does_not_stay() {
    let (_turn, engines, session) = ground().await;
    let cache = session.cache();
    let (key, stored) = (Query::Product.key(2), stored(2));
    // The SET gets no answer, and Redis carries it out later: perhaps after a removal, on another connection, of what
    // has changed meanwhile.
    let load = || async {
        engines.redis.signal("-STOP");
        load_encoded(&session.mysql, Query::Product, 2).await
    };
    assert!(cache.get_or_load(&key, load).await.expect("an answer").0.is_some());
    engines.redis.signal("-CONT");
    let deadline = Instant::now() + Duration::from_secs(10);
    while cache.settle().await > 0 {
        assert!(Instant::now() < deadline, "never settled");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(engines.redis_cli(&["EXISTS", &stored]).trim(), "0");
    let counts = cache.counters().counts();
    assert_eq!((counts.stored, counts.not_stored), (0, 1));
}
