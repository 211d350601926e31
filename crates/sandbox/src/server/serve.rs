//! Running the endpoint in this process.

use crate::{
    engines::{Engines, Preference},
    model::{account::world::REGION, error::SandboxError, hindrance::Hindrance, pace::Pace},
    server::{
        access::Access,
        ctx::{BOUNDARY, Ctx, Departure},
        front::Front,
        machine,
        places::{Place, Places},
    },
    services::{self, iam},
    system::{alias::Alias, lock},
};
use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tokio::{
    net::{TcpListener, TcpStream},
    signal::unix::{Signal, SignalKind, signal},
    sync::mpsc,
};

/// How long a server that holds nothing waits for somebody to ask for something.
const IDLE_LIMIT: Duration = Duration::from_mins(1);
/// Bytes of a request's head, which nobody has judged yet; the longest that AWS's own clients send has some thousand.
const HEAD: usize = 64 * 1024;
/// How long requests in flight may take to end when the server stops.
const GRACE: Duration = Duration::from_secs(3);

/// How to run the endpoint.
#[derive(Clone, Debug)]
pub struct ServeOptions {
    /// The state directory; made if it is not there.
    pub dir: PathBuf,
    /// The port; by default the one of the previous run where it is free, else any.
    pub port: Option<u16>,
    /// How long transitions take; by default as in the previous run, at first [`Pace::Fast`].
    pub pace: Option<Pace>,
    /// Whether caches and databases are real processes.
    pub engines: bool,
    /// Which cache engine to take where both are installed.
    pub engine_preference: Preference,
    /// Ends when the world is empty and nobody asked for a minute, and leaves the terminal's session: for servers
    /// that were started in the background.
    pub exit_when_idle: bool,
    /// How it departs from an ordinary account.
    pub departure: Departure,
}

/// Serves until SIGTERM, SIGINT, a signed stop call, or (if asked for) idleness; calls `on_ready` once it listens.
pub async fn serve(options: ServeOptions, on_ready: impl FnOnce(&Access)) -> Result<(), SandboxError> {
    if options.exit_when_idle {
        // Closing the terminal must not end a server that others may use; fails only where we already lead a session.
        let _ = rustix::process::setsid();
    }
    let policy = |path: &Option<PathBuf>| {
        let read = |path: &PathBuf| {
            iam::read(path).map_err(|reason| SandboxError::Policy { path: path.clone(), reason })
        };
        path.as_ref().map(read).transpose()
    };
    policy(&options.departure.policy)?;
    let boundary = options.departure.boundary.clone().zip(policy(&options.departure.boundary)?);
    let real = prepare(&options.dir)?;
    let _lock = hold(&real).await?;
    let alias = Alias::of(&real).map_err(SandboxError::file("run engines below", real.clone()))?;
    let dir = alias.path().to_owned();
    let mut access = Access::read(&dir)?.unwrap_or_else(|| Access::fresh(REGION));
    let (listener, port) = listen(options.port, access.port()).await?;
    access.endpoint = format!("http://127.0.0.1:{port}");
    access.pid = std::process::id();
    access.pace = options.pace.unwrap_or(access.pace);
    let engines = if options.engines {
        Some(Engines::start(&dir, options.engine_preference).map_err(SandboxError::Engines)?)
    } else {
        None
    };
    let ctx = Ctx::open(&dir, access.pace, access.endpoint.clone(), engines, services::ALL.parts())?;
    ctx.depart(options.departure);
    if let Some((path, document)) = boundary {
        let made = iam::managed::put(&ctx, BOUNDARY, &document);
        made.map_err(|error| SandboxError::Policy { path, reason: error.message.unwrap_or_default() })?;
    }
    let keys = (access.access_key_id.clone(), access.secret_access_key.clone());
    let front = Front::new(Arc::clone(&ctx), services::ALL, keys.0, keys.1);
    let signals = Signals::listen().map_err(SandboxError::file("listen for signals in", dir.clone()))?;
    // They resume in the background, because nobody who asks for a security group should wait for a database.
    for service in services::ALL.all() {
        ctx.spawn((service.resume)(Arc::clone(&ctx)));
    }
    access.write(&dir)?;
    on_ready(&access);
    tracing::info!(endpoint = %access.endpoint, pace = %access.pace, "ready");

    let (alive, mut connections) = mpsc::channel::<()>(1);
    tokio::select! {
        () = accept(&listener, &front, &alive) => {}
        () = signals.received() => tracing::info!("stopping on a signal"),
        () = ctx.stopped() => tracing::info!("stopping as asked"),
        () = idle(&front, IDLE_LIMIT), if options.exit_when_idle => tracing::info!("stopping: empty and idle"),
    }
    drop(listener);
    ctx.stop();
    drop(alive);
    // Nobody ever sends, so this returns when the last connection has ended.
    if tokio::time::timeout(GRACE, connections.recv()).await.is_err() {
        tracing::warn!("requests in flight were cut off");
    }
    if let Some(engines) = &ctx.engines {
        engines.stop().await;
    }
    Ok(())
}

/// Makes the state directory, for its owner only, or takes one that only its owner can change.
fn prepare(dir: &Path) -> Result<PathBuf, SandboxError> {
    machine::check_machine(dir)?;
    // Engines get absolute paths, whatever directory they change to.
    dir.canonicalize().map_err(SandboxError::file("find", dir))
}

