//! A real promotion of a real replica under load: what `failover` reports against what the engines did.

use crate::engines::{Engines, pause, turn};
use std::process::Stdio;
use std::time::{Duration, Instant};

#[test]
fn a_promotion_under_load_is_seen_measured_and_survived() {
    let _turn = turn();
    let engines = Engines::with_shop();
    let (_replica, replica_port) = engines.start_replica();
    let text = engines.config_text().replacen(
        "\"tls\":true,",
        &format!("\"reader_host\":\"127.0.0.1\",\"reader_port\":{replica_port},\"tls\":true,"),
        1,
    );
    let progress = engines.path("progress");
    let mut command = engines.demo(&["failover", "--json", "--seconds", "40", "--writes", "0.2"]);
    engines.config(&text);
    let child = command.arg("--progress").arg(&progress).stdout(Stdio::piped()).spawn().expect("starts");
    let deadline = Instant::now() + Duration::from_secs(20);
    while !std::fs::read_to_string(&progress).unwrap_or_default().contains("promote the replica now") {
        assert!(Instant::now() < deadline, "it never said that it is ready");
        pause(Duration::from_millis(20));
    }
    pause(Duration::from_secs(1));
    // As the sandbox does it: the replica becomes primary, takes the primary's address, and the old one follows it.
    let (old, new) = (engines.redis_port.to_string(), replica_port.to_string());
    let replica = |args: &[&str]| engines.redis_cli_at(replica_port, args);
    // Writes that the old primary confirms from here on are lost: the replica no longer follows.
    replica(&["REPLICAOF", "NO", "ONE"]);
    pause(Duration::from_millis(50));
    engines.redis_cli(&["REPLICAOF", "127.0.0.1", &new]);
    engines.redis_cli(&["CONFIG", "SET", "masterauth", crate::engines::REDIS_PASSWORD]);
    engines.redis_cli(&["CONFIG", "SET", "tls-replication", "yes"]);
    engines.redis_cli(&["CONFIG", "SET", "tls-port", "0"]);
    assert_eq!(replica(&["CONFIG", "SET", "tls-port", &old]).trim(), "OK");
    let output = child.wait_with_output().expect("ends");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(output.status.success(), "{text}");
    let line = text.lines().last().expect("a result");
    assert!(line.len() <= 20_000);
    let result: serde_json::Value = serde_json::from_str(line).expect("JSON");
    assert_eq!(result["promoted"], true, "{result}");
    assert_eq!(result["never_written"], 0, "{result}");
    let number = |name: &str| result[name].as_f64().expect("a number");
    assert!(number("requests") > 1_000.0 && number("errors") < number("requests") / 100.0, "{result}");
    let degraded = result["degraded"]["seconds"].as_f64().expect("a number");
    assert!(degraded <= 3.0, "degraded for {degraded} s: {result}");
    assert!(number("reader_reads") > 100.0, "{result}");
    // 50 ms of writes at 20 % of a busy service: some were confirmed by a primary that nobody follows any more.
    assert!(number("lost_writes") > 0.0 && number("lost_oldest_ms") > 0.0, "{result}");
    crate::schema::check(&result);
    assert_eq!(engines.redis_cli(&["--scan", "--pattern", "rw:v1:run-*"]).trim(), "", "no keys are left");
}

#[test]
fn without_a_promotion_it_is_an_ordinary_run() {
    let _turn = turn();
    let engines = Engines::with_shop();
    let result = engines.result(&["failover", "--seconds", "1.5", "--users", "10"]);
    assert_eq!((&result["promoted"], &result["errors"]), (&false.into(), &0.into()), "{result}");
    assert_eq!((&result["stale_reads"], &result["lost_writes"]), (&0.into(), &0.into()), "{result}");
    crate::schema::check(&result);
}
