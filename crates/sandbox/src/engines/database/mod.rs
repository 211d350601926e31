//! One database: an empty one made once, copied, started, stopped.

mod config;

use crate::system::private;
use std::io;
use std::net::SocketAddrV4;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::io::AsyncReadExt;
use tokio::net::UnixStream;

use super::error::{EngineError, last_lines, log_text};
use super::process::Process;
use super::tools::{self, Flavour, Program};
use super::{Engines, GRACE, Running, files};
use config::first_statements;

/// How long a database may take until it answers; recovery after a crash is the longest case.
const START: Duration = Duration::from_mins(1);
/// How often a starting database is asked.
const POLL: Duration = Duration::from_millis(10);
/// How often a start is tried: right after a crash the old process may still hold the data for a moment.
const TRIES: u32 = 4;
/// Bytes that are read of a file of statements.
const LONGEST: u64 = 64 << 20;

/// One database and where it listens; remembered by the service across restarts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Database {
    /// The DB instance identifier.
    pub id: String,
    /// Its directory's name, never used twice.
    pub home: String,
    /// Its address, for as long as it exists.
    pub listen: SocketAddrV4,
    /// As many connections as RDS gives the instance class.
    pub max_connections: u32,
}

/// The master user. Never stored by the service; `Debug` does not show the password.
#[derive(Clone)]
pub(crate) struct Master {
    /// The user's name.
    pub user: String,
    /// The password.
    pub password: String,
}

impl std::fmt::Debug for Master {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Master").field("user", &self.user).finish_non_exhaustive()
    }
}

/// An empty database directory for this machine's program, made on first use.
pub(crate) async fn template(engines: &Engines) -> Result<&Path, EngineError> {
    let path = engines.template.get_or_try_init(|| make_template(engines)).await?;
    Ok(path)
}

async fn make_template(engines: &Engines) -> Result<PathBuf, EngineError> {
    let program = engines.database_program().await?;
    let home = engines.dir.join("engines").join("database-template");
    let name = format!("{}-{}", program.flavour.name(), program.version);
    let ready = home.join(&name);
    if ready.is_dir() {
        return Ok(ready);
    }
    // It is made under another name and moved, so that one that is there is whole.
    let making = home.join("making");
    files::remove_tree(&home)?;
    files::private_dir(&making)?;
    let log = home.join("making.log");
    let out = private::create(&log, 0o600)?;
    let mut command = Command::new(&program.path);
    command.arg("--no-defaults").stdin(Stdio::null());
    if program.flavour == Flavour::MariaDb {
        let tools = engines.tools().await;
        let files = tools.mysql_share.as_deref().and_then(tools::system_tables);
        let statements = home.join("bootstrap.sql");
        write_bootstrap(&statements, &files.ok_or(EngineError::NotInstalled("MariaDB's system tables"))?)?;
        command.args(["--bootstrap", "--skip-name-resolve", "--skip-log-bin", "--innodb-log-file-size=32M"]);
        command
            .args(["--enforce-storage-engine=", "--log-warnings=0"])
            .stdin(recipe_walk_files::open(&statements)?);
    } else {
        command.args(["--initialize-insecure", "--innodb-redo-log-capacity=32M"]);
    }
    // The machine's own may be none, or be read as several.
    command.env("TMPDIR", &home).arg(format!("--datadir={}", making.display()));
    if rustix::process::getuid().is_root() {
        command.arg("--user=root");
    }
    command.current_dir(&home).stdout(out.try_clone()?).stderr(out);
    let process = Process::start(command).await?;
    if !process.wait().await.success() {
        return Err(EngineError::Start { program: program.label(), reason: last_lines(&log) });
    }
    // Each server makes its own identity.
    let _ = std::fs::remove_file(making.join("auto.cnf"));
    std::fs::rename(&making, &ready)?;
    Ok(ready)
}

/// MariaDB's own statements for an empty server, and the removal of every root but the one that gets locked.
fn write_bootstrap(path: &Path, files: &[PathBuf]) -> io::Result<()> {
    let mut text =
        String::from("CREATE DATABASE IF NOT EXISTS mysql;\nUSE mysql;\nSET @auth_root_socket=NULL;\n");
    for file in files {
        text.push_str(&recipe_walk_files::text(file, LONGEST)?);
        text.push('\n');
    }
    text.push_str("DELETE FROM mysql.global_priv WHERE User='root' AND Host<>'localhost';\n");
    private::replace(path, text.as_bytes())
}

impl Engines {
    fn database_home(&self, home: &str) -> PathBuf {
        self.dir.join("engines").join("database").join(home)
    }

    /// Prepares a new database's directory with the statements that make its user and initial database.
    pub(crate) fn prepare_database(
        &self,
        home: &str,
        master: &Master,
        name: Option<&str>,
    ) -> Result<(), EngineError> {
        let home = self.database_home(home);
        files::remove_tree(&home)?;
        files::private_dir(&home)?;
        Ok(config::write_first_statements(&home, master, name)?)
    }

