//! Tests of the configuration.

use super::*;
use std::os::unix::fs::PermissionsExt;

const FULL: &str = r#"{"redis":{"host":"127.1.2.3","port":6379,"reader_host":"127.1.2.4","tls":true,"password":"secret-one"},
  "mysql":{"host":"127.1.2.5","port":3306,"tls":true,"user":"admin","database":"shop","password":"secret-two"},"ca":null}"#;

fn file(text: &str, mode: u32) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().expect("temp file");
    std::fs::write(file.path(), text).expect("write");
    std::fs::set_permissions(file.path(), std::fs::Permissions::from_mode(mode)).expect("chmod");
    file
}

fn from_file(path: &Path) -> Result<Config, Failure> {
    Config::resolve(&Connect::File { path: path.to_owned(), ca: None }, |_| Some("from-env".into()))
}

fn from_urls(redis: &str, mysql: &str) -> Result<Config, Failure> {
    let connect = Connect::Urls { redis: redis.into(), mysql: mysql.into(), reader: None, ca: None };
    Config::resolve(&connect, |name| Some(format!("env-{name}")))
}

#[test]
fn a_private_file_is_read_and_its_passwords_win() {
    let config = from_file(file(FULL, 0o600).path()).expect("valid");
    assert_eq!(config.redis.password.as_ref().map(Secret::expose), Some("secret-one"));
    assert_eq!(config.redis.reader_host.as_deref(), Some("127.1.2.4"));
    assert!(config.mysql.tls && config.ca.is_none());
}

#[test]
fn a_file_that_others_can_read_is_refused() {
    for mode in [0o644, 0o640, 0o604, 0o660] {
        let failure = from_file(file(FULL, mode).path()).expect_err("readable by others");
        assert!(failure.hint.contains("chmod 600"), "{failure}");
    }
}

#[test]
fn a_damaged_file_is_explained_without_its_content() {
    for text in
        ["{", "[]", &FULL.replace("6379", "\"secret-one\""), &FULL.replace("\"port\"", "\"prot\""), ""]
    {
        let failure = from_file(file(text, 0o600).path()).expect_err("damaged");
        assert!(!failure.to_string().contains("secret-one"), "{failure}");
    }
    let missing = from_file(file(r#"{"redis":{"host":"h"}}"#, 0o600).path()).expect_err("missing");
    assert!(missing.what.contains("missing field `mysql`"), "{missing}");
}

#[test]
fn urls_take_passwords_from_the_environment() {
    let config = from_urls("rediss://h:7", "mysql://admin@d/shop").expect("valid");
    assert_eq!(config.redis.password.as_ref().map(Secret::expose), Some("env-REDIS_PASSWORD"));
    assert_eq!((config.redis.port, config.mysql.port), (7, 3306));
    assert!(config.redis.tls && config.mysql.tls);
    assert!(!from_urls("redis://h", "mysql+plain://a@d/shop").expect("valid").mysql.tls);
    let shown = format!("{config:?}");
    assert!(!shown.contains("env-REDIS_PASSWORD") && !shown.contains("env-MYSQL_PASSWORD"));
}

#[test]
fn urls_that_cannot_work_are_refused() {
    for (redis, mysql) in [
        ("http://h", "mysql://a@d/shop"),
        ("redis://h", "mysql://d/shop"),
        ("redis://h", "mysql://a@d"),
        ("redis://h/3", "mysql://a@d/shop"),
        ("redis://h", "mysql://a@d/sh`op"),
    ] {
        assert!(from_urls(redis, mysql).is_err(), "{redis} {mysql}");
    }
}

#[test]
fn user_of_the_cache_comes_from_file_url_or_environment() {
    let with = FULL.replace("\"password\":\"secret-one\"", "\"user\":\"app\",\"password\":\"secret-one\"");
    let config = from_file(file(&with, 0o600).path()).expect("valid");
    assert_eq!(config.redis.user.as_deref(), Some("app"), "the file's wins over the environment's");
    let config = from_urls("rediss://app@h", "mysql://a@d/shop").expect("valid");
    assert_eq!(config.redis.user.as_deref(), Some("app"));
    assert_eq!(config.redis.password.as_ref().map(Secret::expose), Some("env-REDIS_PASSWORD"));
    let connect = |redis: &str, reader: Option<&str>, env: &dyn Fn(&str) -> Option<String>| {
        let reader = reader.map(str::to_owned);
        let connect =
            Connect::Urls { redis: redis.into(), mysql: "mysql://a@d/shop".into(), reader, ca: None };
        Config::resolve(&connect, env)
    };
    let password = |name: &str| (name == "REDIS_PASSWORD").then(|| "p".to_owned());
    assert_eq!(
        connect("rediss://h", None, &password).expect("valid").redis.user,
        None,
        "none is the default user"
    );
    // Without a password the client would send no user either.
    let failure = connect("rediss://app@h", None, &|_| None).expect_err("no password");
    assert!(failure.what.contains("app"), "{failure}");
    assert!(connect("rediss://app@h", Some("rediss://app@r"), &password).is_ok());
    assert!(connect("rediss://app@h", Some("rediss://other@r"), &password).is_err());
    for user in ["a b", "", "a\n"] {
        let text = with.replace("\"app\"", &format!("{user:?}"));
        assert!(from_file(file(&text, 0o600).path()).is_err(), "{user:?}");
    }
}

#[test]
fn number_of_a_database_in_a_url_is_refused() {
    let failure = from_urls("redis://h:6379/3", "mysql://a@d/shop").expect_err("a number");
    assert!(failure.hint.contains("database 0"), "{failure}");
}
