//! What connections without a good signature cannot do: keep others out, stay, or be taken for somebody.

use super::{
    door::{Door, LONG, request},
    exposure::head,
    keys::{KEY, Signing},
};
use crate::model::pace::Pace;
use std::{io, time::Duration};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// Connects and says this much.
async fn says(door: &Door, bytes: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(&door.address).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    stream
}

/// Waits until the other side has closed the connection; what it said before.
async fn ended(stream: &mut TcpStream) -> Vec<u8> {
    let mut said = Vec::new();
    // Closed with something unread, it is reset.
    let end = tokio::time::timeout(Duration::from_secs(10), stream.read_to_end(&mut said)).await;
    let _ = end.expect("it is closed");
    said
}

fn is_open(stream: &TcpStream) -> bool {
    stream.try_read(&mut [0]).is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
}

/// A good call that leaves its connection open.
fn kept_alive(door: &Door) -> Vec<u8> {
    let (call, _) = request(&door.address, "ec2", "DescribeVpcs", "", &Signing::default());
    String::from_utf8(call).unwrap().replace("connection: close\r\n", "").into_bytes()
}

/// Makes a call and reads its answer to the last byte.
async fn calls(stream: &mut TcpStream, call: &[u8]) {
    stream.write_all(call).await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"</DescribeVpcsResponse>") {
        answer.push(stream.read_u8().await.unwrap());
    }
}

#[tokio::test]
async fn a_signed_call_takes_the_oldest_strangers_place() {
    let door = Door::with(Pace::Fast, |front| {
        front.connections = 5;
        front.limits = [LONG; 3];
    })
    .await;
    let mut signed = says(&door, b"").await;
    calls(&mut signed, &kept_alive(&door)).await;
    let mut strangers = Vec::new();
    let half_body = [head(KEY, "content-length: 9"), b"abc".to_vec()].concat();
    for said in [b"".as_slice(), b"POST / HT", &half_body, b"\r\n"] {
        strangers.push(says(&door, said).await);
    }
    let (answer, _) = door.call("ec2", "DescribeVpcs", "", &Signing::default()).await;
    assert_eq!(answer.status, 200);
    assert_eq!(ended(&mut strangers[0]).await, b"");
    assert!(strangers[1..].iter().all(is_open));
    calls(&mut signed, &kept_alive(&door)).await;
}

#[tokio::test]
async fn connections_that_have_signed_keep_their_places() {
    let door = Door::with(Pace::Fast, |front| {
        front.connections = 1;
        front.limits = [LONG; 3];
    })
    .await;
    let call = kept_alive(&door);
    let mut first = says(&door, b"").await;
    calls(&mut first, &call).await;
    let mut second = says(&door, &call).await;
    for _ in 0..50 {
        calls(&mut first, &call).await;
    }
    assert!(is_open(&second), "the second waits for the first to go");
    drop(first);
    assert_eq!(second.read_u8().await.unwrap(), b'H');
}

#[tokio::test]
async fn connections_without_a_signature_end_soon() {
    let limit = Duration::from_millis(300);
    let door = Door::with(Pace::Fast, |front| front.limits = [LONG, LONG, limit]).await;
    assert_eq!(ended(&mut says(&door, b"").await).await, b"");
    let body = head(KEY, "content-length: 60000");
    for begin in [b"POST / HTTP/1.1\r\nx-slow: ".as_slice(), &body] {
        // A byte now and then does not prolong it.
        let (mut reading, mut writing) = says(&door, begin).await.into_split();
        let drip = tokio::spawn(async move {
            while writing.write_all(b"a").await.is_ok() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        });
        let mut said = Vec::new();
        let _ = tokio::time::timeout(LONG / 60, reading.read_to_end(&mut said)).await.expect("it is closed");
        assert_eq!(said, b"");
        drip.abort();
    }
    let mut signed = says(&door, b"").await;
    calls(&mut signed, &kept_alive(&door)).await;
    let mut stranger = says(&door, b"").await;
    assert_eq!(ended(&mut stranger).await, b"");
    assert!(is_open(&signed), "who has signed may be silent for longer");
}

#[tokio::test]
async fn strangers_get_one_answer_a_connection() {
    let door = Door::with(Pace::Fast, |front| front.limits = [LONG; 3]).await;
    for unsigned in ["HEAD / HTTP/1.1\r\nhost: x\r\n\r\n", "GET /ca.pem HTTP/1.1\r\nhost: x\r\n\r\n"] {
        let said = ended(&mut says(&door, unsigned.repeat(3).as_bytes()).await).await;
        assert_eq!(String::from_utf8_lossy(&said).matches("HTTP/1.1 ").count(), 1, "{unsigned}");
    }
    // Somebody who takes the port for one with TLS: the first bytes of a handshake.
    let said = ended(&mut says(&door, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n").await).await;
    assert!(said.is_empty() || said.starts_with(b"HTTP/1.1 400"), "{said:?}");
}

/// None of the bodies that are announced here is sent, and nothing waits for them.
#[tokio::test]
async fn ambiguous_or_endless_requests_are_refused_at_once() {
    let door = Door::with(Pace::Fast, |front| front.limits = [LONG; 3]).await;
    for (line, status) in [
        ("content-length: 2147483648", 413),
        ("content-length: 1048577", 413),
        ("content-length: 99999999999999999999999", 400),
        ("content-length: -1", 400),
        ("content-length: 5\r\ncontent-length: 6", 400),
        ("content-length: 5\r\ntransfer-encoding: chunked", 411),
        ("transfer-encoding: chunked\r\ncontent-length: 5", 411),
        ("transfer-encoding: chunked", 411),
        ("content-length: 5\r\nx-amz-date: 20261123T000001Z", 400),
        ("content-length: 5\r\nhost: y", 400),
        ("content-length: 5\r\nauthorization: AWS4-HMAC-SHA256 a=b", 400),
        ("content-length: 5\r\nx-amz-target: A.B\r\nX-Amz-Target: A.C", 400),
        ("content-length: 5\r\nx-amz-security-token: a\r\nx-amz-security-token: b", 400),
    ] {
        let answer = tokio::time::timeout(Duration::from_secs(10), door.raw(&head(KEY, line))).await;
        assert_eq!(answer.expect(line).status, status, "{line}");
    }
}

#[tokio::test]
async fn a_session_token_on_the_root_key_is_refused() {
    let door = Door::open(Pace::Fast).await;
    let (call, _) = request(&door.address, "sts", "GetCallerIdentity", "", &Signing::default());
    assert_eq!(door.raw(&call).await.status, 200);
    let call = String::from_utf8(call).unwrap();
    for token in ["FwoGZXIvYXdzE", " x"] {
        let with = call.replacen("\r\n", &format!("\r\nx-amz-security-token: {token}\r\n"), 1);
        let answer = door.raw(with.as_bytes()).await;
        assert_eq!(answer.status, 403, "{}", answer.body);
        assert!(answer.body.contains("<Code>InvalidClientTokenId</Code>"), "{}", answer.body);
    }
}
