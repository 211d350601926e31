//! Where a walk runs: the sandbox or AWS. From here on nobody asks which.

use crate::error::{CommandError, Kind};
use crate::options::{AwsArgs, CacheEngine, PlaceArgs};
use crate::paths::Paths;
use crate::session::engines;
use crate::ui::prompt::Item;
use crate::ui::{self, Terminal};
use jiff::Timestamp;
use recipe_walk_cloud::{AwsCloud, ConnectError, Fixed, Target, connect, fetch_ca};
use recipe_walk_engine::cloud::{Cloud as _, Identity, Place, Remote};
use recipe_walk_engine::configuration::Trust;
use recipe_walk_engine::id::SessionId;
use recipe_walk_engine::record::Opening;
use recipe_walk_engine::session;
use recipe_walk_engine::shell::Typed;
use recipe_walk_engine::state::State;
use recipe_walk_engine::typed;
use recipe_walk_sandbox::{Access, Pace, SandboxError};
use rustix::process::{Pid, test_kill_process};
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

/// Says in the sandbox's directory that it runs without engines.
const NO_ENGINES: &str = "no-engines";

/// A place that answers.
#[derive(Clone)]
pub(crate) struct Reached {
    /// The cloud.
    pub(crate) cloud: Arc<AwsCloud>,
    /// Who and where we are.
    pub(crate) identity: Identity,
    /// Whom the demo trusts there.
    pub(crate) trust: Trust,
    /// The sandbox, where it is one.
    pub(crate) sandbox: Option<Sandbox>,
}

impl Reached {
    /// All sessions that have something there.
    pub(crate) async fn sessions(&self) -> Result<Vec<Remote>, CommandError> {
        self.cloud.sessions().await.map_err(|failure| CommandError::from_failure(&failure))
    }

    /// Stops the sandbox if this program started it and no session but the one that has ended lives there.
    pub(crate) async fn leave(&self, paths: &Paths, ended: Option<&SessionId>, terminal: &Terminal) {
        let Some(sandbox) = self.sandbox.as_ref().filter(|sandbox| sandbox.started) else { return };
        let lives = |state: &State| {
            let opening = state.opening.as_ref().map(|(_, opening)| opening);
            state.closed.is_none()
                && opening.is_some_and(|o| o.sandbox && o.place.endpoint == self.identity.place.endpoint)
        };
        let others = session::list(&paths.sessions())
            .unwrap_or_default()
            .into_iter()
            .any(|(id, state)| Some(&id) != ended && state.is_ok_and(|state| lives(&state)));
        if !others && let Err(error) = stop(&sandbox.dir).await {
            terminal.warn(&format!("The sandbox did not stop: {error}"));
        }
    }

    /// Whether a session lives somewhere else.
    pub(crate) fn is_elsewhere(&self, state: &State) -> bool {
        state.opening.as_ref().is_some_and(|(_, o)| o.place != self.identity.place)
    }
}

/// Whether a session should be gone by now.
pub(crate) fn has_expired(expires_at: Option<Timestamp>, now: Timestamp) -> bool {
    expires_at.is_some_and(|at| at < now)
}

/// The sandbox of a walk.
#[derive(Debug, Clone)]
pub(crate) struct Sandbox {
    /// Its directory.
    pub(crate) dir: PathBuf,
    /// Whether this program started it, and so stops it.
    pub(crate) started: bool,
    /// Whether it runs no engines.
    pub(crate) bare: bool,
}

/// What a sandbox is wanted for.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct SandboxWish<'a> {
    /// Nobody is asked.
    pub(crate) yes: bool,
    /// How long things take.
    pub(crate) pace: Option<Pace>,
    /// Cache engine.
    pub(crate) engine: Option<CacheEngine>,
    /// Where a session left it.
    pub(crate) place: Option<&'a Place>,
    /// As it was left, with engines or without: for sessions that are there already.
    pub(crate) back: bool,
}

