//! What a person sees when a command fails: what happened, what it means, and what to type next.

mod machine;

use recipe_walk_engine::answers::BadAnswer;
use recipe_walk_engine::failure::{Failure, Kind as FailureKind};
use recipe_walk_engine::journal::JournalError;
use recipe_walk_engine::session::SessionError;
use recipe_walk_engine::shell::Typed;
use recipe_walk_engine::stop::Stop;
use recipe_walk_engine::typed;
use recipe_walk_sandbox::SandboxError;
use std::error::Error;
use std::process::ExitCode;

/// What kind of failure it is: each has its exit status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Nobody thought of it.
    Unexpected = 1,
    /// The command line cannot be obeyed.
    Usage = 2,
    /// There are no usable credentials.
    Credentials = 3,
    /// No region, or one that there is not.
    Region = 4,
    /// The sandbox's engines are missing.
    Engines = 5,
    /// No disk space, or a state directory that cannot be written.
    Disk = 6,
    /// Somebody else walks the session.
    Locked = 7,
    /// The journal is damaged.
    Journal = 8,
    /// The recipe cannot be read, or the lint found something.
    Recipe = 9,
    /// The service refused, or a step failed.
    Step = 10,
    /// Something is left after a clean-up.
    Left = 11,
    /// The session belongs to another account, region or endpoint.
    Place = 12,
    /// A question needs a terminal, and there is none.
    NoTerminal = 13,
    /// The sandbox cannot be started or does not answer.
    Sandbox = 14,
    /// No service answers, or none that can be made out.
    Unreachable = 15,
    /// Ctrl-C.
    Interrupted = 130,
}

/// The exit statuses, for `--help`.
pub(crate) const EXIT_STATUSES: &str = "\
Exit status:
  0 all went well            8 journal damaged
  1 unexpected failure       9 recipe does not parse
  2 usage                   10 refused by the service, or a step failed
  3 no usable credentials   11 something is left after a clean-up
  4 region absent, unknown  12 another account, region or endpoint
  5 engines missing         13 a question needs a terminal
  6 disk full, read-only    14 the sandbox failed
  7 session is locked       15 no answer from the service
                           130 interrupted (the session is saved)";

/// What it means that a journal holds an answer which the recipe refuses.
const BAD_ANSWER: &str =
    "It is not used, and nothing was changed. Rebuilding takes the answers from the account.";

/// A failed command.
#[derive(Debug)]
pub(crate) struct CommandError {
    /// What decides the exit status.
    pub(crate) kind: Kind,
    /// What happened.
    pub(crate) message: String,
    /// What it means, and what caused it; one line each.
    pub(crate) meaning: Vec<String>,
    /// The next command to type.
    pub(crate) next: Vec<Typed>,
    /// Whether the session is free for who takes it over.
    pub(crate) can_be_taken_over: bool,
}

