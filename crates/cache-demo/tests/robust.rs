//! What goes wrong in real life, during load: each is a counted, survived event, or a clear error.

use crate::cache::session;
use crate::engines::{Engines, pause, turn};
use cache_demo::cache::aside::{Cache, Source, Unavailable};
use cache_demo::cache::breaker::State;
use cache_demo::cache::policy::Policy;
use cache_demo::session::load_encoded;
use cache_demo::shop::queries::Query;
use mysql::prelude::Queryable;
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

fn start_load(engines: &Engines, seconds: &str) -> Child {
    let args = ["load", "--repeats", "1", "--users", "20", "--seconds", seconds];
    let child = start(engines, &args, "milliseconds");
    // Into the phase that counts.
    pause(Duration::from_millis(700));
    child
}

/// Starts a command and waits until its progress has come to `when`.
fn start(engines: &Engines, args: &[&str], when: &str) -> Child {
    let progress = engines.path("progress");
    let _ = std::fs::remove_file(&progress);
    let child = engines
        .demo(args)
        .arg("--json")
        .arg("--progress")
        .arg(&progress)
        .stdout(Stdio::piped())
        .spawn()
        .expect("starts");
    let deadline = Instant::now() + Duration::from_secs(20);
    while !std::fs::read_to_string(&progress).unwrap_or_default().contains(when) {
        assert!(Instant::now() < deadline, "{when} never came");
        pause(Duration::from_millis(10));
    }
    child
}

fn finish(child: Child) -> serde_json::Value {
    let output = child.wait_with_output().expect("ends");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(output.status.success(), "{text}");
    serde_json::from_str(text.lines().last().expect("a result")).expect("JSON")
}

#[test]
fn load_survives_redis_killed_paused_full_or_cut_off() {
    let _turn = turn();
    let mut engines = Engines::with_shop();

    // Connections reset in the middle of commands.
    let child = start_load(&engines, "2");
    for _ in 0..5 {
        engines.redis_cli(&["CLIENT", "KILL", "TYPE", "normal"]);
        pause(Duration::from_millis(100));
    }
    let result = finish(child);
    let cache = &result["stages"][0]["cache"];
    assert_eq!(cache["errors"], 0, "the database answers instead: {cache}");
    assert!(result["counters"]["bypassed"].as_u64() > Some(0), "{}", result["counters"]);

    // Paused, and going on.
    let child = start_load(&engines, "3.5");
    engines.redis.signal("-STOP");
    pause(Duration::from_millis(2_500));
    engines.redis.signal("-CONT");
    let result = finish(child);
    assert_eq!(result["stages"][0]["cache"]["errors"], 0, "{result}");
    assert!(result["circuit_openings"].as_u64() > Some(0), "{result}");

    // Full, and refusing writes: reads go on, nothing fails.
    engines.redis_cli(&["CONFIG", "SET", "maxmemory-policy", "noeviction"]);
    engines.redis_cli(&["CONFIG", "SET", "maxmemory", "1mb"]);
    let result = finish(start_load(&engines, "1"));
    assert_eq!(result["stages"][0]["cache"]["errors"], 0, "{result}");
    assert!(result["counters"]["not_stored"].as_u64() > Some(0), "{}", result["counters"]);
    assert_eq!(result["circuit_openings"], 0, "a full server still answers: {result}");
    engines.redis_cli(&["CONFIG", "SET", "maxmemory", "512mb"]);

    // A replica that takes no writes.
    engines.redis_cli(&["REPLICAOF", "127.0.0.1", "1"]);
    engines.redis_cli(&["CONFIG", "SET", "replica-serve-stale-data", "yes"]);
    let child =
        engines.demo(&["load", "--json", "--users", "2", "--seconds", "0.5"]).output().expect("starts");
    let text = String::from_utf8_lossy(&child.stdout).into_owned();
    assert_eq!(child.status.code(), Some(6), "{text}");
    assert!(text.contains("is a replica"), "{text}");
    engines.redis_cli(&["REPLICAOF", "NO", "ONE"]);

    // Killed.
    let child = start_load(&engines, "1.5");
    engines.redis.signal("-KILL");
    pause(Duration::from_millis(300));
    engines.restart_redis();
    assert_eq!(finish(child)["stages"][0]["cache"]["errors"], 0);
}