/// Takes the directory's lock for as long as this server lives.
async fn hold(dir: &Path) -> Result<fs::File, SandboxError> {
    // A command that asks whether a server runs takes the lock for an instant, and is no other server.
    for _ in 0..20 {
        if let Some(file) = lock(dir)? {
            return Ok(file);
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Err(SandboxError::AlreadyRunning { dir: dir.to_owned() })
}

/// Takes the directory's lock, which the system frees however its holder ends; `None` if another process has it.
pub(crate) fn lock(dir: &Path) -> Result<Option<fs::File>, SandboxError> {
    lock::take(dir).map_err(|source| Hindrance::Locks { dir: dir.to_owned(), source }.into())
}

async fn listen(asked: Option<u16>, remembered: Option<u16>) -> Result<(TcpListener, u16), SandboxError> {
    let bind = |port: u16| async move {
        let listener = TcpListener::bind(("127.0.0.1", port)).await?;
        let port = listener.local_addr()?.port();
        Ok::<_, io::Error>((listener, port))
    };
    if let Some(port) = asked {
        return bind(port).await.map_err(|source| SandboxError::Listen { port, source });
    }
    if let Some(port) = remembered
        && let Ok(bound) = bind(port).await
    {
        return Ok(bound);
    }
    bind(0).await.map_err(|source| SandboxError::Listen { port: 0, source })
}

/// Accepts connections for ever; each holds a clone of `alive` until it ends.
pub(crate) async fn accept(listener: &TcpListener, front: &Arc<Front>, alive: &mpsc::Sender<()>) {
    let places = Places::new(front.connections);
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let (front, alive) = (Arc::clone(front), alive.clone());
                let place = Arc::new(places.take().await);
                tokio::spawn(converse(stream, front, place, alive));
            }
            Err(error) => {
                // Most likely there are no file descriptors left; some must be freed, and spinning would not help.
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }
}

/// Answers the requests of one connection; when the server stops, the one in flight is the last.
async fn converse(stream: TcpStream, front: Arc<Front>, place: Arc<Place>, _alive: mpsc::Sender<()>) {
    // Answers are small and whole: waiting to fill a packet would only add delay.
    let _ = stream.set_nodelay(true);
    let ctx = Arc::clone(&front.ctx);
    let [head_limit, _, stranger_limit] = front.limits;
    let held = Arc::clone(&place);
    let service = service_fn(move |mut request: Request<Incoming>| {
        let front = Arc::clone(&front);
        request.extensions_mut().insert(Arc::clone(&held));
        async move { front.answer(request).await }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(head_limit)
        .max_headers(100)
        .max_buf_size(HEAD)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    let outcome = tokio::select! {
        outcome = connection.as_mut() => outcome,
        () = ctx.stopped() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
        () = place.lost(stranger_limit) => Ok(()),
    };
    if let Err(error) = outcome {
        tracing::debug!(%error, "connection ended");
    }
}

/// Ends when the world has been empty and nobody has asked for `limit`.
async fn idle(front: &Front, limit: Duration) {
    let mut tick = tokio::time::interval(limit.min(Duration::from_secs(1)));
    loop {
        tick.tick().await;
        let held = front.ctx.faults.holds_a_call();
        if front.quiet() >= limit
            && !held
            && front.ctx.parts.resources(&front.ctx.world(), front.ctx.now()).is_empty()
        {
            return;
        }
    }
}

/// The signals that ask a server to end.
struct Signals {
    all: [Signal; 3],
}

impl Signals {
    fn listen() -> io::Result<Self> {
        let all = [
            signal(SignalKind::terminate())?,
            signal(SignalKind::interrupt())?,
            signal(SignalKind::hangup())?,
        ];
        Ok(Self { all })
    }

    async fn received(mut self) {
        let [a, b, c] = &mut self.all;
        tokio::select! {
            _ = a.recv() => {}
            _ = b.recv() => {}
            _ = c.recv() => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::control;

    #[test]
    fn only_one_server_a_directory() {
        let dir = tempfile::tempdir().unwrap();
        let first = lock(dir.path()).unwrap();
        assert!(first.is_some());
        assert!(lock(dir.path()).unwrap().is_none());
        drop(first);
        assert!(lock(dir.path()).unwrap().is_some());
    }

    #[tokio::test]
    async fn restarted_server_keeps_key_and_port_until_reset() {
        let outer = tempfile::tempdir().unwrap();
        let dir = outer.path().join("state");
        let mut seen: Option<Access> = None;
        for _ in 0..2 {
            assert_eq!(control::running(&dir).await.unwrap(), None);
            let options = ServeOptions {
                dir: dir.clone(),
                port: None,
                pace: None,
                engines: false,
                engine_preference: Preference::default(),
                exit_when_idle: false,
                departure: Departure::default(),
            };
            let (tell, ready) = tokio::sync::oneshot::channel();
            let server = tokio::spawn(async move {
                serve(options.clone(), |access| drop(tell.send(access.clone()))).await
            });
            let access = ready.await.unwrap();
            assert_eq!(control::running(&dir).await.unwrap(), Some(access.clone()));
            let status = control::status(&access).await.unwrap();
            assert_eq!((status.pid, status.resources.len()), (std::process::id(), 0));
            let stranger = Access { secret_access_key: "x".into(), ..access.clone() };
            assert!(control::status(&stranger).await.is_err());
            assert!(control::stop(&dir).await.unwrap());
            server.await.unwrap().unwrap();
            assert!(!control::stop(&dir).await.unwrap());
            // The key and, as it is free again, the port are those of the first run.
            assert!(seen.is_none_or(|earlier| earlier == access));
            seen = Some(access);
        }
        control::reset(&dir).await.unwrap();
        assert!(!dir.exists());
    }

    #[tokio::test]
    async fn an_empty_world_is_left_after_a_while() {
        let (_dir, ctx) = Ctx::for_tests();
        let front = Front::new(ctx, services::ALL, "key".into(), "secret".into());
        let limit = Duration::from_millis(30);
        tokio::time::timeout(Duration::from_secs(2), idle(&front, limit)).await.unwrap();
    }
}
