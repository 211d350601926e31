//! The engines for real: these tests need redis-server (with redis-cli) and mariadbd or mysqld on the machine.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddrV4, TcpListener};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::cache::CacheGroup;
use super::database::{Database, Master};
use super::instance::{self, RunRequest};
use super::{Engines, Preference, ca, pick_addresses};
use crate::system::alias::plain_dir;

const TOKEN: &str = "a-token-of-tests-0123456789";

fn free_port() -> u16 {
    let probe = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("bind");
    probe.local_addr().expect("address").port()
}

fn cli(dir: &Path, to: SocketAddrV4, token: &str, words: &[&str]) -> String {
    let output = Command::new("redis-cli")
        .env("REDISCLI_AUTH", token)
        .args(["--tls", "--no-auth-warning", "--cacert"])
        .arg(dir.join("ca/ca.pem"))
        .args(["-h", &to.ip().to_string(), "-p", &to.port().to_string()])
        .args(words)
        .output()
        .expect("redis-cli must be installed: apt-get install redis-server");
    String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).trim().to_owned()
}

fn group(settings: &[(&str, &str)]) -> CacheGroup {
    let settings: BTreeMap<_, _> = settings.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
    let nodes = ["t-001".to_owned(), "t-002".to_owned()];
    CacheGroup::plan("t", &nodes, free_port(), true, settings, &|_| false).expect("addresses")
}

fn engines(dir: &Path) -> Arc<Engines> {
    ca::ca_pem(dir).expect("authority");
    Engines::start(dir, Preference::Any).expect("engines")
}

