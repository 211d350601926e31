//! A proxy before MySQL that ends TLS itself: its client speaks TLS with it, and it speaks plain with the server, as
//! database proxies and service meshes do. MySQL begins TLS in the middle of its greeting, so that the proxy has to take
//! a packet out of the exchange and number the others anew until the login is over.

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

/// The capability CLIENT_SSL, in the lower two bytes.
const SSL: u8 = 0x08;

/// In front of a port, with a certificate and its key in PEM; its threads end with the process.
pub(crate) fn start(target: u16, certificate: &[u8], key: &[u8]) -> u16 {
    let certificate = CertificateDer::from_pem_slice(certificate).expect("a certificate");
    let key = PrivateKeyDer::from_pem_slice(key).expect("a key");
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .expect("a certificate for its key");
    let config = Arc::new(config);
    listen(target, move |client, server| {
        let _ = serve(client, server, &config);
    })
}

/// In front of a port, telling clients that the server has no TLS.
pub(crate) fn start_without_tls(target: u16) -> u16 {
    listen(target, |mut client, mut server| {
        let Ok(mut greeting) = packet(&mut server) else { return };
        *capabilities(&mut greeting) &= !SSL;
        let _ = client.write_all(&greeting);
        // It may say that it goes, in one byte after the header; whoever goes on would send a password in plain.
        let mut rest = Vec::new();
        let _ = client.read_to_end(&mut rest);
        assert!(rest.len() <= 5, "the client went on without TLS");
    })
}

fn listen(target: u16, each: impl Fn(TcpStream, TcpStream) + Send + Sync + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let each = Arc::new(each);
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let Ok(server) = TcpStream::connect(("127.0.0.1", target)) else { continue };
            let each = Arc::clone(&each);
            std::thread::spawn(move || each(client, server));
        }
    });
    port
}

/// One packet with its header: three bytes of length and a number.
fn packet(from: &mut impl Read) -> std::io::Result<Vec<u8>> {
    let mut all = vec![0; 4];
    from.read_exact(&mut all)?;
    let length = usize::from(all[0]) | usize::from(all[1]) << 8 | usize::from(all[2]) << 16;
    all.resize(4 + length, 0);
    from.read_exact(&mut all[4..])?;
    Ok(all)
}

/// The second byte of a greeting's capabilities: after the version, the connection's number, eight bytes and a filler.
fn capabilities(greeting: &mut [u8]) -> &mut u8 {
    let version = greeting[5..].iter().position(|byte| *byte == 0).expect("a version");
    &mut greeting[5 + version + 1 + 4 + 8 + 1 + 1]
}

fn serve(mut client: TcpStream, mut server: TcpStream, config: &Arc<ServerConfig>) -> std::io::Result<()> {
    let mut greeting = packet(&mut server)?;
    *capabilities(&mut greeting) |= SSL;
    client.write_all(&greeting)?;
    // The request for TLS, which the server never sees.
    packet(&mut client)?;
    let connection = ServerConnection::new(Arc::clone(config)).map_err(std::io::Error::other)?;
    let mut client = StreamOwned::new(connection, client);
    // The login: until OK or an error each side sends one packet after the other.
    loop {
        let mut sent = packet(&mut client)?;
        sent[3] -= 1;
        if sent[3] == 1 {
            sent[5] &= !SSL;
        }
        server.write_all(&sent)?;
        let mut answer = packet(&mut server)?;
        answer[3] += 1;
        client.write_all(&answer)?;
        client.flush()?;
        match answer[4] {
            0x00 => break,
            0xff => return Ok(()),
            _ => {}
        }
    }
    // Commands and answers take turns, so that one thread carries both.
    client.sock.set_read_timeout(Some(Duration::from_millis(2)))?;
    server.set_read_timeout(Some(Duration::from_millis(2)))?;
    loop {
        if !carry(&mut client, &mut server)? {
            return Ok(());
        }
        if !carry(&mut server, &mut client)? {
            client.conn.send_close_notify();
            return client.flush();
        }
    }
}

/// Carries what is there; false at the end.
fn carry(from: &mut impl Read, to: &mut impl Write) -> std::io::Result<bool> {
    let mut buffer = vec![0; 64 * 1024];
    match from.read(&mut buffer) {
        Ok(0) => Ok(false),
        Ok(read) => {
            to.write_all(&buffer[..read])?;
            to.flush()?;
            Ok(true)
        }
        Err(e) if matches!(e.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut) => {
            Ok(true)
        }
        Err(e) => Err(e),
    }
}
