//! Which certificates are trusted, and which version of TLS a server really speaks.

use crate::error::{Failure, Kind};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore};
use std::io::{Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Where distributions keep their bundle of public roots, most likely first.
const SYSTEM_BUNDLES: [&str; 5] = [
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// Certificate authorities that rustls accepts.
#[derive(Clone)]
pub struct Roots {
    /// The accepted certificates as PEM.
    pub pem: Vec<u8>,
    /// The file they came from, where every certificate in it was accepted; some clients take only a path.
    pub path: Option<PathBuf>,
    store: Arc<RootCertStore>,
}

/// Makes ring the process's TLS provider. Both clients look for a process default, and rustls panics in the first
/// handshake where none is installed.
pub fn install_provider() {
    // An error means that one is installed already, which serves as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// Bytes of certificates that are read: a system's bundle has a quarter of a megabyte.
const LARGEST: u64 = 8 << 20;

impl Roots {
    /// Loads `ca`, or the system's bundle where none is given.
    pub fn load(ca: Option<&Path>) -> Result<Self, Failure> {
        let hint = "Give --ca FILE with the certificate of the authority, in PEM.";
        if let Some(path) = ca {
            let bytes = recipe_walk_files::bytes(path, LARGEST).map_err(|e| {
                Failure::usage(format!("Cannot read the certificates in {}: {e}.", path.display()), hint)
            })?;
            let roots = Self::from_pem(&bytes, path);
            if roots.store.is_empty() {
                return Err(Failure::usage(format!("{} holds no usable certificate.", path.display()), hint));
            }
            return Ok(roots);
        }
        SYSTEM_BUNDLES
            .iter()
            .map(Path::new)
            .filter_map(|path| Some(Self::from_pem(&recipe_walk_files::bytes(path, LARGEST).ok()?, path)))
            .find(|roots| !roots.store.is_empty())
            .ok_or_else(|| Failure::usage("This system has no bundle of certificate authorities.", hint))
    }

    /// Keeps the certificates that can be trust anchors: system bundles hold a few that rustls does not take, and
    /// one of them must not make all the others useless.
    fn from_pem(bytes: &[u8], path: &Path) -> Self {
        const END: &str = "-----END CERTIFICATE-----";
        let text = String::from_utf8_lossy(bytes);
        let mut store = RootCertStore::empty();
        let (mut pem, mut refused) = (Vec::new(), 0);
        for block in text.split_inclusive(END).filter(|block| block.contains("-----BEGIN CERTIFICATE-----")) {
            match CertificateDer::from_pem_slice(block.as_bytes()).ok().and_then(|der| store.add(der).ok()) {
                Some(()) => {
                    pem.extend_from_slice(block.trim().as_bytes());
                    pem.push(b'\n');
                }
                None => refused += 1,
            }
        }
        Self { pem, path: (refused == 0).then(|| path.to_owned()), store: Arc::new(store) }
    }
}

/// Shakes hands once, directly after connecting as Redis does it, and returns the version in OpenSSL's spelling
/// (`TLSv1.3`). The Redis client does not tell which version it uses, nor why a certificate was refused.
pub fn probe(host: &str, port: u16, roots: &Roots, timeout: Duration) -> Result<String, Failure> {
    let fail = |kind, what: String, means: &str, hint: &str| Failure::new(kind, what, means, hint);
    let unreachable = |e: std::io::Error| {
        if e.kind() == std::io::ErrorKind::TimedOut {
            return silence(Kind::Redis, "Redis", &format!("{host}:{port}"), port, "cache");
        }
        fail(
            Kind::Redis,
            format!("Redis at {host}:{port} does not answer: {e}."),
            "Nothing listens there, or a firewall or security group drops the packets.",
            "Check host and port; on AWS, the cache group must allow 6379 from the app group.",
        )
    };
    let addresses: Vec<_> = (host, port).to_socket_addrs().map_err(unreachable)?.collect();
    let mut last = std::io::Error::new(std::io::ErrorKind::NotFound, "the name has no address");
    let mut stream = None;
    for address in addresses {
        match TcpStream::connect_timeout(&address, timeout) {
            Ok(open) => {
                stream = Some(open);
                break;
            }
            Err(e) => last = e,
        }
    }
    let mut stream = stream.ok_or_else(|| unreachable(last))?;
    let _ = stream.set_read_timeout(Some(timeout));
    let _ = stream.set_write_timeout(Some(timeout));
    let config =
        ClientConfig::builder().with_root_certificates(Arc::clone(&roots.store)).with_no_client_auth();
    let name = ServerName::try_from(host.to_owned()).map_err(|_| {
        Failure::usage(format!("{host} is not a name that a certificate can have."), "Check the host.")
    })?;
    let refused = |e: &dyn std::fmt::Display| handshake_failure("Redis", host, port, &e.to_string());
    let mut connection = ClientConnection::new(Arc::new(config), name).map_err(|e| refused(&e))?;
    while connection.is_handshaking() {
        connection.complete_io(&mut stream).map_err(|e| refused(&e))?;
    }
    let version = match connection.protocol_version() {
        Some(rustls::ProtocolVersion::TLSv1_3) => "TLSv1.3",
        Some(rustls::ProtocolVersion::TLSv1_2) => "TLSv1.2",
        _ => "unknown",
    };
    // The connection is closed politely, so that the server logs no error.
    connection.send_close_notify();
    let _ = connection.complete_io(&mut stream);
    let _ = stream.flush();
    let _ = stream.read(&mut [0; 1]);
    Ok(version.to_owned())
}

/// Explains a connection that gets no answer at all, not even a refusal: what security groups do to packets.
pub fn silence(kind: Kind, engine: &str, place: &str, port: u16, group: &str) -> Failure {
    Failure::new(
        kind,
        format!("{engine} at {place} does not answer: the connection timed out."),
        "Silence without a refusal is what a security group does that lets nobody in at this port.",
        format!(
            "On AWS, the {group} group must allow {port} from the app group: aws ec2 \
             authorize-security-group-ingress --group-id GROUP --protocol tcp --port {port} --source-group APP"
        ),
    )
}

/// Explains a handshake that failed.
pub fn handshake_failure(engine: &str, host: &str, port: u16, reason: &str) -> Failure {
    let (means, hint) =
        if reason.contains("InvalidCertificate") || reason.contains("invalid peer certificate") {
            if reason.contains("NotValidForName") || reason.contains("not valid for name") {
                ("The certificate is for another name.", "Use the host name that the certificate carries.")
            } else if reason.contains("Expired") || reason.contains("expired") {
                (
                    "The certificate has expired, or this machine's clock is wrong.",
                    "Compare `date -u` with the real time.",
                )
            } else {
                (
                    "The server's certificate is not signed by an authority that we trust.",
                    "Give the right authority with --ca FILE (RDS has a bundle of its own).",
                )
            }
        } else {
            (
                "The server probably does not speak TLS on this port.",
                "Use redis:// or mysql+plain://, or the TLS port.",
            )
        };
    Failure::new(Kind::Credentials, format!("No TLS with {engine} at {host}:{port}: {reason}."), means, hint)
}
