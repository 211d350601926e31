//! Servers that are not the recipe's: clusters, Sentinels, replicas, users of an access control list, and a proxy that
//! ends TLS before MySQL. Each is used, or told as what it is with the next step.

use crate::engines::{Engine, Engines, MYSQL_PASSWORD, REDIS_PASSWORD, free_port, pause, turn, wait_for};
use crate::tls_proxy;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const COMPARE: [&str; 5] = ["compare", "--rounds", "1", "--seconds-per-side", "0.1"];

/// Runs the program with a configuration; returns its exit status and all that it says.
fn run(engines: &Engines, args: &[&str], config: &str) -> (Option<i32>, String) {
    let mut command = engines.demo(args);
    engines.config(config);
    let output = command.output().expect("starts");
    let text = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    let text = String::from_utf8_lossy(&text).into_owned();
    for secret in [REDIS_PASSWORD, MYSQL_PASSWORD, "user-secret"] {
        assert!(!text.contains(secret), "a password is shown: {text}");
    }
    (output.status.code(), text)
}

/// The configuration with another Redis: without TLS and without a password.
fn plain_redis(engines: &Engines, port: u16) -> String {
    let own = format!(
        r#"{{"host":"127.0.0.1","port":{},"tls":true,"password":"{REDIS_PASSWORD}"}}"#,
        engines.redis_port
    );
    let text = engines.config_text();
    assert!(text.contains(&own), "{text}");
    text.replace(&own, &format!(r#"{{"host":"127.0.0.1","port":{port}}}"#))
}

/// A server without TLS and password, with more options.
fn redis(engines: &Engines, name: &str, more: &[&str]) -> (Engine, u16) {
    let dir = engines.path(name);
    std::fs::create_dir_all(&dir).expect("directory");
    let port = free_port();
    let binary = std::env::var("CACHE_DEMO_REDIS_SERVER").unwrap_or_else(|_| "redis-server".into());
    let mut command = Command::new(binary);
    command.args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--dir"]);
    command.arg(&dir).args(more).stdout(Stdio::null()).stderr(Stdio::null());
    let engine = Engine::new(command.spawn().expect("redis-server starts"));
    wait_for(port);
    (engine, port)
}

/// What redis-cli says to a server without TLS and password.
fn ask(port: u16, args: &[&str]) -> String {
    let output = Command::new("redis-cli")
        .args(["-h", "127.0.0.1", "-p", &port.to_string()])
        .args(args)
        .output()
        .expect("redis-cli runs");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn node(engines: &Engines, name: &str) -> (Engine, u16, u16) {
    let bus = free_port();
    let (engine, port) =
        redis(engines, name, &["--cluster-enabled", "yes", "--cluster-port", &bus.to_string()]);
    (engine, port, bus)
}

fn wait_for_cluster(port: u16) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !ask(port, &["CLUSTER", "INFO"]).contains("cluster_state:ok") {
        assert!(Instant::now() < deadline, "{}", ask(port, &["CLUSTER", "INFO"]));
        pause(Duration::from_millis(50));
    }
}

#[test]
fn cluster_of_several_nodes_is_told_as_one() {
    let _turn = turn();
    let engines = Engines::with_shop();
    let (_first, port, _) = node(&engines, "first");
    let config = plain_redis(&engines, port);

    // No node has any key yet.
    for args in [&["check"][..], &COMPARE] {
        let (code, text) = run(&engines, args, &config);
        assert_eq!(code, Some(6), "{text}");
        assert!(text.contains("CLUSTERDOWN") && text.contains("CLUSTER INFO"), "{text}");
    }

    // One node with all keys serves.
    assert_eq!(ask(port, &["CLUSTER", "ADDSLOTSRANGE", "0", "16383"]).trim(), "OK");
    wait_for_cluster(port);
    for args in [&["check"][..], &COMPARE] {
        let (code, text) = run(&engines, args, &config);
        assert_eq!(code, Some(0), "{text}");
    }

    // A second one takes half of them.
    let (_second, other, bus) = node(&engines, "second");
    assert_eq!(ask(port, &["CLUSTER", "DELSLOTSRANGE", "8192", "16383"]).trim(), "OK");
    assert_eq!(ask(other, &["CLUSTER", "SET-CONFIG-EPOCH", "9"]).trim(), "OK");
    assert_eq!(ask(other, &["CLUSTER", "ADDSLOTSRANGE", "8192", "16383"]).trim(), "OK");
    let meet = ["CLUSTER", "MEET", "127.0.0.1", &other.to_string(), &bus.to_string()];
    assert_eq!(ask(port, &meet).trim(), "OK");
    wait_for_cluster(port);
    wait_for_cluster(other);
    for args in [&["check"][..], &COMPARE, &["load", "--users", "2", "--seconds", "0.2"]] {
        let (code, text) = run(&engines, args, &config);
        assert_eq!(code, Some(6), "{text}");
        assert!(text.contains("one of 2 nodes of a cluster"), "{text}");
        assert!(text.contains("cluster mode disabled"), "the next step: {text}");
        assert!(!text.contains("somebody deletes"), "{text}");
    }

    // Who may not ask for the mode meets it at the first key of the other node.
    let user = ["ACL", "SETUSER", "app", "on", ">user-secret", "~*", "&*", "+@all", "-info"];
    assert_eq!(ask(port, &user).trim(), "OK");
    let blind = config.replacen(
        &format!("\"port\":{port}}}"),
        &format!("\"port\":{port},\"user\":\"app\",\"password\":\"user-secret\"}}"),
        1,
    );
    let (code, text) = run(&engines, &COMPARE, &blind);
    assert_eq!(code, Some(6), "{text}");
    assert!(text.contains("MOVED") && !text.contains("somebody deletes"), "{text}");
    let (code, text) = run(&engines, &["check"], &blind);
    assert_eq!(code, Some(5), "{text}");
    assert!(text.contains("forbids the user app") && text.contains("+info"), "{text}");
}

#[test]
fn sentinel_is_told_as_one() {
    let _turn = turn();
    let engines = Engines::with_shop();
    let port = free_port();
    let file: PathBuf = engines.path("sentinel.conf");
    std::fs::write(&file, format!("bind 127.0.0.1\nport {port}\nsentinel monitor shop 127.0.0.1 1 1\n"))
        .expect("write");
    let binary = std::env::var("CACHE_DEMO_REDIS_SERVER").unwrap_or_else(|_| "redis-server".into());
    let mut command = Command::new(binary);
    command.arg(&file).arg("--sentinel").stdout(Stdio::null()).stderr(Stdio::null());
    let _sentinel = Engine::new(command.spawn().expect("redis-server starts"));
    wait_for(port);
    for args in [&["check"][..], &COMPARE] {
        let (code, text) = run(&engines, args, &plain_redis(&engines, port));
        assert_eq!(code, Some(6), "{text}");
        assert!(text.contains("is a Sentinel") && text.contains("get-master-addr-by-name"), "{text}");
    }
}

#[test]
fn replica_is_told_to_take_no_writes() {
    let _turn = turn();
    let engines = Engines::with_shop();
    let (_replica, port) = engines.start_replica();
    let config = engines
        .config_text()
        .replace(&format!("\"port\":{}", engines.redis_port), &format!("\"port\":{port}"));
    let (code, text) = run(&engines, &["check", "--json"], &config);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("\"role\":\"slave\""), "{text}");
    for args in [&COMPARE[..], &["stampede", "--waiters", "20"]] {
        let (code, text) = run(&engines, args, &config);
        assert_eq!(code, Some(6), "{text}");
        assert!(text.contains("is a replica and takes no writes"), "{text}");
        assert!(text.contains("Use the primary endpoint"), "{text}");
    }
}

#[test]
fn user_of_an_access_control_list_is_who_measures() {
    let _turn = turn();
    let engines = Engines::with_shop();
    let good = engines.config_text().replacen(
        &format!("\"password\":\"{REDIS_PASSWORD}\""),
        "\"user\":\"shop\",\"password\":\"user-secret\"",
        1,
    );
    let set = |rules: &[&str]| {
        let all = [&["ACL", "SETUSER", "shop"][..], rules].concat();
        assert_eq!(engines.redis_cli(&all).trim(), "OK");
    };
    let (code, text) = run(&engines, &["check"], &good);
    assert_eq!(code, Some(5), "{text}");
    assert!(text.contains("refuses the user shop"), "{text}");

    // It may look and not write.
    set(&["on", ">user-secret", "~*", "&*", "+@all", "-set"]);
    let (code, text) = run(&engines, &COMPARE, &good);
    assert_eq!(code, Some(5), "{text}");
    assert!(text.contains("forbids the user shop") && !text.contains("somebody deletes"), "{text}");

    // Nobody but this user may do anything: what is measured is measured as it.
    set(&["+@all", "resetkeys", "~rw:*"]);
    assert_eq!(engines.redis_cli(&["ACL", "SETUSER", "default", "off"]).trim(), "OK");
    for args in [&["check"][..], &COMPARE] {
        let (code, text) = run(&engines, args, &good);
        assert_eq!(code, Some(0), "{text}");
    }
    let (code, text) = run(&engines, &["check"], &engines.config_text());
    assert_eq!(code, Some(5), "the AUTH token alone is the default user's: {text}");

    // By URL and environment as well.
    for (url, user) in [("rediss://shop@127.0.0.1", None), ("rediss://127.0.0.1", Some("shop"))] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cache-demo"));
        command
            .env("REDIS_PASSWORD", "user-secret")
            .env("MYSQL_PASSWORD", MYSQL_PASSWORD)
            .env_remove("REDIS_USER");
        command.envs(user.map(|user| ("REDIS_USER", user)));
        command.args(["check", "--redis-url", &format!("{url}:{}", engines.redis_port)]);
        command.args(["--mysql-url", &format!("mysql://admin@127.0.0.1:{}/shop", engines.mysql_port)]);
        let output = command.arg("--ca").arg(engines.path("ca.pem")).output().expect("starts");
        assert!(output.status.success(), "{url}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn trusted_proxy_that_ends_tls_before_the_database_is_taken() {
    let _turn = turn();
    let engines = Engines::with_shop();
    let pem = |name: &str| std::fs::read(engines.path(name)).expect("a file");
    let port = tls_proxy::start(engines.mysql_port, &pem("server.pem"), &pem("server.key"));
    let behind = engines
        .config_text()
        .replace(&format!("\"port\":{}", engines.mysql_port), &format!("\"port\":{port}"));
    let (code, text) = run(&engines, &["check", "--json"], &behind);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("TLS, ended before the server"), "{text}");
    let (code, text) = run(&engines, &COMPARE, &behind);
    assert_eq!(code, Some(0), "{text}");

    // Its certificate is what counts: by another authority it is nobody's.
    let ca = |name: &str| engines.path(name).display().to_string();
    let other = format!("\"mysql_ca\":\"{}\",\"ca\":", ca("other-ca.pem"));
    let (code, text) = run(&engines, &["check"], &behind.replacen("\"ca\":", &other, 1));
    assert_eq!(code, Some(5), "{text}");
    assert!(text.contains("No TLS with MySQL"), "{text}");

    // A server that offers no TLS at all gets no password.
    let plain = tls_proxy::start_without_tls(engines.mysql_port);
    let config = behind.replace(&format!("\"port\":{port}"), &format!("\"port\":{plain}"));
    let (code, text) = run(&engines, &["check"], &config);
    assert_eq!(code, Some(5), "{text}");
    assert!(text.contains("offers no TLS"), "{text}");
}
