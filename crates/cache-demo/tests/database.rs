//! Databases as tests begin with them: made once in Cargo's directory for such things, and copied for each test.

use crate::engines::{Engines, MYSQL_PASSWORD};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;

static EMPTY: LazyLock<PathBuf> = LazyLock::new(|| prepared("empty", bootstrap));
static SHOP: LazyLock<PathBuf> = LazyLock::new(|| prepared("shop", load));

/// System tables and nothing else.
pub(crate) fn empty() -> &'static Path {
    &EMPTY
}

/// The shop, as `load-data` leaves it.
pub(crate) fn shop() -> &'static Path {
    &SHOP
}

/// A data directory that `make` makes once for this program. Two test runs at the same time make one each, and the
/// first to finish wins.
fn prepared(name: &str, make: impl FnOnce(&Path)) -> PathBuf {
    let program = Path::new(env!("CARGO_BIN_EXE_cache-demo"));
    let built = std::fs::metadata(program).and_then(|file| file.modified()).expect("the program");
    let built = built.duration_since(std::time::UNIX_EPOCH).expect("a time").as_nanos();
    let all = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let path = all.join(format!("{name}-{built}"));
    if path.exists() {
        return path;
    }
    std::fs::create_dir_all(all).expect("a directory");
    // What earlier builds have made is of no use any more.
    for old in std::fs::read_dir(all).expect("a directory").flatten() {
        if old.file_name().to_string_lossy().starts_with(&format!("{name}-")) {
            let _ = std::fs::remove_dir_all(old.path());
        }
    }
    let new = tempfile::Builder::new().prefix("new-").tempdir_in(all).expect("a directory");
    make(new.path());
    let _ = std::fs::rename(new.path(), &path);
    assert!(path.exists(), "{} was not made", path.display());
    path
}

/// Copies a data directory.
pub(crate) fn copy(from: &Path, to: &Path) {
    let status = Command::new("cp").arg("-R").arg(from).arg(to).status().expect("cp runs");
    assert!(status.success(), "{} was not copied", from.display());
}

fn program() -> String {
    std::env::var("CACHE_DEMO_MYSQLD").unwrap_or_else(|_| {
        // /usr/sbin is not on an ordinary user's PATH.
        let usual = "/usr/sbin/mariadbd";
        if Path::new(usual).exists() { usual.into() } else { "mariadbd".into() }
    })
}

fn server(data: &Path) -> Command {
    let mut command = Command::new(program());
    command.args(["--no-defaults", "--user=root", "--innodb-log-file-size=16M"]);
    command.arg(format!("--datadir={}", data.display())).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

fn bootstrap(data: &Path) {
    std::fs::create_dir_all(data.join("mysql")).expect("data directory");
    let share = Path::new("/usr/share/mysql");
    let read = |name: &str| std::fs::read_to_string(share.join(name)).expect("install mariadb-server-core");
    let mut child = server(data)
        .args(["--bootstrap", "--skip-networking"])
        .stdin(Stdio::piped())
        .spawn()
        .expect("mariadbd starts");
    let sql = format!(
        "use mysql;\nSET @auth_root_socket=NULL;\nSET @skip_auth_anonymous=1;\n{}{}",
        read("mysql_system_tables.sql"),
        read("mysql_system_tables_data.sql")
    );
    child.stdin.take().expect("piped").write_all(sql.as_bytes()).expect("bootstrap reads");
    assert!(child.wait().expect("bootstrap ends").success());
}

fn load(data: &Path) {
    let mut engines = Engines::start("512mb");
    engines.result(&["load-data"]);
    // It must be at rest before it is copied.
    engines.mysql.signal("-TERM");
    engines.mysql.ends();
    copy(&engines.path("mysql-data").join("."), data);
}

/// Starts the server over the data directory in `dir`, with accounts for the demo and for an operator.
pub(crate) fn start(dir: &Path, port: u16) -> Child {
    let init = dir.join("init.sql");
    let text = format!(
        "CREATE DATABASE IF NOT EXISTS shop;\nCREATE USER IF NOT EXISTS 'admin'@'%' IDENTIFIED BY '{MYSQL_PASSWORD}';\n\
         GRANT ALL ON shop.* TO 'admin'@'%';\nCREATE DATABASE IF NOT EXISTS theirs;\n\
         CREATE TABLE IF NOT EXISTS theirs.products (x INT);\nGRANT ALL ON theirs.* TO 'admin'@'%';\n\
         CREATE USER IF NOT EXISTS 'operator'@'%' IDENTIFIED BY '{MYSQL_PASSWORD}';\n\
         GRANT SUPER ON *.* TO 'operator'@'%';\n"
    );
    std::fs::write(&init, text).expect("write init.sql");
    let mut command = server(&dir.join("mysql-data"));
    let path = |name: &str| dir.join(name).display().to_string();
    command.args([
        "--bind-address=127.0.0.1".to_owned(),
        format!("--port={port}"),
        format!("--socket={}", path("mysql.sock")),
        format!("--pid-file={}", path("mysql.pid")),
        format!("--init-file={}", init.display()),
        format!("--ssl-cert={}", path("server.pem")),
        format!("--ssl-key={}", path("server.key")),
        format!("--ssl-ca={}", path("ca.pem")),
        "--skip-name-resolve".to_owned(),
        "--innodb-flush-log-at-trx-commit=0".to_owned(),
    ]);
    command.spawn().expect("mariadbd starts; install mariadb-server-core")
}
