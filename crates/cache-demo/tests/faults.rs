//! Every subcommand against every fault that is cheap to make: each is a clear failure with its exit status, or a result.

use crate::engines::{Engines, MYSQL_PASSWORD, REDIS_PASSWORD, pause, turn};
use crate::schema;
use cache_demo::command::Command as Sub;
use serde_json::Value;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

/// A subcommand with options that make it short.
fn short(command: Sub) -> Vec<&'static str> {
    let options: &[&str] = match command {
        Sub::Compare => &["--rounds", "1", "--seconds-per-side", "0.1"],
        Sub::Load => &["--users", "2", "--seconds", "0.2"],
        Sub::Stampede => &["--waiters", "20"],
        Sub::WriteThrough | Sub::Warming | Sub::Invalidation | Sub::TtlSweep => {
            &["--users", "2", "--seconds", "0.2"]
        }
        Sub::Failover => &["--users", "2", "--seconds", "0.5"],
        Sub::Check | Sub::LoadData | Sub::Patterns | Sub::Eviction => &[],
    };
    [&[command.name()], options].concat()
}

/// What lets the eviction experiment begin on a server of one's own; without it, it is over at once.
fn configuring(command: Sub) -> Option<&'static str> {
    (command == Sub::Eviction).then_some("--may-configure")
}

/// The last line that a run printed, after a look at the schema.
fn last(output: &Output) -> Value {
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().last().unwrap_or_else(|| panic!("nothing was printed: {output:?}"));
    let value: Value = serde_json::from_str(line).expect("JSON");
    schema::check(&value);
    value
}

/// Runs it; answers the exit status and the last line.
fn run(engines: &Engines, command: Sub, config: Option<&str>) -> (Option<i32>, Value) {
    let mut demo = engines.demo(&short(command));
    if let Some(text) = config {
        engines.config(text);
    }
    let output = demo.arg("--json").output().expect("starts");
    (output.status.code(), last(&output))
}

#[test]
fn no_subcommand_begins_without_its_engines() {
    let _turn = turn();
    let engines = Engines::with_shop();
    let good = engines.config_text();
    let (redis, mysql) =
        (format!("\"port\":{}", engines.redis_port), format!("\"port\":{}", engines.mysql_port));
    let ca = |name: &str| engines.path(name).display().to_string();
    let faults = [
        ("Redis unreachable", good.replace(&redis, "\"port\":1"), 3, "does not answer"),
        ("MySQL unreachable", good.replace(&mysql, "\"port\":1"), 4, "does not answer"),
        ("Redis's password", good.replace(REDIS_PASSWORD, "wrong"), 5, "refuses the password"),
        ("MySQL's password", good.replace(MYSQL_PASSWORD, "wrong"), 5, "refuses user admin"),
        (
            "another authority",
            good.replace(&ca("ca.pem"), &ca("other-ca.pem")),
            5,
            "not signed by an authority",
        ),
    ];
    for command in Sub::ALL {
        for (name, config, exit, words) in &faults {
            let (code, error) = run(&engines, command, Some(config));
            let what = format!("{}, {name}: {error}", command.name());
            assert_eq!((code, &error["type"]), (Some(*exit), &"error".into()), "{what}");
            let said =
                [&error["what"], &error["means"]].map(|text| text.as_str().unwrap_or_default()).concat();
            assert!(said.contains(words), "{what}");
            assert!(error["hint"].as_str().is_some_and(|hint| !hint.is_empty()), "{what}");
        }
    }
    // And a database that has no connection left.
    engines.mysql_root("SET GLOBAL max_connections = 10");
    let taken: Vec<mysql::Conn> =
        std::iter::from_fn(|| mysql::Conn::new(engines.mysql_opts("admin")).ok()).collect();
    for command in Sub::ALL {
        let (code, error) = run(&engines, command, None);
        let what = error["what"].as_str().unwrap_or_default();
        assert_eq!(
            (code, what.contains("has no connection left")),
            (Some(4), true),
            "{}: {error}",
            command.name()
        );
    }
    drop(taken);
}

/// What a cache that takes no writes does to each: an exit status, and words of the failure where there is one.
fn unwritable(command: Sub, words: &'static str) -> (i32, &'static str) {
    // What is not stored is loaded again, and counted; but a replica refuses to remove keys as well.
    let full = words.contains("full");
    match command {
        // The last begins with a look at the policy, which is that nothing is evicted.
        Sub::Check | Sub::LoadData | Sub::Eviction => (0, ""),
        Sub::Compare if full => (6, "did not keep what was stored"),
        Sub::Patterns => (6, words),
        _ if full => (0, ""),
        _ => (6, words),
    }
}