    /// Starts a database on its data, or on a copy of the empty one; returns when it answers.
    pub(crate) async fn start_database(&self, database: &Database) -> Result<(), EngineError> {
        if self.process(&database.home).is_some_and(|process| process.is_running()) {
            return Ok(());
        }
        let program = self.database_program().await?;
        let home = self.database_home(&database.home);
        if !home.join("data").is_dir() {
            if !first_statements(&home).exists() {
                let missing = io::Error::new(io::ErrorKind::NotFound, "the database's files are gone");
                return Err(EngineError::File(missing));
            }
            let from = template(self).await?.to_owned();
            let to = home.clone();
            tokio::task::spawn_blocking(move || copy_data(&from, &to)).await.map_err(io::Error::other)??;
        }
        files::private_dir(&home.join("tmp"))?;
        let mut tries = TRIES;
        loop {
            match self.try_database(database, &home, &program).await {
                Err(EngineError::Start { .. }) if tries > 1 => {
                    tries -= 1;
                    tokio::time::sleep(POLL * 20).await;
                }
                other => return other,
            }
        }
    }

    async fn try_database(
        &self,
        database: &Database,
        home: &Path,
        program: &Program,
    ) -> Result<(), EngineError> {
        let config = config::write(&self.dir, home, database, program)?;
        let socket = super::socket(&self.dir, home);
        // Left behind by a crash, they would make some versions look for the process they name.
        for stale in [socket.clone(), socket.with_extension("sock.lock"), home.join("pid")] {
            let _ = std::fs::remove_file(stale);
        }
        let log = home.join("server.log");
        let out = private::create(&log, 0o600)?;
        let mut command = Command::new(&program.path);
        command.arg(format!("--defaults-file={}", config.display()));
        command
            .env("TMPDIR", home.join("tmp"))
            .current_dir(home)
            .stdin(Stdio::null())
            .stdout(out.try_clone()?)
            .stderr(out);
        let process = Process::start(command).await?;
        let failed = |reason: String| EngineError::Start { program: program.label(), reason };
        let outcome = tokio::select! {
            _ = process.wait() => Err(failed(last_lines(&log))),
            done = tokio::time::timeout(START, self.guarded(&process, answers(&socket))) => {
                done.map_err(|_| failed(format!("no answer in {} s: {}", START.as_secs(), last_lines(&log))))
            }
        };
        if let Err(error) = outcome {
            process.stop(Duration::ZERO).await;
            return Err(error);
        }
        if let Some(reason) = refused_statement(&log) {
            process.stop(Duration::ZERO).await;
            return Err(EngineError::Control(reason));
        }
        files::remove_file(&first_statements(home))?;
        let name = database.id.clone();
        let running = Running { process, program: program.clone(), address: database.listen, name };
        self.add(&database.home, running);
        Ok(())
    }

    /// Gives the master user another password, by a restart that takes less than a second: the sandbox itself has no
    /// login to the database.
    pub(crate) async fn set_master_password(
        &self,
        database: &Database,
        master: &Master,
    ) -> Result<(), EngineError> {
        config::write_first_statements(&self.database_home(&database.home), master, None)?;
        self.stop_database(database, false).await?;
        self.start_database(database).await
    }

    /// Stops a database; with `remove`, its data is gone as well.
    pub(crate) async fn stop_database(&self, database: &Database, remove: bool) -> Result<(), EngineError> {
        if let Some(process) = self.take(&database.home) {
            // A data directory that is about to be removed need not be written out in order.
            process.stop(if remove { Duration::ZERO } else { GRACE * 4 }).await;
        }
        if remove {
            let home = self.database_home(&database.home);
            files::remove_file(&super::socket(&self.dir, &home))?;
            tokio::task::spawn_blocking(move || files::remove_tree(&home))
                .await
                .map_err(io::Error::other)??;
        }
        Ok(())
    }
}

/// Copies under another name first, so that a data directory that is there is whole.
fn copy_data(from: &Path, home: &Path) -> io::Result<()> {
    let making = home.join("data.new");
    files::remove_tree(&making)?;
    files::copy_tree(from, &making)?;
    std::fs::rename(making, home.join("data"))
}

/// Waits until a server greets: it does so only after its first statements have run, and at its port by then. It is
/// asked over its private socket, which no security group closes.
async fn answers(socket: &Path) {
    loop {
        let greeting = async {
            let mut stream = UnixStream::connect(socket).await?;
            // Three bytes of length, one of sequence, then the protocol's version.
            let mut head = [0_u8; 5];
            stream.read_exact(&mut head).await?;
            Ok::<_, io::Error>(head[4])
        };
        if matches!(tokio::time::timeout(Duration::from_secs(2), greeting).await, Ok(Ok(10))) {
            return;
        }
        tokio::time::sleep(POLL).await;
    }
}

/// MariaDB goes on when a first statement fails and only says so in its log.
fn refused_statement(log: &Path) -> Option<String> {
    let text = log_text(log);
    let line = text.lines().find(|line| line.starts_with("ERROR:"))?;
    // The statement itself could carry the password, its error number never does.
    let number: String = line.chars().filter(char::is_ascii_digit).take(4).collect();
    Some(format!("a first statement was refused with error {number}"))
}
