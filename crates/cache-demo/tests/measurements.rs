//! The measurements: their claims checked against the engines' own counters.

use crate::engines::{Engines, turn};

#[test]
fn every_measurement_runs_against_real_engines() {
    let _turn = turn();
    let engines = Engines::start("512mb");

    let check = engines.result(&["check"]);
    assert!(check["redis"]["tls"].as_str().is_some_and(|v| v.starts_with("TLSv1.")), "{check}");
    assert!(check["mysql"]["tls"].as_str().is_some_and(|v| v.starts_with("TLSv1.")), "{check}");
    assert_eq!(check["redis"]["maxmemory_policy"], "allkeys-lru");

    let first = engines.result(&["load-data"]);
    assert_eq!((&first["products"], &first["reused"]), (&10_000.into(), &false.into()));
    let again = engines.result(&["load-data"]);
    assert_eq!((&again["reused"], &again["checksum"]), (&true.into(), &first["checksum"]));
    let other = engines.result(&["load-data", "--seed", "7"]);
    assert_eq!(other["reused"], false);
    assert_ne!(other["checksum"], first["checksum"]);

    let compare = engines.result(&["compare", "--rounds", "3", "--seconds-per-side", "0.3"]);
    let rows = compare["queries"].as_array().expect("rows");
    let names: Vec<_> = rows.iter().map(|row| (row["id"].as_str(), row["style"].as_str())).collect();
    let pooled = Some("pooled");
    assert_eq!(
        names,
        [
            (Some("product"), pooled),
            (Some("product-page"), pooled),
            (Some("best-sellers"), pooled),
            (Some("product"), Some("connect-per-query"))
        ]
    );
    for row in rows {
        let number = |name: &str| row[name].as_f64().expect("a number");
        assert!(number("ratio_low") <= number("ratio_high"), "{row}");
        assert!(row["cache"]["samples"].as_u64().is_some_and(|n| n > 0), "{row}");
    }
    // The heavy query must be far slower in the database, whatever the machine.
    assert!(rows[2]["ratio"].as_f64().is_some_and(|ratio| ratio > 3.0), "{compare}");

    let hits_before = engines.redis_info("keyspace_hits");
    let load = engines.result(&["load", "--users", "1,20", "--seconds", "0.7", "--writes", "0.02"]);
    for stage in load["stages"].as_array().expect("stages") {
        let (cache, database) = (&stage["cache"], &stage["database"]);
        assert_eq!((&cache["errors"], &database["errors"]), (&0.into(), &0.into()), "{stage}");
        // Without the cache the database counts one query a read, and nothing of ours.
        let (requests, queries) = (database["requests"].as_u64(), database["database_queries"].as_u64());
        let share = queries.expect("counted") as f64 / requests.expect("counted") as f64;
        assert!((0.94..=1.0).contains(&share), "98 % of the requests are reads: {stage}");
        assert!(stage["database_queries_saved_percent"].as_f64().is_some_and(|p| p > 20.0), "{stage}");
    }
    let requests: u64 = load["stages"]
        .as_array()
        .expect("stages")
        .iter()
        .filter_map(|s| s["cache"]["requests"].as_u64())
        .sum();
    let hits = engines.redis_info("keyspace_hits") - hits_before;
    assert!(hits as f64 > requests as f64 * 0.3, "the server saw {hits} hits of {requests} requests");

    let patterns = engines.result(&["patterns"]);
    assert_eq!(
        (&patterns["ttl"]["seen_fresh"], &patterns["ttl"]["seen_expired"]),
        (&true.into(), &true.into())
    );
    assert!(patterns["eviction"]["note"].as_str().is_some_and(|note| note.contains("512 MB")), "{patterns}");
    let left = engines.redis_cli(&["--scan", "--pattern", "rw:v1:run-*"]);
    assert_eq!(left.trim(), "", "patterns leaves no keys");
}

#[test]
fn eviction_is_seen_where_memory_is_small() {
    let _turn = turn();
    let engines = Engines::start_from(crate::database::shop(), "24mb");
    let patterns = engines.result(&["patterns"]);
    let eviction = &patterns["eviction"];
    assert_eq!(eviction["reached"], true, "{patterns}");
    assert!(engines.redis_info("evicted_keys") >= eviction["evicted_keys"].as_u64().expect("counted"));
    let percent = |name: &str| eviction[name].as_f64().expect("a number");
    assert!(percent("hot_kept_percent") > 90.0, "{eviction}");
    assert!(percent("hot_kept_percent") > percent("cold_kept_percent") + 5.0, "{eviction}");
    assert_eq!(engines.redis_cli(&["--scan", "--pattern", "rw:v1:run-*"]).trim(), "");

    engines.redis_cli(&["SET", "somebody:else", "1"]);
    let patterns = engines.result(&["patterns"]);
    assert!(
        patterns["eviction"]["note"].as_str().is_some_and(|note| note.contains("other programs")),
        "{patterns}"
    );
    assert_eq!(engines.redis_cli(&["GET", "somebody:else"]).trim(), "1");
}
