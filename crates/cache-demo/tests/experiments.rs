//! The experiments: what each claims, asserted from the engines' own counters.

use crate::engines::{Engines, turn};
use crate::schema;
use serde_json::Value;

/// A figure of a case; none where it is missing.
fn figure(result: &Value, id: &str, case: usize) -> Option<f64> {
    let rows = result["rows"].as_array().expect("rows");
    rows.iter().find(|row| row["id"] == id)?["values"][case].as_f64()
}

#[test]
fn every_experiment_shows_what_it_claims() {
    let _turn = turn();
    let engines = Engines::with_shop();
    let run = |args: &[&str]| {
        let result = engines.result(args);
        schema::check(&result);
        assert_eq!(
            engines.redis_cli(&["--scan", "--pattern", "rw:v1:run-*"]).trim(),
            "",
            "{args:?} leaves keys"
        );
        result
    };
    let need =
        |result: &Value, id: &str, case| figure(result, id, case).unwrap_or_else(|| panic!("{id}: {result}"));

    let stampede = run(&["stampede", "--waiters", "1000"]);
    assert!(need(&stampede, "database_queries", 0) > 100.0, "{stampede}");
    assert!((need(&stampede, "database_queries_max", 1) - 1.0).abs() < 0.1, "exactly one: {stampede}");

    let through = run(&["write-through", "--seconds", "1", "--writes", "0.1"]);
    assert!(need(&through, "misses", 1) < need(&through, "misses", 0), "{through}");
    assert!(need(&through, "database_queries", 1) < need(&through, "database_queries", 0), "{through}");
    assert!(need(&through, "never_written", 0) + need(&through, "never_written", 1) < 0.5, "{through}");

    let warming = run(&["warming", "--seconds", "1"]);
    assert!(need(&warming, "hit_percent", 1) > need(&warming, "hit_percent", 0) + 10.0, "{warming}");
    assert!((need(&warming, "warm_up_queries", 1) - 2_000.0).abs() < 1.0, "{warming}");

    let told = run(&["invalidation", "--seconds", "1.5"]);
    let share = |case| need(&told, "stale_percent", case);
    assert!(share(0) > 10.0 * share(1) && share(0) > 3.0 * share(2), "{told}");
    // Every write that succeeded left a message, and each was relayed.
    assert!(need(&told, "messages", 2) >= need(&told, "writes", 2), "{told}");
    assert!(need(&told, "local_percent", 1) > 10.0, "the processes' own tiers are in use: {told}");

    let sweep = run(&["ttl-sweep", "--seconds", "1"]);
    assert!(need(&sweep, "hit_percent", 3) > need(&sweep, "hit_percent", 0) + 5.0, "{sweep}");
    assert!(need(&sweep, "stale_percent", 3) > need(&sweep, "stale_percent", 0), "{sweep}");

    let before = engines.redis_cli(&["CONFIG", "GET", "maxmemory*"]);
    let not = run(&["eviction"]);
    assert!(not["conclusions"][0].as_str().is_some_and(|line| line.starts_with("Not tried")), "{not}");
    let eviction = run(&["eviction", "--may-configure"]);
    assert!(need(&eviction, "hot_kept", 1) > need(&eviction, "hot_kept", 0) + 50.0, "{eviction}");
    assert_eq!(engines.redis_cli(&["CONFIG", "GET", "maxmemory*"]), before, "the settings are restored");
}

#[test]
fn open_loop_keeps_its_rate_and_csv_its_columns() {
    let _turn = turn();
    let engines = Engines::with_shop();
    let load = engines.result(&["load", "--rate", "200,1000", "--seconds", "1", "--repeats", "2"]);
    schema::check(&load);
    for stage in load["stages"].as_array().expect("stages") {
        assert!(
            stage["cache"]["spread_percent"].as_f64() >= Some(0.0),
            "two repetitions lie apart, if only by nothing: {stage}"
        );
    }
    for (stage, rate) in load["stages"].as_array().expect("stages").iter().zip([200.0, 1000.0]) {
        // However slow the machine is: all that was due came, and the same on both sides.
        let arrived = |side: &str| {
            let count = |name| stage[side][name].as_f64().unwrap_or_else(|| panic!("{name}: {stage}"));
            count("requests") + count("errors")
        };
        assert_eq!(arrived("cache").to_bits(), arrived("database").to_bits(), "{stage}");
        for side in ["cache", "database"] {
            let seen = arrived(side);
            assert!((rate * 0.8..rate * 1.2).contains(&seen), "{seen} of {rate} due in a second");
            let (due, sent) = (&stage[side]["p99_ms"], &stage[side]["service_p99_ms"]);
            assert!(due.as_f64() >= sent.as_f64(), "waiting is not hidden: {stage}");
        }
    }
    let thinking = engines.result(&["load", "--users", "50", "--think-ms", "50", "--seconds", "1"]);
    let rate = thinking["stages"][0]["cache"]["requests_per_s"].as_f64().expect("a rate");
    assert!((1.0..1_100.0).contains(&rate), "50 users, at most one request in 50 ms each: {rate}");

    // Values that live for a moment are served past it while they are loaded anew, and it shows.
    let stale = ["--ttl-s", "0.1", "--revalidate-s", "5", "--keep-s", "5"];
    let args = [&["load", "--users", "20", "--think-ms", "1", "--seconds", "1"], &stale[..]].concat();
    let cache = engines.result(&args)["stages"][0]["cache"].clone();
    assert!(cache["stale"].as_u64() > Some(0), "{cache}");
    assert!(cache["stale_max_ms"].as_f64().is_some_and(|age| (90.0..5_200.0).contains(&age)), "{cache}");
    assert_eq!(cache["errors"], 0, "{cache}");

    let output =
        engines.demo(&["load", "--csv", "--users", "1,2", "--seconds", "0.3"]).output().expect("starts");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 3, "{text}");
    assert!(lines[0].contains("cache.p999_ms") && lines[1].starts_with("load,"), "{text}");
    let columns = |line: &str| line.split(',').count();
    assert_eq!(columns(lines[0]), columns(lines[1]), "{text}");
}
