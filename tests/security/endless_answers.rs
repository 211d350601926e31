//! Whoever is asked for credentials may answer without end: a container's or a machine's metadata, or a token service. They
//! are read through the same door as the services' answers.

use crate::support::{Home, run};
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Bytes that a place offers; the program's limit for an answer is a hundredth of them.
const OFFERED: usize = 800 * 1024 * 1024;
/// What all tries together may take, with what the system keeps on the way.
const TAKEN: usize = 120 * 1024 * 1024;

/// A place that answers each request with so many letters, and counts what is taken of them.
fn endless() -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let taken = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&taken);
    std::thread::spawn(move || {
        while let Ok((stream, _)) = listener.accept() {
            let count = Arc::clone(&count);
            std::thread::spawn(move || answer(stream, &count));
        }
    });
    (address, taken)
}

fn answer(mut stream: TcpStream, count: &AtomicUsize) {
    let _ = stream.read(&mut vec![0; 64 * 1024]);
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-aws-ec2-metadata-token-ttl-seconds: 60\r\n\
         content-length: {OFFERED}\r\n\r\n{{\"AccessKeyId\":\""
    );
    let _ = stream.write_all(head.as_bytes());
    let piece = vec![b'x'; 64 * 1024];
    let mut left = OFFERED;
    while left > 0 && stream.write_all(&piece[..left.min(piece.len())]).is_ok() {
        left = left.saturating_sub(piece.len());
        count.fetch_add(piece.len(), Ordering::Relaxed);
    }
    let _ = stream.shutdown(Shutdown::Both);
}

#[test]
fn credentials_without_end_are_left_unread() {
    let home = Home::new();
    let token = home.path().join("token");
    std::fs::write(&token, "token").expect("written");
    let token = token.display().to_string();
    for how in ["container", "machine", "token service"] {
        let (address, taken) = endless();
        let mut command = home.recipe_walk(&["sessions", "--remote", "--aws", "--region", "us-east-1"]);
        match how {
            "container" => command.env("AWS_CONTAINER_CREDENTIALS_FULL_URI", format!("{address}/x")),
            "machine" => command
                .env("AWS_EC2_METADATA_DISABLED", "false")
                .env("AWS_EC2_METADATA_SERVICE_ENDPOINT", &address),
            _ => command
                .env("AWS_ENDPOINT_URL", &address)
                .env("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/r")
                .env("AWS_WEB_IDENTITY_TOKEN_FILE", &token),
        };
        let said = run(&mut command);
        assert_eq!(said.code, Some(3), "{how}: {said:?}");
        assert!(said.err.contains("no AWS credentials") && said.err.len() < 20_000, "{how}: {said:?}");
        let taken = taken.load(Ordering::Relaxed);
        assert!(taken > 0 && taken < TAKEN, "{how}: {taken} bytes were taken");
    }
}