#[test]
fn a_database_that_goes_away_leaves_what_was_measured() {
    let _turn = turn();
    let engines = Engines::with_shop();

    // Its connections are killed in the middle of queries: counted, opened anew, survived.
    let args = ["load", "--users", "20", "--seconds", "3", "--repeats", "1"];
    let child = start(&engines, &args, "20 users, database alone");
    for _ in 0..5 {
        engines.mysql_root("KILL USER admin");
        pause(Duration::from_millis(100));
    }
    let result = finish(child);
    let database = &result["stages"][0]["database"];
    let (requests, errors) = (database["requests"].as_u64(), database["errors"].as_u64());
    assert!(errors > Some(0) && requests > Some(1_000), "{database}");
    assert!(database["error_messages"][0]["count"].as_u64() > Some(0), "{database}");
    crate::schema::check(&result);

    // It is killed in the second stage: the first one is not lost, and the result says what happened.
    let args = ["load", "--users", "5,20", "--seconds", "1", "--repeats", "1"];
    let child = start(&engines, &args, "20 users");
    engines.mysql.signal("-KILL");
    let output = child.wait_with_output().expect("ends");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    assert_eq!(output.status.code(), Some(4), "{text}");
    let result: serde_json::Value =
        serde_json::from_str(text.lines().last().expect("a result")).expect("JSON");
    crate::schema::check(&result);
    assert!(result["stages"][0]["database"]["requests"].as_u64() > Some(0), "{result}");
    assert_eq!(result["error"]["kind"], "mysql-unreachable", "{result}");
}

#[test]
fn outbox_relay_survives_both_engines_cutting_it_off() {
    let _turn = turn();
    let engines = Engines::with_shop();
    let args = ["invalidation", "--seconds", "3", "--users", "10", "--writes", "0.2"];
    let child = start(&engines, &args, "triggers and outbox");
    let triggers = || {
        let mut conn = mysql::Conn::new(engines.mysql_opts("admin")).expect("a connection");
        let sql = "SELECT event_manipulation FROM information_schema.triggers \
                   WHERE event_object_table = 'products' ORDER BY 1";
        conn.query::<String, _>(sql).expect("the triggers")
    };
    assert_eq!(triggers(), ["DELETE", "INSERT", "UPDATE"], "every kind of change is seen");
    for _ in 0..5 {
        engines.redis_cli(&["CLIENT", "KILL", "TYPE", "normal"]);
        engines.mysql_root("KILL USER admin");
        pause(Duration::from_millis(50));
    }
    let result = finish(child);
    let figure = |id: &str| {
        let rows = result["rows"].as_array().expect("rows");
        let row = rows.iter().find(|row| row["id"] == id).unwrap_or_else(|| panic!("{id}: {result}"));
        row["values"][2].as_f64().unwrap_or_else(|| panic!("{id}: {result}"))
    };
    assert_eq!(triggers(), [""; 0], "nothing is left behind");
    assert!(figure("relay_retries") > 0.0, "{result}");
    // Every write that succeeded left a message, and each was relayed.
    assert!(figure("messages") >= figure("writes") && figure("writes") > 0.0, "{result}");
    assert!(figure("never_written") < 0.5, "{result}");
}

