//! Certificates that are trusted: those of a file that the person names, and the CA certificate of a custom endpoint, from
//! its one unsigned path.

use super::ConnectError;
use aws_smithy_http_client::tls::{TlsContext, TrustStore};
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use rustls::RootCertStore;
use rustls::pki_types::{CertificateDer, pem::PemObject as _};
use std::path::Path;
use std::time::Duration;

/// Bytes of a certificate.
const LONGEST: usize = 64 * 1024;

/// Bytes of a bundle; the system's own has a quarter of a megabyte.
const LARGEST: u64 = 4 * 1024 * 1024;

/// What trusts the certificates of a file and no others, as AWS's tools do with `AWS_CA_BUNDLE`.
pub(super) fn trusting(file: &Path) -> Result<TlsContext, ConnectError> {
    let failed = |why: String| ConnectError::File { file: file.to_owned(), why };
    let pem = recipe_walk_files::text(file, LARGEST).map_err(|error| failed(error.to_string()))?;
    // The SDK panics at certificates that it cannot read.
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
        let certificate = certificate.map_err(|_| failed("it is no file of certificates in PEM".into()))?;
        roots
            .add(certificate)
            .map_err(|error| failed(format!("a certificate in it cannot be used: {error}")))?;
    }
    if roots.is_empty() {
        return Err(failed("it holds no certificate in PEM".into()));
    }
    let store = TrustStore::empty().with_pem_certificate(pem);
    TlsContext::builder().with_trust_store(store).build().map_err(|error| failed(error.to_string()))
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bundle_that_cannot_be_used_is_named_with_its_cause() {
        let dir = tempfile::tempdir().expect("a directory");
        let file = dir.path().join("bundle.pem");
        let refused = || trusting(&file).map(drop).expect_err("refused").to_string();
        assert!(refused().contains("bundle.pem"), "{}", refused());
        for content in [
            "",
            "no certificate",
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
            "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n",
        ] {
            std::fs::write(&file, content).expect("written");
            assert!(refused().contains("bundle.pem") && refused().contains("certificate"), "{}", refused());
        }
    }
}
