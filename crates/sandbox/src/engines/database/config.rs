//! The configuration file and the first statements of one database.

use crate::system::private;
use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

use super::{Database, Master};
use crate::engines::tools::{Flavour, Program};
use crate::engines::{ca, socket};

/// What RDS grants its master user: everything but what reaches the machine under the database.
const PRIVILEGES: &str = "SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, RELOAD, PROCESS, REFERENCES, INDEX, ALTER, \
    SHOW DATABASES, CREATE TEMPORARY TABLES, LOCK TABLES, EXECUTE, REPLICATION SLAVE, REPLICATION CLIENT, CREATE VIEW, \
    SHOW VIEW, CREATE ROUTINE, ALTER ROUTINE, CREATE USER, EVENT, TRIGGER";

/// Where the first statements are until they have run.
pub(crate) fn first_statements(home: &Path) -> PathBuf {
    home.join("first.sql")
}

/// Writes the statements that make the master user and the initial database; safe to run twice.
///
/// The file is the only place where the password is written, readable by its owner and removed once it has run.
pub(crate) fn write_first_statements(home: &Path, master: &Master, name: Option<&str>) -> io::Result<()> {
    let user = format!("'{}'@'%'", literal(&master.user));
    let password = literal(&master.password);
    let mut sql = String::new();
    // Nobody logs in as root, over no socket: the sandbox changes things with statements like these at a start.
    sql.push_str("ALTER USER 'root'@'localhost' ACCOUNT LOCK;\n");
    if let Some(name) = name {
        let _ = writeln!(
            sql,
            "CREATE DATABASE IF NOT EXISTS `{}` CHARACTER SET utf8mb4;",
            name.replace('`', "``")
        );
    }
    let _ = writeln!(sql, "CREATE USER IF NOT EXISTS {user} IDENTIFIED BY '{password}';");
    let _ = writeln!(sql, "ALTER USER {user} IDENTIFIED BY '{password}';");
    let _ = writeln!(sql, "GRANT {PRIVILEGES} ON *.* TO {user} WITH GRANT OPTION;");
    private::replace(&first_statements(home), sql.as_bytes())
}

/// A text inside single quotes.
fn literal(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\'', "''")
}

/// Writes the configuration, certificate and key; returns the configuration's path.
pub(crate) fn write(
    sandbox: &Path,
    home: &Path,
    database: &Database,
    program: &Program,
) -> io::Result<PathBuf> {
    ca::issue(sandbox, home, &[std::net::IpAddr::V4(*database.listen.ip())])?;
    private::replace(&home.join("ca.pem"), ca::ca_pem(sandbox)?.as_bytes())?;
    let mut text = String::from("[mysqld]\n");
    let mut line = |name: &str, value: &dyn std::fmt::Display| {
        let _ = writeln!(text, "{name} = {value}");
    };
    let path = |name: &str| home.join(name).display().to_string();
    line("datadir", &path("data"));
    line("socket", &socket(sandbox, home).display());
    line("pid-file", &path("pid"));
    line("tmpdir", &path("tmp"));
    line("secure-file-priv", &path("tmp"));
    line("bind-address", database.listen.ip());
    line("port", &database.listen.port());
    line("skip-name-resolve", &1);
    line("ssl-ca", &path("ca.pem"));
    line("ssl-cert", &path("cert.pem"));
    line("ssl-key", &path("key.pem"));
    line("tls-version", &"TLSv1.2,TLSv1.3");
    line("character-set-server", &"utf8mb4");
    line("default-time-zone", &"+00:00");
    line(
        "sql-mode",
        &"ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION",
    );
    line("max-connections", &database.max_connections);
    // The readiness probe connects and leaves.
    line("max-connect-errors", &1_000_000);
    line("skip-log-bin", &1);
    line("performance-schema", &"OFF");
    line("innodb-buffer-pool-size", &"128M");
    if program.flavour == Flavour::MySql {
        line("mysqlx", &"OFF");
        line("innodb-redo-log-capacity", &"32M");
    } else {
        line("innodb-log-file-size", &"32M");
    }
    // Root refuses to run the server for anybody, itself included, unless it is told to.
    if rustix::process::getuid().is_root() {
        line("user", &"root");
    }
    if first_statements(home).exists() {
        line("init-file", &first_statements(home).display());
    }
    let config = home.join("my.cnf");
    private::replace(&config, text.as_bytes())?;
    Ok(config)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_what_a_person_chose() {
        let dir = tempfile::tempdir().expect("directory");
        let master = Master { user: "ad'min".into(), password: r"it's\here!".into() };
        write_first_statements(dir.path(), &master, Some("a`b")).expect("write");
        let sql = std::fs::read_to_string(first_statements(dir.path())).expect("read");
        assert!(sql.contains("`a``b`"), "{sql}");
        assert!(sql.contains(r"IDENTIFIED BY 'it''s\\here!'"), "{sql}");
        assert!(sql.contains("'ad''min'@'%'"), "{sql}");
    }
}
