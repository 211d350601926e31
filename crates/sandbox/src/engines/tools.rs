//! The engine programs of this machine, and how to install those that are missing.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Which cache engine to prefer where both are installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Preference {
    /// Whatever is found first.
    #[default]
    Any,
    /// Redis, else Valkey.
    Redis,
    /// Valkey, else Redis.
    Valkey,
}

/// What a program is, as opposed to what it is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flavour {
    /// Redis OSS.
    Redis,
    /// Valkey.
    Valkey,
    /// MariaDB.
    MariaDb,
    /// Oracle's MySQL.
    MySql,
}

impl Flavour {
    /// The name people know it by.
    pub fn name(self) -> &'static str {
        match self {
            Self::Redis => "Redis",
            Self::Valkey => "Valkey",
            Self::MariaDb => "MariaDB",
            Self::MySql => "MySQL",
        }
    }
}

/// One installed engine program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// Where it is.
    pub path: PathBuf,
    /// Its own version, for example `7.0.15`.
    pub version: String,
    /// What it is.
    pub flavour: Flavour,
}

impl Program {
    /// Name and version for people, for example `MariaDB 10.11.6`.
    pub fn label(&self) -> String {
        format!("{} {}", self.flavour.name(), self.version)
    }
}

/// The engines found on this machine.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tools {
    /// redis-server or valkey-server.
    pub redis: Option<Program>,
    /// mariadbd or mysqld.
    pub mysql: Option<Program>,
    /// The directory of MariaDB's own statements that fill an empty data directory.
    pub mysql_share: Option<PathBuf>,
    /// What unpacks the demo on the instance; the real AMI ships it.
    pub xz: Option<PathBuf>,
}

/// One thing that is missing and the packages that bring it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// What it is for people, for example `a MySQL-compatible database (mariadbd)`.
    pub what: &'static str,
    /// Its package where `apt-get` is the package manager; others are derived from it.
    pub packages: Vec<&'static str>,
}

impl Tools {
    /// What the sandbox's engines still need.
    pub fn missing(&self) -> Vec<Missing> {
        let mut missing = Vec::new();
        if self.redis.is_none() {
            missing.push(Missing {
                what: "a cache (redis-server or valkey-server)",
                packages: vec!["redis-server"],
            });
        }
        let prepared = match &self.mysql {
            Some(program) if program.flavour == Flavour::MariaDb => self.mysql_share.is_some(),
            Some(_) => true,
            None => false,
        };
        if !prepared {
            missing.push(Missing {
                what: "a database (mariadbd or mysqld)",
                packages: vec!["mariadb-server-core"],
            });
        }
        if self.xz.is_none() {
            missing.push(Missing { what: "a decompressor (xz)", packages: vec!["xz-utils"] });
        }
        missing
    }
}

/// The directories to search: PATH, and those that an ordinary user's PATH leaves out.
fn directories() -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = env::var_os("PATH")
        .map(|path| env::split_paths(&path).filter(|p| p.is_absolute()).collect())
        .unwrap_or_default();
    for more in
        ["/usr/sbin", "/usr/local/sbin", "/usr/local/bin", "/usr/bin", "/usr/libexec", "/opt/homebrew/bin"]
    {
        let more = PathBuf::from(more);
        if !all.contains(&more) {
            all.push(more);
        }
    }
    all
}

/// Programs of databases, in the order of preference.
const DATABASES: [&str; 2] = ["mariadbd", "mysqld"];

/// Finds one program by name.
pub fn which(name: &str) -> Option<PathBuf> {
    directories().into_iter().map(|dir| dir.join(name)).find(|path| is_executable(path))
}

fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

/// Finds the engines of this machine. It runs each candidate with `--version`, so it takes some tens of milliseconds.
pub fn find(preference: Preference) -> Tools {
    let caches = match preference {
        Preference::Any | Preference::Redis => ["redis-server", "valkey-server"],
        Preference::Valkey => ["valkey-server", "redis-server"],
    };
    let mysql = DATABASES.into_iter().find_map(program);
    let mysql_share = mysql.as_ref().and_then(|program| share(&program.path));
    Tools { redis: caches.into_iter().find_map(program), mysql, mysql_share, xz: which("xz") }
}

/// Where a MariaDB keeps the statements that make its system tables.
///
/// `mariadb-install-db` would use them, but Debian ships a helper that it needs (`my_print_defaults`) in another
/// package, and it costs a second more for help texts that nobody reads here.
fn share(program: &Path) -> Option<PathBuf> {
    let real = program.canonicalize().ok()?;
    let prefixes =
        [program, real.as_path()].map(|path| path.parent().and_then(Path::parent).map(Path::to_owned));
    prefixes
        .into_iter()
        .flatten()
        .flat_map(|prefix| ["mariadb", "mysql"].map(|name| prefix.join("share").join(name)))
        .find(|dir| system_tables(dir).is_some())
}

/// The files that make the system tables, in order; they were renamed in MariaDB 11.
pub(super) fn system_tables(share: &Path) -> Option<[PathBuf; 3]> {
    ["mariadb", "mysql"]
        .map(|name| {
            [
                share.join(format!("{name}_system_tables.sql")),
                share.join(format!("{name}_performance_tables.sql")),
                share.join(format!("{name}_system_tables_data.sql")),
            ]
        })
        .into_iter()
        .find(|files| files.iter().all(|file| file.is_file()))
}

