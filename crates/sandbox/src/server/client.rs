//! One HTTP request to a sandbox, on a connection of its own.

use http_body_util::{BodyExt as _, Full, Limited};
use hyper::Request;
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use std::error::Error;
use tokio::net::TcpStream;

/// Any reason why there is no answer.
pub(crate) type AnyError = Box<dyn Error + Send + Sync>;

/// No answer is longer than this.
const MAX_ANSWER: usize = 16 * 1024 * 1024;

/// Sends the request and reads the whole answer. The endpoint is on loopback: no TLS.
pub(crate) async fn call(endpoint: &str, request: Request<Full<Bytes>>) -> Result<(u16, Bytes), AnyError> {
    let stream = TcpStream::connect(authority(endpoint)?).await?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(async move {
        // An error of the connection shows in the answer.
        let _ = connection.await;
    });
    let answer = sender.send_request(request).await?;
    let status = answer.status().as_u16();
    Ok((status, Limited::new(answer.into_body(), MAX_ANSWER).collect().await?.to_bytes()))
}

/// Host and port of an endpoint.
pub(crate) fn authority(endpoint: &str) -> Result<&str, AnyError> {
    let rest = endpoint.strip_prefix("http://").ok_or("the endpoint must begin with http://")?;
    Ok(rest.split('/').next().unwrap_or(rest))
}