impl CommandError {
    /// A failure with its message.
    pub(crate) fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            meaning: Vec::new(),
            next: Vec::new(),
            can_be_taken_over: false,
        }
    }

    /// What happened and what it means, in one line: for one of several that failed.
    pub(crate) fn in_a_line(self) -> String {
        [vec![self.message], self.meaning].concat().join(" ")
    }

    /// The same with a line of meaning.
    #[must_use]
    pub(crate) fn means(mut self, line: impl Into<String>) -> Self {
        self.meaning.push(line.into());
        self
    }

    /// The same with a command to type next.
    #[must_use]
    pub(crate) fn next(mut self, command: impl Into<Typed>) -> Self {
        self.next.push(command.into());
        self
    }

    /// The same with the causes of an error.
    #[must_use]
    pub(crate) fn caused_by(mut self, error: &dyn Error) -> Self {
        let mut cause = error.source();
        while let Some(error) = cause {
            let line = error.to_string();
            if !self.message.contains(&line) {
                self.meaning.push(line);
            }
            cause = error.source();
        }
        self
    }

    /// The exit status.
    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.kind as u8)
    }

    /// A failure of a call: what it means, and what to type next.
    pub(crate) fn from_failure(failure: &Failure) -> Self {
        let message = failure.to_string();
        if failure.wants_service_role() {
            let service = failure.operation().split(':').next().unwrap_or_default();
            return Self::new(Kind::Step, message)
                .means(
                    "The service has no role of its own in this account yet, and could not make it for you.",
                )
                .means("Who has iam:CreateServiceLinkedRole makes it, once for the account; then try again.")
                .next(typed!("aws iam create-service-linked-role --aws-service-name {}.amazonaws.com   # by whoever may", service));
        }
        let step = |meaning: &str| Self::new(Kind::Step, message.clone()).means(meaning);
        match failure.kind() {
            Some(FailureKind::Credentials) => Self::credentials(failure, message),
            Some(FailureKind::Denied) => {
                let permission = failure.missing_permission().unwrap_or_default();
                step(&format!("Your credentials lack the permission {permission}."))
                    .means("Ask whoever runs the account for it, then try again.")
                    .next("recipe-walk policy   # all that a walk needs, for whoever runs the account")
            }
            Some(FailureKind::Throttled) => {
                step("Too many calls were made in this account lately: wait a minute, then try again.")
            }
            Some(FailureKind::Capacity) => {
                step("There is no capacity right now: try again in a few minutes.")
            }
            Some(FailureKind::Quota) => {
                step("A quota of the account is used up: free something, or ask for a higher quota.")
            }
            Some(FailureKind::NotFound) => {
                step("Something that this needs is gone: recipe-walk status shows what is known.")
            }
            Some(
                FailureKind::AlreadyExists
                | FailureKind::NotYet
                | FailureKind::InUse
                | FailureKind::TokenUsed
                | FailureKind::Other,
            ) => step("These are the service's own words: mend what they name, then try again."),
            None if failure.only_looks() => Self::new(Kind::Unreachable, message)
                .means("No answer came that could be read; nothing was changed by asking.")
                .means("Check the network (a proxy, a VPN, the region's name), then try again.")
                .next("aws sts get-caller-identity"),
            None => step("Nobody knows whether it took effect; trying again looks first."),
        }
    }

    fn credentials(failure: &Failure, message: String) -> Self {
        let error = Self::new(Kind::Credentials, message);
        let code = match failure {
            Failure::Refused(refusal) => refusal.code.as_str(),
            Failure::Unclear { .. } => "",
        };
        match code {
            "ExpiredToken" | "ExpiredTokenException" => error
                .means("The credentials were good once and have expired: sign in again.")
                .next("aws sso login --profile PROFILE"),
            "RequestExpired" => error
                .means("The credentials have expired, or this machine's clock is wrong.")
                .next("date -u")
                .next("aws sso login --profile PROFILE"),
            _ => error
                .means("The credentials were found, but the service does not accept them.")
                .means("A region that the account has not enabled refuses all credentials in the same words.")
                .next("aws sts get-caller-identity")
                .next("aws ec2 describe-regions --query 'Regions[].RegionName' --output text"),
        }
    }

    /// Why something was not done, and what can be done about it there and then.
    pub(crate) fn of(stop: &Stop) -> Self {
        let step = |meaning: &str| Self::new(Kind::Step, stop.to_string()).means(meaning);
        match stop {
            Stop::Failed(failure) => Self::from_failure(failure),
            Stop::NotReady(finding) => {
                let error = Self::new(Kind::Step, format!("the account is not ready: {stop}"))
                    .means(finding.why.clone())
                    .means("Nothing billable was made. Mend it, or ask whoever runs the account, then try again.");
                finding.mend.iter().cloned().fold(error, Self::next)
            }
            Stop::Broken { .. } => step(
                "It will not recover by itself. Trying again, or resuming, deletes it and makes it anew.",
            ),
            Stop::Foreign { .. } => {
                step("It is left alone. recipe-walk cleanup, then a new session, gets new names.")
            }
            Stop::Stranger { .. } => Self::new(Kind::Recipe, stop.to_string())
                .means("A recipe builds on what it makes itself; nothing of somebody else's is opened or changed.")
                .next("recipe-walk check DIR   # names the place in the recipe"),
            Stop::Differs { .. } => step("Mend it or delete it in another terminal, then try again."),
            Stop::Demo { .. } => step("Try again; if it stays, look at it with recipe-walk status."),
            Stop::Plan(_) => step("An earlier step has to run first."),
            Stop::Answer(_) => Self::new(Kind::Journal, stop.to_string()).means(BAD_ANSWER),
            Stop::TooLong { .. } => step("Try again to go on waiting."),
            Stop::Journal(error) => Self::from_journal(error),
            Stop::Interrupted => Self::nothing_begun(),
        }
    }

    /// Why a walk or a clean-up of a session stopped.
    pub(crate) fn from_stop(stop: &Stop, session: &str) -> Self {
        let (resume, cleanup) =
            (typed!("recipe-walk resume {}", session), typed!("recipe-walk cleanup {}", session));
        match stop {
            Stop::Interrupted => Self::interrupted(session),
            Stop::Journal(_) => {
                let elsewhere = Self::from_elsewhere(stop, session).into_iter();
                elsewhere.fold(Self::of(stop).next(resume), Self::next)
            }
            Stop::NotReady(_) => Self::of(stop).means("The session is saved.").next(resume),
            Stop::Answer(_) => Self::of(stop).next(resume.then("--rebuild")).next(cleanup),
            Stop::Failed(_)
            | Stop::Broken { .. }
            | Stop::Foreign { .. }
            | Stop::Stranger { .. }
            | Stop::Differs { .. }
            | Stop::Demo { .. }
            | Stop::Plan(_)
            | Stop::TooLong { .. } => {
                Self::of(stop).means("The session is saved.").next(resume).next(cleanup)
            }
        }
    }

    /// The clean-up from another disk, where this one is full: it reads in the account what was made.
    pub(crate) fn from_elsewhere(stop: &Stop, session: &str) -> Option<Typed> {
        use std::io::ErrorKind as E;
        let Stop::Journal(JournalError::Io { cause, .. }) = stop else { return None };
        matches!(cause.kind(), E::StorageFull | E::QuotaExceeded).then(|| {
            typed!("XDG_STATE_HOME=/var/tmp/recipe-walk-state recipe-walk cleanup {} --aws", session)
                .then("  # not for the sandbox")
        })
    }

    /// An answer that is set before a walk and that its recipe refuses.
    pub(crate) fn from_setting(bad: BadAnswer) -> Self {
        let error = Self::new(Kind::Usage, bad.to_string());
        if bad.help.is_empty() { error } else { error.means(bad.help) }
    }

    /// Ctrl-C before there was anything to save.
    pub(crate) fn nothing_begun() -> Self {
        Self::new(Kind::Interrupted, "stopped by you").means("Nothing was begun.")
    }

    /// Ctrl-C in a session.
    pub(crate) fn interrupted(session: &str) -> Self {
        Self::new(Kind::Interrupted, "stopped by you")
            .means(format!("Session {session} is saved; what was made is still there."))
            .next(typed!("recipe-walk resume {}", session))
            .next(typed!("recipe-walk cleanup {}", session))
    }

    fn from_journal(error: &JournalError) -> Self {
        match error {
            JournalError::Damaged { path, .. } => {
                let session = path
                    .parent()
                    .and_then(|p| p.file_name())
                    .unwrap_or_default()
                    .to_string_lossy()
                    .into_owned();
                Self::new(Kind::Journal, format!("the journal is damaged: {error}"))
                    .means("Nothing is guessed from a damaged journal, and nothing was changed.")
                    .means(
                        "Rebuilding reads from the account what the session made; the damaged file is kept.",
                    )
                    .next(typed!("recipe-walk resume {} --rebuild", session))
                    .next(typed!("recipe-walk cleanup {} --rebuild", session))
            }
            JournalError::Newer { .. } => Self::new(Kind::Journal, error.to_string())
                .means("Nothing is wrong with it, and nothing was changed.")
                .next("recipe-walk --version"),
            JournalError::Io { cause, .. } => {
                Self::new(Kind::Disk, format!("the journal cannot be used: {error}")).disk(cause)
            }
            JournalError::Poisoned(_) => Self::new(Kind::Disk, error.to_string()),
            JournalError::Misfit(_) => Self::new(Kind::Unexpected, error.to_string())
                .means("This is a fault of recipe-walk; the session is saved as it was before."),
        }
    }
}

