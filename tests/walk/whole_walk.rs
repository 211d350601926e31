//! One command walks the whole recipe: with engines, without them, and with all optional steps.

use crate::support::checkout::policy_file;
use crate::support::{Home, only_session};

#[test]
fn one_command_walks_everything_and_leaves_an_empty_account() {
    let home = Home::new();
    let said = home.run(&["--sandbox", "--yes"]).expect(0);
    for part in ["Product by id", "Best sellers", "connect", "users", "allkeys-lru", "Nothing is left"] {
        assert!(
            said.out.to_lowercase().contains(&part.to_lowercase()),
            "'{part}' is missing in:\n{}",
            said.out
        );
    }
    assert!(said.out.lines().all(|l| l.chars().count() <= 80), "a line is wider than 80:\n{}", said.out);
    let session = only_session(&home);
    let status = home.run(&["status", &session, "--json"]).expect(0).json();
    assert_eq!(status["state"], "closed", "{status}");
    let results = &status["measured"];
    let queries = results["compare"]["queries"].as_array().expect("queries");
    assert!(queries.len() >= 4, "{queries:?}");
    for query in queries {
        assert!(query["ratio"].as_f64().expect("a ratio") > 0.0, "{query}");
        assert!(query["database"]["samples"].as_u64().expect("samples") >= 20, "{query}");
    }
    let product = |style: &str| queries.iter().find(|q| q["id"] == "product" && q["style"] == style);
    let (pooled, connecting) =
        (product("pooled").expect("pooled"), product("connect-per-query").expect("connecting"));
    assert!(
        connecting["database"]["p50_ms"].as_f64() > pooled["database"]["p50_ms"].as_f64(),
        "a connection for every query must cost more than a pooled one: {queries:?}"
    );
    let stages = results["load"]["stages"].as_array().expect("stages");
    assert!(stages.iter().all(|s| s["cache"]["errors"] == 0 && s["database"]["errors"] == 0), "{stages:?}");
    assert!(stages.iter().any(|s| s["cache"]["hit_ratio"].as_f64() > Some(0.5)), "{stages:?}");
    // The walk started the sandbox, so it stopped it; no engine is left.
    assert_eq!(home.run(&["sandbox", "status"]).code, Some(14));
    assert_eq!(home.processes(), []);
}

#[test]
fn without_engines_measuring_steps_are_skipped() {
    let home = Home::new().without_engines();
    home.run(&["--sandbox", "--yes"]).expect(0);
    let status = home.run(&["status", &only_session(&home), "--json"]).expect(0).json();
    assert_eq!(status["state"], "closed", "{status}");
    assert!(status["skipped"]["compare"].as_str().expect("a reason").contains("engine"), "{status}");
    // Steps that were left out are not counted as done.
    let steps = |field: &str| status[field].as_u64().expect("a number");
    assert_eq!(steps("steps_left_out"), status["skipped"].as_object().map_or(0, |s| s.len() as u64));
    assert_eq!(steps("steps_done") + steps("steps_left_out"), steps("steps_total"), "{status}");
    assert!(steps("steps_done") >= 8, "{status}");
}

#[test]
fn all_adds_the_failover_lesson_and_the_experiments() {
    let home = Home::new();
    // The printed policy is enforced here too, because walks without engines send no commands and have no failover.
    home.serve_under(&policy_file(), &[]);
    let said = home.run(&["--sandbox", "--yes", "--all"]).expect(0);
    let status = home.run(&["status", &only_session(&home), "--json"]).expect(0).json();
    let measured = &status["measured"];
    let failover = &measured["failover"];
    assert_eq!(failover["promoted"], true, "{failover}");
    assert_eq!(failover["never_written"], 0, "{failover}");
    assert!(failover["degraded"]["seconds"].as_f64() <= Some(3.0), "{failover}");
    for kind in ["warming", "invalidation", "stampede", "write-through", "ttl-sweep", "eviction"] {
        let columns = measured[kind]["columns"].as_array().map_or(0, Vec::len);
        assert!(columns > 0, "{kind} measured nothing: {}", measured[kind]);
    }
    // The lesson set the other eviction policy on the session's own cache, and put the first one back.
    let eviction = &measured["eviction"];
    assert_eq!(eviction["columns"], serde_json::json!(["allkeys-lru", "allkeys-lfu"]), "{eviction}");
    let rows = eviction["rows"].as_array().expect("rows");
    let kept = rows.iter().find(|row| row["id"] == "hot_kept").expect("what is left of the hot keys");
    assert!(kept["values"][1].as_f64() > kept["values"][0].as_f64(), "{kept}");
    let calls = home.run(&["sandbox", "calls", "--json"]).expect(0).json();
    let set = |call: &&serde_json::Value| call["operation"] == "ModifyCacheParameterGroup";
    assert_eq!(calls.as_array().expect("calls").iter().filter(set).count(), 3, "made, tried, put back");
    assert!(said.out.contains("Put back: maxmemory-policy=allkeys-lru."), "{}", said.out);
    let queries = measured["stampede"]["rows"][1]["values"].as_array().expect("values");
    assert_eq!(queries[1], 1.0, "single-flight asks once: {}", measured["stampede"]);
    assert!(said.out.lines().all(|l| l.chars().count() <= 80), "a line is wider than 80:\n{}", said.out);
}
