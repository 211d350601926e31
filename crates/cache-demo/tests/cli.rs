//! The command line: exit statuses, refusals, secrets, progress, interruption.

use crate::engines::{Engines, MYSQL_PASSWORD, REDIS_PASSWORD, pause, turn};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

fn code_and_text(output: &Output) -> (Option<i32>, String) {
    let text = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    (output.status.code(), String::from_utf8_lossy(&text).into_owned())
}

#[test]
fn each_mistake_has_its_exit_status_and_shows_no_secret() {
    let _turn = turn();
    let engines = Engines::start("512mb");
    let good = engines.config_text();
    let ca = engines.path("ca.pem").display().to_string();
    let other = engines.path("other-ca.pem").display().to_string();
    let redis = format!("\"port\":{}", engines.redis_port);
    let mysql = format!("\"port\":{}", engines.mysql_port);
    let cases = [
        ("redis unreachable", good.replace(&redis, "\"port\":1"), 3, "does not answer"),
        ("mysql unreachable", good.replace(&mysql, "\"port\":1"), 4, "does not answer"),
        ("wrong redis password", good.replace(REDIS_PASSWORD, "wrong-redis-pw"), 5, "refuses the password"),
        (
            "no redis password",
            good.replace(&format!(",\"password\":\"{REDIS_PASSWORD}\""), ""),
            5,
            "wants a password",
        ),
        ("wrong mysql password", good.replace(MYSQL_PASSWORD, "wrong-mysql-pw"), 5, "refuses user admin"),
        ("wrong authority", good.replace(&ca, &other), 5, "not signed by an authority"),
        (
            "wrong authority of MySQL alone",
            good.replacen("\"ca\":", &format!("\"mysql_ca\":\"{other}\",\"ca\":"), 1),
            5,
            "MySQL",
        ),
        ("wrong name", good.replacen("127.0.0.1", "127.0.0.2", 1), 3, "does not answer"),
        ("redis without TLS", good.replacen("\"tls\":true", "\"tls\":false", 1), 3, "rediss://"),
        ("tls to mysql's port", good.replace(&redis, &mysql), 5, "No TLS"),
        ("no such database", good.replace("\"shop\"", "\"nowhere\""), 5, "refuses user"),
        ("damaged", "{".to_owned(), 2, "not valid JSON"),
    ];
    for (name, text, exit, message) in cases {
        let mut command = engines.demo(&["check"]);
        engines.config(&text);
        let (code, text) = code_and_text(&command.output().expect("starts"));
        assert_eq!(code, Some(exit), "{name}: {text}");
        assert!(text.contains(message), "{name}: {text}");
        for secret in [REDIS_PASSWORD, MYSQL_PASSWORD, "wrong-redis-pw", "wrong-mysql-pw"] {
            assert!(!text.contains(secret), "{name} shows a password: {text}");
        }
    }
    let missing = engines.demo(&["compare"]).output().expect("starts");
    let (code, text) = code_and_text(&missing);
    assert_eq!((code, text.contains("Run `load-data` first")), (Some(6), true), "{text}");
    let foreign = good.replace("\"shop\"", "\"theirs\"");
    let mut command = engines.demo(&["load-data", "--json"]);
    engines.config(&foreign);
    let (code, text) = code_and_text(&command.output().expect("starts"));
    assert_eq!((code, text.contains("may be somebody's data")), (Some(6), true), "{text}");
    assert!(text.contains(r#"{"type":"error","kind":"measurement-failed","exit":6"#), "{text}");
}

#[test]
fn a_full_server_says_so() {
    let _turn = turn();
    let engines = Engines::with_shop();
    // No connection is left for us: all of them are taken, and none is set aside for an account like ours.
    engines.mysql_root("SET GLOBAL max_connections = 10");
    let taken: Vec<mysql::Conn> =
        std::iter::from_fn(|| mysql::Conn::new(engines.mysql_opts("admin")).ok()).collect();
    assert!((9..=11).contains(&taken.len()), "{} connections", taken.len());
    let (code, text) = code_and_text(&engines.demo(&["check"]).output().expect("starts"));
    assert_eq!((code, text.contains("has no connection left")), (Some(4), true), "{text}");
    drop(taken);
    // The server takes its time to notice that they are gone.
    engines.mysql_root("SET GLOBAL max_connections = 151");

    // Redis is full and evicts nothing.
    engines.redis_cli(&["CONFIG", "SET", "maxmemory-policy", "noeviction"]);
    engines.redis_cli(&["CONFIG", "SET", "maxmemory", "1"]);
    let (code, text) = code_and_text(&engines.demo(&["patterns"]).output().expect("starts"));
    assert_eq!((code, text.contains("is full and its policy evicts nothing")), (Some(6), true), "{text}");
}

#[test]
fn usage_needs_no_engine() {
    let run = |args: &[&str]| {
        code_and_text(&Command::new(env!("CARGO_BIN_EXE_cache-demo")).args(args).output().expect("starts"))
    };
    assert_eq!(run(&["--help"]).0, Some(0));
    assert!(run(&["--version"]).1.starts_with("cache-demo "));
    let (code, text) =
        run(&["check", "--redis-url", "rediss://:hunter2@h", "--mysql-url", "mysql://a@h/shop"]);
    assert_eq!(code, Some(2));
    assert!(text.contains("refused") && !text.contains("hunter2"), "{text}");
    assert_eq!(run(&["frobnicate"]).0, Some(2));
    assert_eq!(run(&["check", "--config", "/nonexistent"]).0, Some(2));
}

#[test]
fn urls_with_passwords_from_the_environment_work() {
    let _turn = turn();
    let engines = Engines::start("512mb");
    let output = Command::new(env!("CARGO_BIN_EXE_cache-demo"))
        .env("REDIS_PASSWORD", REDIS_PASSWORD)
        .env("MYSQL_PASSWORD", MYSQL_PASSWORD)
        .arg("check")
        .args(["--redis-url", &format!("rediss://127.0.0.1:{}", engines.redis_port)])
        .args(["--mysql-url", &format!("mysql://admin@127.0.0.1:{}/shop", engines.mysql_port)])
        .args(["--reader-url", &format!("rediss://127.0.0.1:{}", engines.redis_port)])
        .arg("--ca")
        .arg(engines.path("ca.pem"))
        .output()
        .expect("starts");
    let (code, text) = code_and_text(&output);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("TLSv1.") && text.contains("reader is a master"), "{text}");
}

/// Starts a load, sends it SIGINT as soon as its progress says so, and returns what it printed.
fn interrupted(engines: &Engines, args: &[&str], when: &str) -> Output {
    let progress = engines.path("progress");
    let _ = std::fs::remove_file(&progress);
    let child = engines
        .demo(&[&["load", "--seconds", "4"], args].concat())
        .arg("--progress")
        .arg(&progress)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("starts");
    let deadline = Instant::now() + Duration::from_mins(1);
    while !std::fs::read_to_string(&progress).unwrap_or_default().contains(when) {
        assert!(Instant::now() < deadline, "{when} never came");
        pause(Duration::from_millis(20));
    }
    let status = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill runs");
    assert!(status.success());
    // That it did not run to its end shows in what it prints.
    let output = child.wait_with_output().expect("ends");
    assert_eq!(output.status.code(), Some(130));
    output
}

#[test]
fn an_interrupted_load_prints_what_it_has() {
    let _turn = turn();
    let engines = Engines::with_shop();
    let json = |output: Output| {
        let text = String::from_utf8(output.stdout).expect("UTF-8");
        // A runner that cuts at 24,000 characters must still see the result.
        assert!(text.len() < 24_000);
        let last = text.lines().last().expect("a result");
        let last: serde_json::Value = serde_json::from_str(last).expect("JSON");
        assert_eq!((&last["type"], &last["interrupted"]), (&"result".into(), &true.into()));
        crate::schema::check(&last);
        last
    };
    // In the middle of the second stage: the first is whole.
    let result = json(interrupted(&engines, &["--json", "--users", "2,4"], "4 users"));
    assert_eq!(result["stages"][0]["users"], 2);
    assert!(result["stages"][0]["database"]["requests"].as_u64() > Some(0), "{result}");

    // While the database alone has its first turn: what the cache did is there, and nothing else is made up.
    let result = json(interrupted(&engines, &["--json", "--users", "3"], "3 users, database alone"));
    assert!(result["stages"][0]["cache"]["requests"].as_u64() > Some(0), "{result}");

    // For people: the table of what was measured, and a word about it.
    let output = interrupted(&engines, &["--users", "2,4"], "4 users");
    let (text, note) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(
        text.contains("database alone") && text.contains("Circuits: Redis opened 0 times, closed"),
        "{text}"
    );
    assert!(note.contains("Interrupted: this is what was measured until then."), "{note}");
}