impl CommandError {
    fn with(self, meaning: Option<&'static str>) -> Self {
        meaning.into_iter().fold(self, Self::means)
    }

    /// The same with what a disk's refusal means.
    fn disk(self, cause: &std::io::Error) -> Self {
        let error = self.with(disk_meaning(cause));
        if cause.kind() == std::io::ErrorKind::PermissionDenied {
            return error.next("export XDG_STATE_HOME=DIRECTORY   # one of your own");
        }
        error
    }
}

/// What a disk's refusal means; nothing where it is our own, which says so itself.
fn disk_meaning(cause: &std::io::Error) -> Option<&'static str> {
    use std::io::ErrorKind as E;
    Some(match cause.kind() {
        E::StorageFull | E::QuotaExceeded => {
            "The disk is full: free some space, or choose a state directory elsewhere with XDG_STATE_HOME."
        }
        E::PermissionDenied if cause.raw_os_error().is_none() => return None,
        E::PermissionDenied => {
            "The state directory belongs to somebody else; choose another one with XDG_STATE_HOME."
        }
        E::ReadOnlyFilesystem => {
            "The disk is read-only; choose a state directory elsewhere with XDG_STATE_HOME."
        }
        _ => {
            "The state directory must be a place where you can write; choose another one with XDG_STATE_HOME."
        }
    })
}

