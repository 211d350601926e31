//! One command on the instance: sent, waited for, read.

use super::Walk;
use crate::cloud::Command;
use crate::facts::MissingFact;
use crate::failure::{Failure, Kind};
use crate::once::{mark, once};
use crate::stop::Stop;
use crate::wait::pause;
use std::time::Duration;

/// How long a short script may take.
const SHORT: Duration = Duration::from_mins(2);

/// What a finished command said.
#[derive(Debug)]
pub(super) struct Said {
    pub(super) code: i32,
    pub(super) stdout: String,
    pub(super) stderr: String,
}

impl Walk<'_> {
    /// The id of the instance on which the demo runs.
    pub(super) fn instance(&self) -> Result<String, Stop> {
        let id = self.tools.session.with(|s| s.instance().map(|(_, id)| id.to_owned()));
        id.ok_or_else(|| Stop::Plan(MissingFact("instance.id".into()).into()))
    }

    /// Runs a script to its end, once, also where the answer to its sending is lost. `meanwhile` is called at each look.
    /// On Ctrl-C the command is cancelled.
    pub(super) async fn run_script(
        &self,
        instance: &str,
        script: &str,
        limit: Duration,
        meanwhile: impl AsyncFnMut(Duration) -> Result<(), Stop>,
    ) -> Result<Said, Stop> {
        let script = once(script, &mark(script, self.tools.clock.now()));
        self.run_as_it_is(instance, &script, limit, meanwhile).await
    }

    async fn run_as_it_is(
        &self,
        instance: &str,
        script: &str,
        limit: Duration,
        mut meanwhile: impl AsyncFnMut(Duration) -> Result<(), Stop>,
    ) -> Result<Said, Stop> {
        let cloud = &self.tools.cloud;
        let seconds = limit.as_secs().max(1) as u32;
        self.tools.still_ours().await?;
        let command = self.tools.read(|| cloud.send(instance, script, seconds)).await?;
        let start = self.tools.clock.elapsed();
        loop {
            let waited = self.tools.clock.elapsed().saturating_sub(start);
            // The answer to the first look is often "not there yet" (docs/aws.md, "Systems Manager").
            let look = match cloud.command(instance, &command).await {
                Err(f) if f.kind() == Some(Kind::NotFound) && waited < Duration::from_secs(30) => {
                    Command::Running
                }
                Err(f) if f.passes() && waited < limit => Command::Running,
                other => other.map_err(Stop::Failed)?,
            };
            match look {
                Command::Done { code, stdout, stderr } => return Ok(Said { code, stdout, stderr }),
                Command::Lost(why) => {
                    return Err(Stop::Failed(Failure::local("ssm:SendCommand", "CommandLost", why)));
                }
                Command::Running if waited > limit + Duration::from_mins(1) => {
                    return Err(Stop::TooLong { what: "a command on the instance".into(), limit });
                }
                Command::Running => {}
            }
            let next = match meanwhile(waited).await {
                Ok(()) => self.tools.sleep(pause(waited)).await,
                Err(stop) => Err(stop),
            };
            if let Err(stop) = next {
                let _ = cloud.cancel(instance, &command).await;
                return Err(stop);
            }
        }
    }

    /// Runs a short script that must succeed.
    pub(super) async fn run_short(&self, instance: &str, script: &str, what: &str) -> Result<String, Stop> {
        self.run_script(instance, script, SHORT, async |_| Ok(())).await?.good(what)
    }

    /// Runs a short script that only looks, and may run as often as it likes.
    pub(super) async fn run_look(&self, instance: &str, script: &str, what: &str) -> Result<String, Stop> {
        self.run_as_it_is(instance, script, SHORT, async |_| Ok(())).await?.good(what)
    }
}

impl Said {
    /// What it printed, or that it failed.
    fn good(self, what: &str) -> Result<String, Stop> {
        if self.code == 0 {
            return Ok(self.stdout);
        }
        Err(Stop::Demo { subcommand: what.to_owned(), code: self.code, why: self.why() })
    }

    /// The last line of error that the script itself wrote; the agent adds one of its own.
    pub(super) fn why(&self) -> String {
        let own = |line: &&str| !line.trim().is_empty() && !line.starts_with("failed to run commands");
        self.stderr.lines().rfind(own).unwrap_or("no message").to_owned()
    }
}
