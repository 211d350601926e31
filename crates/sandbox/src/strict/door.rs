//! A front door on a port of its own, without engines, and requests to it as bytes.

use super::{
    keys::{KEY, SECRET, Signing},
    presign,
};
use crate::{
    model::pace::Pace,
    protocol::sigv4,
    server::{ctx::Ctx, front::Front, serve},
    services::{ALL, iam, service::Wire},
};
use jiff::SignedDuration;
use std::{fmt::Write as _, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::mpsc,
};

/// No test waits for as long.
pub(super) const LONG: Duration = Duration::from_mins(10);

/// A running front door.
pub(super) struct Door {
    pub(super) ctx: Arc<Ctx>,
    pub(super) front: Arc<Front>,
    pub(super) dir: tempfile::TempDir,
    pub(super) address: String,
    server: tokio::task::JoinHandle<()>,
}

/// An answer.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    /// Status line and headers.
    pub(super) head: String,
    pub(super) body: String,
}

impl Door {
    pub(super) async fn open(pace: Pace) -> Self {
        Self::with(pace, |front| {
            front.limits = [Duration::from_millis(300), Duration::from_millis(300), LONG];
        })
        .await
    }

    /// Opens one with other limits than the product's.
    pub(super) async fn with(pace: Pace, limit: impl FnOnce(&mut Front)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let ctx = Ctx::open(dir.path(), pace, "http://127.0.0.1:1".into(), None, ALL.parts()).unwrap();
        let front = Front::new(Arc::clone(&ctx), ALL, KEY.into(), SECRET.into());
        let mut front = Arc::into_inner(front).unwrap();
        limit(&mut front);
        let front = Arc::new(front);
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let served = Arc::clone(&front);
        let server = tokio::spawn(async move {
            let (alive, _connections) = mpsc::channel(1);
            serve::accept(&listener, &served, &alive).await;
        });
        Self { ctx, front, dir, address, server }
    }

    /// Sends bytes on a connection of their own and reads until it is closed; status 0 where nothing came back.
    pub(super) async fn raw(&self, request: &[u8]) -> Answer {
        let mut stream = TcpStream::connect(&self.address).await.unwrap();
        // A server that has refused already may be gone before everything is written.
        let _ = stream.write_all(request).await;
        let mut all = Vec::new();
        let _ = stream.read_to_end(&mut all).await;
        let text = String::from_utf8_lossy(&all).into_owned();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let status = head.get(9..12).and_then(|s| s.parse().ok()).unwrap_or(0);
        Answer { status, head: head.to_ascii_lowercase(), body: body.to_owned() }
    }

    /// Signs and sends a call; `parameters` are a form or, where they begin with a brace, JSON. Returns the date sent.
    pub(super) async fn call(
        &self,
        service: &str,
        operation: &str,
        parameters: &str,
        signing: &Signing,
    ) -> (Answer, String) {
        let (request, stamp) = request(&self.address, service, operation, parameters, signing);
        (self.raw(&request).await, stamp)
    }

    /// The keys of a role that an instance has: access key id, secret and session token.
    pub(super) async fn role(&self) -> (String, String, String) {
        let trust = "%7B%22Statement%22%3A%7B%22Effect%22%3A%22Allow%22%2C%22Principal%22%3A%7B%22Service%22%3A%22ec2.amazonaws.com%22%7D%2C%22Action%22%3A%22sts%3AAssumeRole%22%7D%7D";
        for (operation, parameters) in [
            ("CreateRole", format!("RoleName=app&AssumeRolePolicyDocument={trust}")),
            ("CreateInstanceProfile", "InstanceProfileName=app".to_owned()),
            ("AddRoleToInstanceProfile", "InstanceProfileName=app&RoleName=app".to_owned()),
        ] {
            assert_eq!(self.call("iam", operation, &parameters, &Signing::default()).await.0.status, 200);
        }
        let keys = iam::keys_for(&self.ctx, "i-1", Some("app")).unwrap().unwrap();
        (keys.access_key_id, keys.secret_access_key, keys.token)
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// The text of the first element of this name.
pub(super) fn tag(xml: &str, name: &str) -> Option<String> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    let (text, _) = rest.split_once(&format!("</{name}>"))?;
    let unescaped = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")];
    Some(unescaped.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to)))
}

/// The bytes of a call, and its date.
pub(super) fn request(
    address: &str,
    service: &str,
    operation: &str,
    parameters: &str,
    signing: &Signing,
) -> (Vec<u8>, String) {
    if signing.how.starts_with("presigned") {
        return presign::request(address, service, operation, parameters, signing);
    }
    let known = ALL.by_name(service).unwrap();
    let body = if parameters.starts_with('{') {
        parameters.to_owned()
    } else {
        let version = known.form().map_or("", |form| form.version);
        format!("Action={operation}&Version={version}&{parameters}")
    };
    let how = signing.how.as_str();
    let offset = match how {
        "old" => SignedDuration::from_mins(-16),
        "future" => SignedDuration::from_mins(16),
        _ => SignedDuration::ZERO,
    };
    let time = jiff::Timestamp::now() + offset;
    let stamp = sigv4::write_stamp(time);
    let mut headers = vec![("host", address), ("x-amz-date", stamp.as_str())];
    let target = match &known.wire {
        Wire::Json(json) => format!("{}.{operation}", json.target),
        Wire::Form(_) => String::new(),
    };
    if !target.is_empty() {
        headers.push(("content-type", "application/x-amz-json-1.1"));
        if how != "no-target" {
            headers.push(("x-amz-target", &target));
        }
    }
    let (mut key, mut secret) = (KEY, SECRET);
    if let (Some((id, own, token)), "role") = (&signing.role, how) {
        (key, secret) = (id, own);
        headers.push(("x-amz-security-token", token));
    }
    match how {
        "unknown-key" => key = "AKIDNOBODY",
        "wrong-secret" => secret = "another",
        _ => {}
    }
    let region = if how == "wrong-region" { "eu-west-9" } else { "us-east-1" };
    let scope = if how == "wrong-service" { "ec2" } else { service };
    let identity = sigv4::identity(key, secret);
    let (_, authorization) =
        sigv4::signature("POST", "/", &headers, body.as_bytes(), &identity, region, scope, time).unwrap();
    let authorization = match how {
        "unsigned" => None,
        "malformed" => Some("AWS4-HMAC-SHA256 a=b".to_owned()),
        "no-equals" => Some("AWS4-HMAC-SHA256 nonsense".to_owned()),
        _ => Some(authorization),
    };
    let mut request = "POST / HTTP/1.1\r\n".to_owned();
    for (name, value) in headers.iter().filter(|(name, _)| how != "malformed" || *name != "x-amz-date") {
        let _ = write!(request, "{name}: {value}\r\n");
    }
    if let Some(authorization) = authorization {
        let _ = write!(request, "authorization: {authorization}\r\n");
    }
    let _ = write!(request, "content-length: {}\r\nconnection: close\r\n\r\n{body}", body.len());
    (request.into_bytes(), stamp)
}