/// Starts the sandbox, or finds it, and connects to it.
pub(crate) async fn sandbox(
    paths: &Paths,
    wish: SandboxWish<'_>,
    terminal: &Terminal,
) -> Result<Reached, CommandError> {
    let dir = paths.sandbox(None);
    let runs = recipe_walk_sandbox::running(&dir).await?.is_some();
    if !runs {
        // A sandbox without engines stays one when a session that was begun there goes on.
        if !is_bare(&dir) || !wish.back {
            engines::ensure(engines::preference(wish.engine), wish.yes, terminal).await?;
        }
        paths.check_space()?;
        recipe_walk_sandbox::check_machine(&dir)?;
    }
    let exe = std::env::current_exe()
        .map_err(|e| CommandError::new(Kind::Sandbox, format!("this program cannot find itself: {e}")))?;
    let port = wish.place.and_then(|p| p.endpoint.as_deref()?.rsplit_once(':')).map(|(_, port)| port);
    let mut extra = Vec::new();
    if let Some(port) = port {
        extra.extend(["--port", port]);
    }
    if let Some(engine) = wish.engine {
        extra.extend(["--engine", engine.name()]);
    }
    if wish.back && is_bare(&dir) {
        extra.push("--no-engines");
    }
    let (access, started) = recipe_walk_sandbox::ensure_running(&dir, &exe, wish.pace, &extra).await?;
    if let Some(pace) = wish.pace.filter(|pace| *pace != access.pace) {
        terminal.warn(&format!("The sandbox runs already, at pace {}; {pace} was not set.", access.pace));
    }
    let target = fixed(&access);
    let sandbox = Sandbox { bare: is_bare(&dir), dir, started };
    reach(&target, Some(sandbox)).await
}

/// The sandbox of an access file as a place to connect to.
fn fixed(access: &Access) -> Target {
    Target {
        profile: None,
        region: None,
        fixed: Some(Fixed {
            endpoint: access.endpoint.clone(),
            region: access.region.clone(),
            access_key_id: access.access_key_id.clone(),
            secret_access_key: access.secret_access_key.clone().into(),
            guard: recipe_walk_sandbox::listener_is_ours,
        }),
    }
}

/// A look at where a session lives, if that can be had without starting or asking anything.
pub(crate) async fn quickly(opening: &Opening, paths: &Paths) -> Option<AwsCloud> {
    let target = if opening.sandbox {
        fixed(&recipe_walk_sandbox::running(&paths.sandbox(None)).await.ok()??)
    } else {
        Target { profile: None, region: Some(opening.place.region.clone()), fixed: None }
    };
    connect(&target).await.ok()
}

/// Where sessions are looked for that this machine does not know: what the command line says, else what the person says.
pub(crate) async fn asked(
    args: &PlaceArgs,
    yes: bool,
    paths: &Paths,
    command: &Typed,
    terminal: &Terminal,
) -> Result<Reached, CommandError> {
    let on_sandbox = if args.given() {
        args.sandbox
    } else if yes || !terminal.is_interactive() {
        return Err(CommandError::new(Kind::Usage, "where to look? Name a place: --sandbox or --aws")
            .means("Nothing was begun. A session lives in one account and region, or on the sandbox.")
            .next(command.clone().then("--aws"))
            .next(command.clone().then("--sandbox")));
    } else {
        let items = vec![
            Item::new('s', "Sandbox of this machine", Some(true)),
            Item::new('a', "AWS: your account", Some(false)),
            Item::new('q', "Quit", None),
        ];
        let answer = terminal.choose("Where do you want to look?", items, Some(2));
        answer.ok().flatten().ok_or_else(CommandError::nothing_begun)?
    };
    if on_sandbox {
        sandbox(paths, SandboxWish { yes, back: true, ..SandboxWish::default() }, terminal).await
    } else {
        aws(&args.target()).await
    }
}

/// Connects to the person's account.
pub(crate) async fn aws(args: &AwsArgs) -> Result<Reached, CommandError> {
    let target = Target { profile: args.profile.clone(), region: args.region.clone(), fixed: None };
    let mut reached = pin!(reach(&target, None));
    tokio::select! {
        reached = reached.as_mut() => reached,
        () = tokio::time::sleep(SILENCE) => {
            ui::raw_error("Waiting for AWS: for credentials (a program that gives them, a sign-in) or for the network …");
            reached.await
        }
    }
}