#[test]
fn a_cache_that_takes_no_writes_is_said_or_survived() {
    let _turn = turn();
    let engines = Engines::with_shop();
    engines.redis_cli(&["CONFIG", "SET", "maxmemory-policy", "noeviction"]);
    let full = (["CONFIG", "SET", "maxmemory", "1"], "is full and its policy evicts nothing");
    let replica = (["REPLICAOF", "127.0.0.1", "1", ""], "is a replica and takes no writes");
    for (how, words) in [full, replica] {
        let how: Vec<&str> = how.into_iter().filter(|word| !word.is_empty()).collect();
        engines.redis_cli(&how);
        for command in Sub::ALL {
            let (exit, said) = unwritable(command, words);
            let (code, value) = run(&engines, command, None);
            assert_eq!(code, Some(exit), "{}, {words}: {value}", command.name());
            // A failure is a line of its own, or in the result of what was measured before it.
            let failure = if value["type"] == "error" { &value } else { &value["error"] };
            let what = failure["what"].as_str().unwrap_or_default();
            assert!(what.contains(said), "{}, {words}: {value}", command.name());
        }
        engines.redis_cli(&["CONFIG", "SET", "maxmemory", "512mb"]);
    }
}

#[test]
fn cut_connections_are_survived_or_leave_what_was_measured() {
    let _turn = turn();
    let engines = Engines::with_shop();
    // load and invalidation have tests of their own; check and load-data are over too soon.
    let apart = [Sub::Check, Sub::LoadData, Sub::Load, Sub::Invalidation];
    for command in Sub::ALL.into_iter().filter(|command| !apart.contains(command)) {
        let child = engines
            .demo(&short(command))
            .args(configuring(command))
            .arg("--json")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("starts");
        let mut child = Some(child);
        while child.as_mut().is_some_and(|child| child.try_wait().expect("a child").is_none()) {
            engines.redis_cli(&["CLIENT", "KILL", "TYPE", "normal"]);
            engines.mysql_root("KILL USER admin");
            pause(Duration::from_millis(40));
        }
        let output = child.take().expect("a child").wait_with_output().expect("ends");
        let (code, value) = (output.status.code(), last(&output));
        let failure = if value["type"] == "error" { &value } else { &value["error"] };
        match code {
            Some(0) => assert!(failure.is_null(), "{value}"),
            // A connection that is cut while it greets looks like a server without TLS.
            Some(3..=6) => assert!(failure["what"].as_str().is_some_and(|w| !w.is_empty()), "{value}"),
            other => panic!("{}: {other:?}: {value}", command.name()),
        }
    }
}

#[test]
fn after_ctrl_c_each_subcommand_prints_what_it_has() {
    let _turn = turn();
    let engines = Engines::with_shop();
    let progress = engines.path("progress");
    // What is left of the shop after the last of them is of no use to the others.
    let others = Sub::ALL.into_iter().filter(|command| *command != Sub::LoadData);
    for command in others.chain([Sub::LoadData]) {
        // As soon as both engines answer, which is before or in the warm-up; check is over by then.
        let when = if command == Sub::Check { "connect" } else { "both engines answer" };
        let _ = std::fs::remove_file(&progress);
        let mut demo = engines.demo(&[command.name(), "--json"]);
        demo.args(configuring(command));
        if command == Sub::LoadData {
            demo.args(["--seed", "7"]);
        }
        demo.arg("--progress").arg(&progress).stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = demo.spawn().expect("starts");
        let deadline = Instant::now() + Duration::from_secs(20);
        let seen = || std::fs::read_to_string(&progress).unwrap_or_default();
        // Whatever comes after it will do as well.
        while seen().is_empty()
            || (when != "connect" && seen().contains("\"stage\":\"connect\"") && !seen().contains(when))
        {
            assert!(Instant::now() < deadline, "{}: {when} never came", command.name());
            pause(Duration::from_millis(1));
        }
        assert!(
            Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill").success()
        );
        let output = child.wait_with_output().expect("ends");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        match output.status.code() {
            // It was quicker.
            Some(0) if command == Sub::Check => {}
            Some(130) => {
                let line = last(&output);
                if line["type"] == "result" {
                    assert_eq!(line["interrupted"], true, "{line}");
                } else {
                    assert!(said.contains("before there was anything"), "{}: {said}{line}", command.name());
                }
            }
            other => panic!("{}: {other:?} {said}", command.name()),
        }
    }
}
