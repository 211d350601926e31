//! The front door: one request in, one answer out. Signature first, then the service, then its codec.

mod hook;
mod route;
#[cfg(test)]
mod tests;

use hook::Dropped;

use crate::model::{caller::Caller, error::ApiError};
use crate::{
    engines::ca,
    server::{ctx::Ctx, places::Place},
};
use crate::{
    protocol::{
        envelope::{self, Answer},
        sigv4::{self, Claim, Fault, Key},
    },
    services::service::Services,
};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::{
    Method, Request, Response, StatusCode,
    body::{Body, Bytes},
    header::HeaderValue,
    http::request::Parts,
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// No request of the services here comes near this.
const MAX_BODY: usize = 1024 * 1024;
/// What anybody may send. A longer body is read only of those who name a key that there is.
const MAX_STRANGE_BODY: u64 = 64 * 1024;
/// Whoever comes when there are so many connections takes the place of one that has signed nothing; where all have, he
/// waits.
const CONNECTIONS: usize = 512;
/// In this time a new connection has to bring a request with a good signature, head and body, or it is ended.
const STRANGER_LIMIT: Duration = Duration::from_secs(5);
/// A client that does not finish its header in this time is dropped.
const HEAD_LIMIT: Duration = Duration::from_secs(10);
/// Headers that decide who asks for what.
const SINGLE: [&str; 6] =
    ["authorization", "content-type", "host", "x-amz-date", "x-amz-security-token", "x-amz-target"];
/// For a request's body to arrive; the call itself has a limit of its own.
const BODY_LIMIT: Duration = Duration::from_secs(30);

/// The answer to what `aws rds generate-db-auth-token` prints: it looks like a presigned request, and is none.
const LOGIN: &str = "This is a token for logging in to a database or a cache with IAM, which its server takes as a \
                     password. It is no request to an API, and the engines of the recipe-walk sandbox take passwords only.";

/// What the front door needs to judge a request.
pub(crate) struct Front {
    pub(crate) ctx: Arc<Ctx>,
    pub(crate) services: Services,
    pub(crate) key_id: String,
    pub(crate) secret: String,
    pub(crate) started: Instant,
    /// Milliseconds from `started` to the last request.
    last_request: AtomicU64,
    /// For a request's head, for its body, and for the first whole request of a connection to arrive.
    pub(crate) limits: [Duration; 3],
    /// Connections at a time.
    pub(crate) connections: usize,
}

impl Front {
    pub(crate) fn new(ctx: Arc<Ctx>, services: Services, key_id: String, secret: String) -> Arc<Self> {
        Arc::new(Self {
            ctx,
            services,
            key_id,
            secret,
            started: Instant::now(),
            last_request: AtomicU64::new(0),
            limits: [HEAD_LIMIT, BODY_LIMIT, STRANGER_LIMIT],
            connections: CONNECTIONS,
        })
    }

    /// How long nobody has asked for anything.
    pub(crate) fn quiet(&self) -> Duration {
        self.started
            .elapsed()
            .saturating_sub(Duration::from_millis(self.last_request.load(Ordering::Relaxed)))
    }

    /// Answers one request, within limits of size and time.
    pub(crate) async fn answer<B>(self: Arc<Self>, request: Request<B>) -> Result<Answer, Dropped>
    where
        B: Body + Send,
        B::Data: Send,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let now = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.last_request.store(now, Ordering::Relaxed);
        let (parts, body) = request.into_parts();
        let mut answer = match self.unread(&parts, body.size_hint().upper()) {
            Some(refusal) => refusal,
            None => {
                match tokio::time::timeout(self.limits[1], Limited::new(body, MAX_BODY).collect()).await {
                    Ok(Ok(body)) => self.judge(&parts, &body.to_bytes()).await?,
                    Ok(Err(_)) => {
                        plain(StatusCode::PAYLOAD_TOO_LARGE, "the body is over 1 MiB or broken off")
                    }
                    Err(_) => plain(StatusCode::REQUEST_TIMEOUT, "the request took over 30 seconds"),
                }
            }
        };
        // The server adds the machine's own time where this one's is no other.
        if self.ctx.clock_ahead() != 0 {
            let date = self.ctx.now().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
            if let Ok(date) = HeaderValue::from_str(&date) {
                answer.headers_mut().insert("date", date);
            }
        }
        if parts.extensions.get::<Arc<Place>>().is_some_and(|place| !place.is_signed()) {
            close(&mut answer);
        }
        Ok(answer)
    }

    /// The refusal of a request whose body is not worth reading.
    fn unread(&self, parts: &Parts, length: Option<u64>) -> Option<Answer> {
        // Beside a Content-Length it would leave open where the request ends; no client of AWS's services needs it.
        if parts.headers.contains_key("transfer-encoding") {
            return Some(plain(
                StatusCode::LENGTH_REQUIRED,
                "send the body with a Content-Length, not in chunks",
            ));
        }
        // Of two values only one would be judged.
        let twice = |name: &&&str| parts.headers.get_all(**name).iter().nth(1).is_some();
        if SINGLE.iter().find(twice).is_some() {
            return Some(plain(StatusCode::BAD_REQUEST, "a header that may come once came twice"));
        }
        if length.is_some_and(|length| length <= MAX_STRANGE_BODY) {
            return None;
        }
        let too_long = || plain(StatusCode::PAYLOAD_TOO_LARGE, "the body is over 1 MiB");
        self.stranger(parts).or_else(|| length.is_none_or(|length| length > MAX_BODY as u64).then(too_long))
    }

    /// The refusal of a request that names no key, or none that there is.
    fn stranger(&self, parts: &Parts) -> Option<Answer> {
        let shape = route::Shape::of(parts, self.services);
        let (shape, fault) = match Claim::read(parts) {
            Err(fault) => (shape, fault),
            Ok(claim) if self.key(&claim.key_id).is_some() => return None,
            Ok(claim) => (shape.claimed(self.services.by_name(&claim.service)), Fault::UnknownKey),
        };
        let mut refusal = shape.refuse(&envelope::signature_refusal(shape.protocol, fault));
        close(&mut refusal);
        Some(refusal)
    }

    /// Answers a request whose body is known.
    pub(crate) async fn judge(&self, parts: &Parts, body: &Bytes) -> Result<Answer, Dropped> {
        if parts.method == Method::GET && parts.uri.path() == "/ca.pem" && parts.uri.query().is_none() {
            return Ok(self.certificate().await);
        }
        let shape = route::Shape::of(parts, self.services);
        let claim = match Claim::read(parts) {
            Ok(claim) => claim,
            Err(fault) => {
                let shape = shape.guessed(parts, body);
                return Ok(shape.refuse(&envelope::signature_refusal(shape.protocol, fault)));
            }
        };
        let shape = shape.claimed(self.services.by_name(&claim.service));
        let shape = if shape.service.is_none() { shape.guessed(parts, body) } else { shape };
        if claim.is_login() {
            return Ok(shape.refuse(&ApiError::bad("InvalidAction", LOGIN)));
        }
        let key = self.key(&claim.key_id);
        let ctx = &self.ctx;
        // A clock that is wrong for AWS's services must not lock the sandbox's own commands out.
        let now = if shape.service.is_some_and(|service| !service.part.of_aws) {
            jiff::Timestamp::now()
        } else {
            ctx.now()
        };
        let caller = match claim.check(
            parts,
            body,
            key.as_ref(),
            shape.service.map(|service| service.part.name),
            &ctx.region,
            now,
        ) {
            Ok(caller) => caller,
            Err(fault) => return Ok(shape.refuse(&envelope::signature_refusal(shape.protocol, fault))),
        };
        if parts.extensions.get::<Arc<Place>>().is_some_and(|place| !place.sign()) {
            return Err(Dropped);
        }
        route::dispatch(self, &caller, &shape, parts, body).await
    }

    fn key(&self, id: &str) -> Option<Key> {
        if sigv4::same(id.as_bytes(), self.key_id.as_bytes()) {
            return Some(Key { secret: self.secret.clone(), session: None, caller: Caller::Root });
        }
        self.ctx.read(|world| {
            let session = world.iam.sessions.find(id).filter(|s| s.access_key_id == id)?;
            Some(Key {
                secret: session.secret_access_key.clone(),
                session: Some((session.token.clone(), session.expires)),
                caller: Caller::Role { role: session.role.clone(), instance: session.instance.clone() },
            })
        })
    }

    /// The one unsigned path: a public certificate is no secret, and a client needs it before it can trust anything.
    async fn certificate(&self) -> Answer {
        let dir = self.ctx.dir.clone();
        match tokio::task::spawn_blocking(move || ca::ca_pem(&dir)).await {
            Ok(Ok(pem)) => {
                let mut answer = Response::new(Full::new(Bytes::from(pem)));
                let value = HeaderValue::from_static("application/x-pem-file");
                answer.headers_mut().insert("content-type", value);
                answer
            }
            Ok(Err(error)) => {
                tracing::error!(%error, "no CA certificate");
                plain(StatusCode::INTERNAL_SERVER_ERROR, "the sandbox has no CA certificate; see its log")
            }
            Err(_) => plain(StatusCode::INTERNAL_SERVER_ERROR, "stopping"),
        }
    }
}

fn plain(status: StatusCode, text: &'static str) -> Answer {
    let mut answer = Response::new(Full::new(Bytes::from_static(text.as_bytes())));
    *answer.status_mut() = status;
    answer.headers_mut().insert("content-type", HeaderValue::from_static("text/plain"));
    close(&mut answer);
    answer
}

/// Ends the connection: what is left of a body that was not read would be taken for the next request.
fn close(answer: &mut Answer) {
    answer.headers_mut().insert("connection", HeaderValue::from_static("close"));
}