/// How long nothing is said while a place is reached.
const SILENCE: Duration = Duration::from_millis(1500);

async fn reach(target: &Target, sandbox: Option<Sandbox>) -> Result<Reached, CommandError> {
    let cloud = connect(target).await.map_err(|error| connect_error(&error))?;
    let identity = cloud.identity().await.map_err(|failure| {
        let mut error = CommandError::from_failure(&failure);
        // A signature is refused for a wrong clock with words that do not always say so.
        if let Some(ahead) = cloud.clock_ahead().filter(|seconds| seconds.abs() > 240) {
            let way = if ahead > 0 { "behind" } else { "ahead of" };
            error = error
                .means(format!("This machine's clock is {} minutes {way} the service's.", ahead.abs() / 60));
            error.next.insert(0, "sudo timedatectl set-ntp true".into());
        }
        // The account and the permissions are the person's also on the sandbox; only silence is the sandbox's failure.
        if sandbox.is_some() && failure.kind().is_none() {
            return CommandError { kind: Kind::Sandbox, next: Vec::new(), ..error }
                .next("recipe-walk sandbox status");
        }
        error
    })?;
    let trust = match cloud.endpoint() {
        None => Trust::Public,
        Some(endpoint) => authority(endpoint, sandbox.is_some())
            .await
            .map_err(|why| {
                CommandError::new(
                    Kind::Sandbox,
                    format!("the endpoint's CA certificate cannot be read: {why}"),
                )
                .means(format!("It was asked for at {endpoint}/ca.pem."))
            })?
            .map_or(Trust::Public, Trust::Private),
    };
    Ok(Reached { cloud: Arc::new(cloud), identity, trust, sandbox })
}

/// The endpoint's CA certificate; that of the sandbox from nobody but the sandbox.
async fn authority(endpoint: &str, sandbox: bool) -> Result<Option<String>, String> {
    if sandbox && !recipe_walk_sandbox::listener_is_ours(endpoint)? {
        return Err("nobody listens there".into());
    }
    fetch_ca(endpoint).await
}

/// Why there is no connection, for a person.
pub(crate) fn connect_error(error: &ConnectError) -> CommandError {
    let message = error.to_string();
    match error {
        ConnectError::NoRegion => CommandError::new(Kind::Region, message)
            .means("A region is part of where a session lives; none is guessed.")
            .next("recipe-walk --aws --region us-east-1")
            .next("export AWS_REGION=us-east-1"),
        ConnectError::UnknownProfile { meant, .. } => {
            let error = CommandError::new(Kind::Credentials, message);
            match meant {
                Some(meant) => error
                    .means(format!("Did you mean '{meant}'?"))
                    .next(typed!("recipe-walk --aws --profile {}", meant)),
                None => error.next("aws configure list-profiles"),
            }
        }
        ConnectError::File { .. } => CommandError::new(Kind::Credentials, message)
            .means("AWS's tools keep profiles and regions there; it is read before anything is begun.")
            .next("recipe-walk doctor"),
        ConnectError::Unusable { .. } => CommandError::new(Kind::Credentials, message)
            .means("It was probably copied with more than itself: a line's end, a blank, a quote.")
            .next("aws configure"),
        ConnectError::Endpoint { what, .. } => {
            let error = CommandError::new(Kind::Place, message).means(
                "AWS's tools pass over such an address without a word and go to AWS itself; nothing was asked.",
            );
            if std::env::var_os(what).is_some() { error.next(typed!("unset {}", what)) } else { error }
        }
        ConnectError::Split { service, .. } => {
            let error = CommandError::new(Kind::Place, message).means(
                "A session lives in one place; one service elsewhere would make things that nobody finds again.",
            );
            let variable = format!("AWS_ENDPOINT_URL_{}", service.to_uppercase().replace(' ', "_"));
            if std::env::var_os(&variable).is_some() {
                return error.next(typed!("unset {}", variable));
            }
            error
                .means("The profile's 'services' section says so: take its endpoint_url out, or use another profile.")
                .next("recipe-walk --aws --profile PROFILE")
        }
        ConnectError::UnknownRegion(_) => CommandError::new(Kind::Region, message)
            .next("aws ec2 describe-regions --query 'Regions[].RegionName' --output text"),
        ConnectError::NoRoots => CommandError::new(Kind::Unexpected, message)
            .next("apt-get install -y ca-certificates")
            .next("recipe-walk --sandbox   # needs no certificates"),
        ConnectError::NoCredentials(_) => CommandError::new(Kind::Credentials, message)
            .means("recipe-walk uses the credentials that any AWS tool on this machine would use.")
            .next("aws configure")
            .next("aws sso login --profile PROFILE")
            .next("recipe-walk --sandbox   # needs no account"),
    }
}