#[tokio::test]
async fn without_the_cache_the_database_is_not_run_over() {
    let _turn = turn();
    let engines = Engines::start("512mb");
    let session = session(&engines).await;
    let policy = Policy { budget: 3, patience: Duration::from_millis(400), ..Policy::default() };
    let cache = Arc::new(Cache::new(Arc::clone(&session.redis), policy, 1));
    engines.redis.signal("-KILL");
    let (running, most) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
    let tasks: Vec<_> = (0..40)
        .map(|n| {
            let (cache, mysql) = (Arc::clone(&cache), session.mysql.clone());
            let (running, most) = (Arc::clone(&running), Arc::clone(&most));
            tokio::spawn(async move {
                let load = || async {
                    most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    let slept = mysql.run(|conn| conn.query_drop("DO SLEEP(0.15)")).await;
                    running.fetch_sub(1, Ordering::SeqCst);
                    slept.map(|()| Some(b"1".to_vec())).map_err(Unavailable::Database)
                };
                cache.get_or_load(&format!("key:{n}"), load).await
            })
        })
        .collect();
    let (mut answered, mut busy) = (0, 0);
    for task in tasks {
        match task.await.expect("no panic") {
            Ok((Some(_), Source::Bypassed)) => answered += 1,
            Err(Unavailable::Busy) => busy += 1,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(most.load(Ordering::SeqCst), 3, "as many loads at once as the budget");
    // Three at a time, 150 ms each, for as long as anybody is patient.
    assert!((3..=12).contains(&answered) && busy == 40 - answered, "{answered} answered, {busy} refused");
    assert_eq!(cache.counters().counts().refused, busy);
}

#[tokio::test]
async fn a_new_version_of_the_keys_never_meets_old_values() {
    let _turn = turn();
    let engines = Engines::with_shop();
    let session = session(&engines).await;
    let of = |version| Cache::new(Arc::clone(&session.redis), Policy { version, ..Policy::default() }, 1);
    let (old, new) = (of(1), of(2));
    let get = async |cache: &Cache, value: &'static [u8]| {
        let answer =
            cache.get_or_load("thing", || async { Ok(Some(value.to_vec())) }).await.expect("an answer");
        (answer.0.expect("a value").to_vec(), answer.1)
    };
    assert_eq!(get(&old, b"old").await, (b"old".to_vec(), Source::Loaded));
    assert_eq!(get(&new, b"new").await, (b"new".to_vec(), Source::Loaded));
    assert_eq!(get(&old, b"x").await, (b"old".to_vec(), Source::Hit));
    assert!(new.invalidate("thing").await);
    assert_eq!(get(&old, b"x").await, (b"old".to_vec(), Source::Hit), "each version has its own");
    assert_eq!(engines.redis_cli(&["EXISTS", "rw:v1:thing", "rw:v2:thing"]).trim(), "1");
    engines.result(&["load", "--key-version", "7", "--users", "2", "--seconds", "0.4"]);
    assert_ne!(engines.redis_cli(&["--scan", "--pattern", "rw:v7:product:*"]).trim(), "");
    assert_eq!(engines.redis_cli(&["--scan", "--pattern", "rw:v1:product:*"]).trim(), "");
}

#[test]
fn a_database_without_connections_says_so() {
    let _turn = turn();
    let engines = Engines::with_shop();
    engines.mysql_root("SET GLOBAL max_connections = 10");
    // Fifty workers want a connection each: some get none, and their requests are counted as errors.
    let result = engines.result(&["load", "--users", "40", "--connections", "50", "--seconds", "0.5"]);
    let (cache, database) = (&result["stages"][0]["cache"], &result["stages"][0]["database"]);
    let message = database["error_messages"][0]["what"].as_str().expect("a message");
    assert!(message.contains("has no connection left"), "{database}");
    assert!(database["errors"].as_u64() > Some(0) && database["requests"].as_u64() > Some(0), "{database}");
    assert!(cache["requests"].as_u64() > Some(0), "{cache}");
}

#[tokio::test]
async fn database_down_serves_old_values_with_their_age() {
    let _turn = turn();
    let engines = Engines::with_shop();
    let session = session(&engines).await;
    let policy = Policy {
        ttl: Duration::from_millis(300),
        keep: Duration::from_mins(1),
        load_limit: Duration::from_millis(300),
        ..Policy::default()
    };
    let cache = session.cache_with(policy);
    let get = async |id| {
        let key = Query::Product.key(id);
        cache.get_or_load(&key, || load_encoded(&session.mysql, Query::Product, id)).await
    };
    assert_eq!(get(1).await.expect("loaded").1, Source::Loaded);
    assert_eq!(get(1).await.expect("a hit").1, Source::Hit);
    engines.mysql.signal("-STOP");
    pause(Duration::from_millis(500));
    for _ in 0..8 {
        let (value, source) = get(1).await.expect("what it has");
        assert!(value.is_some());
        assert!(matches!(source, Source::Stale { age } if age >= Duration::from_millis(400)), "{source:?}");
    }
    assert_ne!(cache.database_circuit(), State::Closed);
    // Nothing was ever stored for this one, and with the circuit open nobody waits.
    assert!(matches!(get(2).await, Err(Unavailable::Open | Unavailable::Slow)));
    engines.mysql.signal("-CONT");
    let deadline = Instant::now() + Duration::from_secs(10);
    while !matches!(get(1).await, Ok((_, Source::Loaded | Source::Hit))) {
        assert!(Instant::now() < deadline, "the database never came back: {:?}", cache.database_circuit());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn stale_while_revalidate_answers_at_once_and_loads_once() {
    let _turn = turn();
    let engines = Engines::with_shop();
    let session = session(&engines).await;
    let policy = Policy {
        ttl: Duration::from_millis(200),
        jitter_percent: 0,
        revalidate: Duration::from_mins(1),
        max_value: 10_000,
        ..Policy::default()
    };
    let cache = Arc::new(session.cache_with(policy));
    let get = async |id: u32| {
        let mysql = session.mysql.clone();
        let load = move || async move { load_encoded(&mysql, Query::Product, id).await };
        cache.get_or_refresh(&Query::Product.key(id), load).await.expect("an answer").1
    };
    assert_eq!(get(3).await, Source::Loaded);
    pause(Duration::from_millis(300));
    let before = cache.counters().counts();
    assert!(matches!(get(3).await, Source::Stale { .. }));
    let deadline = Instant::now() + Duration::from_secs(5);
    while get(3).await != Source::Hit {
        assert!(Instant::now() < deadline, "it was never loaded anew");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    assert_eq!(cache.counters().counts().since(&before).loads, 1);

    // The size limit: answered, counted, not stored.
    let big = async || Ok(Some(vec![b'x'; 20_000]));
    let (value, source) = cache.get_or_load("big", big).await.expect("an answer");
    assert_eq!((value.map(|v| v.len()), source), (Some(20_000), Source::Loaded));
    assert_eq!(cache.counters().counts().too_large, 1);
    assert_eq!(engines.redis_cli(&["EXISTS", "rw:v1:big"]).trim(), "0");
}