fn program(name: &str) -> Option<Program> {
    let path = which(name)?;
    let mut command = Command::new(&path);
    // A database would read the person's own option file first, and end where that is broken.
    if DATABASES.contains(&name) {
        command.arg("--no-defaults");
    }
    let output = command.arg("--version").stdin(Stdio::null()).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let (flavour, version) = identify(&text)?;
    Some(Program { path, version, flavour })
}

/// Reads what `--version` says. Programs are sometimes links to each other, so the name is not trusted.
fn identify(text: &str) -> Option<(Flavour, String)> {
    let number = |after: &str| {
        let rest = &text[text.find(after)? + after.len()..];
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        (end > 0).then(|| rest[..end].trim_end_matches('.').to_owned())
    };
    if text.contains("Valkey server") {
        Some((Flavour::Valkey, number("v=")?))
    } else if text.contains("Redis server") {
        Some((Flavour::Redis, number("v=")?))
    } else if text.contains("MariaDB") {
        Some((Flavour::MariaDb, number("Ver ")?))
    } else {
        Some((Flavour::MySql, number("Ver ")?))
    }
}

/// The exact command that installs what is missing on this machine, or none where it is not known how.
pub fn install_command(missing: &[Missing]) -> Option<Vec<String>> {
    let root = rustix::process::getuid().is_root();
    let manager = ["apt-get", "dnf", "brew"].into_iter().find(|name| which(name).is_some())?;
    let system = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    install_with(manager, &system, missing, (root, which("sudo").is_some()))
}

/// `system` is what `/etc/os-release` says.
fn install_with(
    manager: &str,
    system: &str,
    missing: &[Missing],
    (root, sudo): (bool, bool),
) -> Option<Vec<String>> {
    let packages: Vec<&str> = missing
        .iter()
        .flat_map(|m| m.packages.iter())
        .map(|package| translate(manager, system, package))
        .collect();
    if packages.is_empty() {
        return None;
    }
    let mut command: Vec<&str> = match manager {
        "apt-get" => vec!["apt-get", "install", "-y", "--no-install-recommends"],
        "dnf" => vec!["dnf", "install", "-y", "--setopt=install_weak_deps=False"],
        "brew" => vec!["brew", "install"],
        _ => return None,
    };
    // Homebrew refuses to run as root; the others need it.
    if manager == "brew" {
        if root {
            return None;
        }
    } else if !root {
        if !sudo {
            return None;
        }
        command.insert(0, "sudo");
    }
    command.extend(packages);
    Some(command.into_iter().map(str::to_owned).collect())
}

/// A Debian package's counterpart elsewhere.
fn translate<'a>(manager: &str, system: &str, package: &'a str) -> &'a str {
    match (manager, package) {
        // Ubuntu 22.04 names it after its version.
        ("apt-get", "mariadb-server-core") if system.lines().any(|l| l == "VERSION_CODENAME=jammy") => {
            "mariadb-server-core-10.6"
        }
        ("dnf", "redis-server") => "valkey",
        ("dnf", "mariadb-server-core") => "mariadb-server",
        ("dnf" | "brew", "xz-utils") => "xz",
        ("brew", "redis-server") => "redis",
        ("brew", "mariadb-server-core") => "mariadb",
        _ => package,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_versions_as_the_programs_print_them() {
        let of = |text| identify(text).expect("identified");
        assert_eq!(
            of("Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64"),
            (Flavour::Redis, "7.0.15".into())
        );
        assert_eq!(of("Valkey server v=8.0.1 sha=0:0"), (Flavour::Valkey, "8.0.1".into()));
        assert_eq!(
            of(
                "/usr/sbin/mariadbd  Ver 10.11.19-MariaDB-0+deb12u1 for debian-linux-gnu on x86_64 (Debian 12)"
            ),
            (Flavour::MariaDb, "10.11.19".into())
        );
        assert_eq!(of("/usr/sbin/mysqld  Ver 8.4.3 for Linux on x86_64"), (Flavour::MySql, "8.4.3".into()));
        assert!(identify("something else").is_none());
    }

    #[test]
    fn names_the_exact_command_for_each_package_manager() {
        let missing = Tools::default().missing();
        let text =
            |manager, root, sudo| install_with(manager, "", &missing, (root, sudo)).map(|c| c.join(" "));
        assert_eq!(
            text("apt-get", true, false).as_deref(),
            Some("apt-get install -y --no-install-recommends redis-server mariadb-server-core xz-utils")
        );
        assert_eq!(
            text("apt-get", false, true).as_deref(),
            Some("sudo apt-get install -y --no-install-recommends redis-server mariadb-server-core xz-utils")
        );
        assert_eq!(text("apt-get", false, false), None);
        assert_eq!(text("brew", false, false).as_deref(), Some("brew install redis mariadb xz"));
        assert_eq!(install_with("apt-get", "", &[], (true, true)), None);
        let jammy = "NAME=Ubuntu\nVERSION_CODENAME=jammy\n";
        let named = install_with("apt-get", jammy, &missing, (true, false)).unwrap_or_default();
        assert!(named.contains(&"mariadb-server-core-10.6".to_owned()), "{named:?}");
    }
}