/// Refuses when a session belongs somewhere else; `command` is what was wanted with it.
pub(crate) fn check_place(
    command: &str,
    session: &str,
    wanted: &Place,
    found: &Place,
) -> Result<(), CommandError> {
    if wanted == found {
        return Ok(());
    }
    let place = |p: &Place| {
        let endpoint = p.endpoint.as_deref().unwrap_or("AWS's own endpoint");
        format!("account {}, region {}, {endpoint}", p.account, p.region)
    };
    let error = CommandError::new(Kind::Place, format!("session {session} belongs somewhere else"))
        .means(format!("It was begun in {}.", place(wanted)))
        .means(format!("You are in      {}.", place(found)))
        .means("Nothing was changed.");
    Err(if wanted.account != found.account {
        error.next(typed!("recipe-walk {} {} --profile PROFILE_OF_{}", command, session, wanted.account))
    } else if wanted.region != found.region {
        error.next(typed!("recipe-walk {} {} --region {}", command, session, wanted.region))
    } else {
        match &wanted.endpoint {
            Some(endpoint) => error.next(typed!("export AWS_ENDPOINT_URL={}", endpoint)),
            None => error.next("unset AWS_ENDPOINT_URL"),
        }
    })
}

/// How long a server that has let go of its directory may take to end.
const END: Duration = Duration::from_secs(3);

/// Stops the sandbox of a directory and waits until its process has ended; false if none ran.
pub(crate) async fn stop(dir: &Path) -> Result<bool, SandboxError> {
    let pid = Access::read(dir)?.and_then(|access| Pid::from_raw(i32::try_from(access.pid).ok()?));
    let stopped = recipe_walk_sandbox::stop(dir).await?;
    let gone = async {
        while stopped && pid.is_some_and(|pid| test_kill_process(pid).is_ok()) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    // A process that somebody else has to reap stays listed; that is no reason to fail.
    let _ = tokio::time::timeout(END, gone).await;
    Ok(stopped)
}

/// Whether the sandbox of a directory runs without engines.
pub(crate) fn is_bare(dir: &Path) -> bool {
    dir.join(NO_ENGINES).exists()
}

/// Notes whether the sandbox of a directory runs without engines.
pub(crate) fn note_bare(dir: &Path, bare: bool) -> std::io::Result<()> {
    let path = dir.join(NO_ENGINES);
    if bare {
        std::fs::write(path, b"")
    } else if path.exists() {
        std::fs::remove_file(path)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_other_place_is_refused_with_the_way_back() {
        let place = |account: &str, region: &str, endpoint: Option<&str>| Place {
            account: account.into(),
            region: region.into(),
            endpoint: endpoint.map(str::to_owned),
        };
        let here = place("1", "us-east-1", None);
        assert!(check_place("resume", "s", &here, &here).is_ok());
        for (other, way) in [
            (place("2", "us-east-1", None), "--profile"),
            (place("1", "eu-west-1", None), "--region us-east-1"),
            (place("1", "us-east-1", Some("http://x")), "unset AWS_ENDPOINT_URL"),
        ] {
            let error = check_place("resume", "s", &here, &other).expect_err("refused");
            assert_eq!(error.kind, Kind::Place);
            assert!(error.next[0].as_str().contains(way), "{error:?}");
        }
    }
}
