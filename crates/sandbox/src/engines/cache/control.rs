//! Instructions to one running cache node, over its private socket.

use std::path::{Path, PathBuf};
use std::time::Duration;

use redis::{Client, ConnectionAddr, IntoConnectionInfo, RedisConnectionInfo, RedisResult, Value};

use super::config::{ADMIN, Secrets};
use crate::engines::error::EngineError;
use crate::engines::socket;

/// How long a node may take to answer one instruction.
const ANSWER: Duration = Duration::from_secs(5);

/// The way to one node.
pub(crate) struct Control {
    socket: PathBuf,
    secrets: Secrets,
}

impl Control {
    /// The way to the node in `home/node` of a sandbox.
    pub(crate) fn of(sandbox: &Path, home: &Path, node: &str) -> Result<Self, EngineError> {
        Ok(Self { socket: socket(sandbox, &home.join(node)), secrets: Secrets::load(home)? })
    }

    /// Sends commands in turn on one connection and returns the last answer.
    pub(crate) async fn send(&self, commands: Vec<Vec<String>>) -> Result<Value, EngineError> {
        let login = RedisConnectionInfo::default().set_username(ADMIN).set_password(&self.secrets.admin);
        let info =
            ConnectionAddr::Unix(self.socket.clone()).into_connection_info()?.set_redis_settings(login);
        let commands: Vec<redis::Cmd> = commands.iter().map(|words| self.command(words)).collect();
        let answer = tokio::task::spawn_blocking(move || -> RedisResult<Value> {
            let mut connection = Client::open(info)?.get_connection_with_timeout(ANSWER)?;
            connection.set_read_timeout(Some(ANSWER))?;
            let mut last = Value::Nil;
            for command in commands {
                last = command.query(&mut connection)?;
            }
            Ok(last)
        });
        Ok(answer.await.map_err(|error| EngineError::Control(error.to_string()))??)
    }

    /// Sends one command.
    pub(crate) async fn one(&self, words: &[&str]) -> Result<Value, EngineError> {
        self.send(vec![words.iter().map(|word| (*word).to_owned()).collect()]).await
    }

    /// A section of `INFO`, as `name:value` lines.
    pub(crate) async fn info(&self, section: &str) -> Result<String, EngineError> {
        let answer = self.one(&["INFO", section]).await?;
        redis::from_redis_value(answer).map_err(|error| EngineError::Control(error.to_string()))
    }

    /// Whether the node answers and, as a replica, has all its primary's data.
    pub(crate) async fn is_ready(&self, replica: bool) -> bool {
        match self.info("replication").await {
            Ok(text) if replica => text.contains("role:slave") && text.contains("master_link_status:up"),
            Ok(text) => text.contains("role:master"),
            Err(_) => false,
        }
    }

    fn command(&self, words: &[String]) -> redis::Cmd {
        let mut command = redis::Cmd::new();
        for (at, word) in words.iter().enumerate() {
            if at == 0 {
                command.arg(self.secrets.command(word))
            } else {
                command.arg(word)
            };
        }
        command
    }
}