impl From<SessionError> for CommandError {
    fn from(error: SessionError) -> Self {
        match &error {
            SessionError::Locked { holder, .. } => Self::new(Kind::Locked, error.to_string())
                .means("Two walks on one session would disturb each other. Go on there, or end it first:")
                .next(typed!("ps -fp {}", holder.pid)),
            SessionError::Missing(_) => {
                Self::new(Kind::Usage, error.to_string()).next("recipe-walk sessions")
            }
            SessionError::Io { cause, .. } => {
                Self::new(Kind::Disk, format!("the state cannot be used: {error}")).disk(cause)
            }
            SessionError::Journal(journal) => Self::from_journal(journal),
        }
    }
}

impl From<JournalError> for CommandError {
    fn from(error: JournalError) -> Self {
        Self::from_journal(&error)
    }
}

impl From<SandboxError> for CommandError {
    fn from(error: SandboxError) -> Self {
        let command = match &error {
            SandboxError::File { source, .. } => {
                return Self::new(Kind::Disk, error.to_string())
                    .means(source.to_string())
                    .with(disk_meaning(source));
            }
            SandboxError::Damaged { .. } => Self::new(Kind::Sandbox, error.to_string())
                .means("A reset throws the sandbox's resources and data away and begins anew.")
                .next("recipe-walk sandbox reset"),
            SandboxError::Policy { .. } => Self::new(Kind::Usage, error.to_string())
                .means("It is what --policy or --boundary named; nothing of the sandbox was touched.")
                .next("recipe-walk policy --help"),
            SandboxError::Machine(hindrance) => return Self::from(hindrance),
            SandboxError::AlreadyRunning { .. } => {
                Self::new(Kind::Sandbox, error.to_string()).next("recipe-walk sandbox status")
            }
            SandboxError::NotStarted { more, log, .. } => {
                let error = more.iter().fold(Self::new(Kind::Sandbox, error.to_string()), Self::means);
                error.means(format!("Its log is {}.", log.display())).next("recipe-walk doctor")
            }
            SandboxError::Listen { port, .. } => Self::new(Kind::Sandbox, error.to_string())
                .means("Another program has that port. Sessions are bound to the port of their sandbox, so end that program \
                        and try again; where you chose the port with --port, leave it away to get a free one.")
                .next(typed!("ss -ltnp sport = :{}", port).then("  # shows it")),
            _ => Self::new(Kind::Sandbox, error.to_string()).next("recipe-walk doctor"),
        };
        command.caused_by(&error)
    }
}

#[cfg(test)]
mod tests;
