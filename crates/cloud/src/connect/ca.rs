//! The CA certificate of a custom endpoint, from its one unsigned path.

use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use std::time::Duration;

/// Bytes of a certificate.
const LONGEST: usize = 64 * 1024;

/// Fetches `<endpoint>/ca.pem`. None where the endpoint has none, or is not plain HTTP.
pub async fn fetch_ca(endpoint: &str) -> Result<Option<String>, String> {
    let Some(authority) = endpoint.strip_prefix("http://").map(|a| a.trim_end_matches('/')) else {
        return Ok(None);
    };
    tokio::time::timeout(Duration::from_secs(5), get(authority))
        .await
        .map_err(|_| format!("{endpoint} did not answer in 5 s"))?
        .map_err(|e| format!("{endpoint}: {e}"))
}

async fn get(authority: &str) -> Result<Option<String>, Box<dyn std::error::Error + Send + Sync>> {
    let stream = tokio::net::TcpStream::connect(authority).await?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    let driver = tokio::spawn(connection);
    let request =
        hyper::Request::get("/ca.pem").header(hyper::header::HOST, authority).body(Empty::<Bytes>::new())?;
    let response = sender.send_request(request).await?;
    let found = response.status().is_success();
    let body = Limited::new(response.into_body(), LONGEST).collect().await?.to_bytes();
    driver.abort();
    let text = String::from_utf8_lossy(&body);
    Ok((found && text.contains("BEGIN CERTIFICATE")).then(|| text.into_owned()))
}