#[tokio::test(flavor = "multi_thread")]
async fn cache_over_tls_survives_the_loss_of_its_primary() {
    let dir = plain_dir();
    let dir = dir.path();
    let engines = engines(dir);
    let group =
        group(&[("maxmemory", "33554432"), ("maxmemory-policy", "allkeys-lru"), ("no-such-setting", "1")]);
    engines.prepare_cache(&group, Some(TOKEN)).expect("prepared");
    engines.start_cache(&group).await.expect("started");
    assert_eq!(engines.status().len(), 2);

    let (primary, reader) = (group.primary_endpoint, group.reader_endpoint);
    assert_eq!(cli(dir, primary, TOKEN, &["SET", "k", "v"]), "OK");
    assert_eq!(cli(dir, primary, TOKEN, &["WAIT", "1", "2000"]), "1");
    assert_eq!(cli(dir, reader, TOKEN, &["GET", "k"]), "v");
    assert!(cli(dir, reader, TOKEN, &["SET", "k", "w"]).starts_with("READONLY"));
    assert!(cli(dir, primary, TOKEN, &["INFO", "memory"]).contains("maxmemory_policy:allkeys-lru"));
    assert!(cli(dir, primary, "wrong-token-wrong-token", &["PING"]).contains("WRONGPASS"));
    assert!(cli(dir, primary, "", &["PING"]).contains("NOAUTH"));
    for words in
        [&["CONFIG", "GET", "maxmemory"][..], &["REPLICAOF", "NO", "ONE"], &["SHUTDOWN"], &["DEBUG", "x"]]
    {
        let answer = cli(dir, primary, TOKEN, words);
        assert!(answer.contains("unknown command"), "{words:?}: {answer}");
    }
    assert!(cli(dir, primary, TOKEN, &["ACL", "SETUSER", "x"]).contains("NOPERM"));
    assert_eq!(cli(dir, primary, TOKEN, &["ACL", "WHOAMI"]), "default");

    engines.kill(&group.primary);
    let next = engines.promote_replica(&group).await.expect("promoted").expect("there is a replica");
    assert_eq!(next.primary, "t-002");
    assert_eq!(cli(dir, next.primary_endpoint, TOKEN, &["SET", "k2", "v2"]), "OK");
    assert_eq!(next.primary_endpoint, primary, "the endpoint stays");
    engines.return_as_replica(&next).await.expect("back");
    assert_eq!(cli(dir, next.reader_endpoint, TOKEN, &["GET", "k2"]), "v2");
    assert!(cli(dir, next.reader_endpoint, TOKEN, &["ROLE"]).starts_with("slave"));

    engines.set_cache_token(&next, "another-token-0123456789", false).await.expect("rotated");
    assert!(cli(dir, primary, TOKEN, &["PING"]).contains("WRONGPASS"));
    assert_eq!(cli(dir, primary, "another-token-0123456789", &["PING"]), "PONG");

    engines.stop_cache(&next, true).await.expect("stopped");
    assert!(engines.status().is_empty());
    assert!(!dir.join("engines/cache/t").exists());
    engines.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_keeps_its_data_when_it_is_killed() {
    let dir = plain_dir();
    let engines = engines(dir.path());
    let listen = pick_addresses(1, free_port(), &|_| false).expect("address")[0];
    let database = Database { id: "db".into(), home: "db-home".into(), listen, max_connections: 50 };
    let master = Master { user: "admin".into(), password: r"it's\a!password".into() };
    engines.prepare_database("db-home", &master, Some("shop")).expect("prepared");
    engines.start_database(&database).await.expect("started");
    let home = dir.path().join("engines/database/db-home");
    assert!(home.join("data/shop").is_dir(), "the initial database");
    assert!(!home.join("first.sql").exists(), "the password is on no disk");
    assert!(!format!("{master:?}").contains("password"));

    engines.kill("db");
    engines.ended("db-home").await.expect("it was running");
    engines.start_database(&database).await.expect("started again");
    assert!(home.join("data/shop").is_dir());
    assert_eq!(engines.status()[0].resource, "db");
    engines.stop_database(&database, true).await.expect("stopped");
    assert!(!home.exists());
    engines.stop().await;
}

fn script(dir: &Path, script: &str) -> RunRequest {
    RunRequest {
        instance_dir: instance::directory(dir, "i-1"),
        script: script.to_owned(),
        env: vec![("GIVEN".into(), "yes".into())],
        timeout: Duration::from_secs(20),
        working_directory: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_runs_scripts_in_a_clean_environment() {
    let dir = plain_dir();
    instance::create(dir.path(), "i-1").expect("created");
    let home = instance::directory(dir.path(), "i-1");
    let text = "echo $GIVEN; command -v aws; pwd; echo ${CARGO_MANIFEST_DIR:-clean}; echo oops >&2; exit 7";
    let outcome = instance::run(script(dir.path(), text)).await.expect("ran");
    assert_eq!(outcome.exit_code, Some(7));
    let real = home.canonicalize().expect("home");
    let expected =
        format!("yes\n{}\n{}\nclean\n", home.join("bin/aws").display(), real.join("home").display());
    assert_eq!(String::from_utf8_lossy(&outcome.stdout), expected);
    assert_eq!(outcome.stderr, b"oops\n");
    let left: Vec<_> = std::fs::read_dir(home.join("tmp")).expect("tmp").collect();
    assert!(left.is_empty(), "{left:?}");

    let mut bad = script(dir.path(), "true");
    bad.working_directory = Some("/no/such/directory".into());
    assert_eq!(instance::run(bad).await.expect("ran").exit_code, Some(1));
    instance::remove(dir.path(), "i-1").expect("removed");
    assert!(!home.exists());
}

/// Whether a process with this number exists and has not ended.
fn lives(pid: &str) -> bool {
    let state = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    !state.is_empty() && !state.contains(") Z ")
}

fn gone_soon(pid: &str) -> bool {
    let until = Instant::now() + Duration::from_secs(5);
    while lives(pid) && Instant::now() < until {
        std::thread::yield_now();
    }
    !lives(pid)
}

#[tokio::test(flavor = "multi_thread")]
async fn script_past_its_time_ends_with_all_it_started() {
    let dir = plain_dir();
    instance::create(dir.path(), "i-1").expect("created");
    let mut request = script(dir.path(), "sleep 300 & echo $!; wait");
    request.timeout = Duration::from_millis(300);
    let outcome = instance::run(request).await.expect("ran");
    let said = String::from_utf8_lossy(&outcome.stderr);
    assert!(outcome.timed_out && outcome.exit_code.is_none(), "{outcome:?}: {said}");
    let pid = String::from_utf8_lossy(&outcome.stdout).trim().to_owned();
    assert!(gone_soon(&pid), "{pid} lives on");
    instance::remove(dir.path(), "i-1").expect("removed");
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn background_work_lives_until_its_instance_is_removed() {
    let dir = plain_dir();
    // Many times, because it may be met while it becomes `setsid` or `sleep`, when it shows no environment.
    for _ in 0..20 {
        instance::create(dir.path(), "i-1").expect("created");
        let outcome = instance::run(script(dir.path(), "nohup setsid sleep 300 >/dev/null 2>&1 & echo $!"))
            .await
            .expect("ran");
        assert_eq!(outcome.exit_code, Some(0));
        let pid = String::from_utf8_lossy(&outcome.stdout).trim().to_owned();
        assert!(lives(&pid));
        instance::remove(dir.path(), "i-1").expect("removed");
        assert!(gone_soon(&pid), "{pid} outlived its instance");
    }
}
