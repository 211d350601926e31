//! The same bytes again. AWS keeps no list of the requests that it has seen, and neither does the sandbox: within the
//! quarter of an hour in which a signature holds they are answered like the first time, and by nobody else or later.

use super::door::{Door, request};
use super::keys::Signing;
use crate::{model::pace::Pace, server::ctx::Departure};

fn put() -> (&'static str, &'static str, &'static str) {
    ("ssm", "PutParameter", r#"{"Name":"/once","Value":"v","Type":"String"}"#)
}

async fn again(door: &Door, bytes: &[u8]) -> (u16, String) {
    let answer = door.raw(bytes).await;
    (answer.status, answer.body)
}

#[tokio::test]
async fn request_replayed_within_its_time_is_served_again() {
    let door = Door::open(Pace::Fast).await;
    let (service, operation, parameters) = put();
    let (bytes, _) = request(&door.address, service, operation, parameters, &Signing::default());
    assert_eq!(again(&door, &bytes).await.0, 200);
    // Judged by what is there now, as any other request: the signature is as good as before.
    let (status, body) = again(&door, &bytes).await;
    assert_eq!(status, 400);
    assert!(body.contains("ParameterAlreadyExists"), "{body}");
    let (read, _) = request(&door.address, "ec2", "DescribeVpcs", "DryRun=false", &Signing::default());
    for _ in 0..3 {
        assert_eq!(again(&door, &read).await.0, 200);
    }
}

#[tokio::test]
async fn request_replayed_sixteen_minutes_later_is_refused() {
    let door = Door::open(Pace::Fast).await;
    let calls = [
        ("ec2", "DescribeVpcs", "DryRun=false", 400, "RequestExpired"),
        ("rds", "DescribeDBInstances", "x=1", 403, "SignatureDoesNotMatch"),
        ("ssm", "DescribeParameters", "{}", 400, "InvalidSignatureException"),
    ];
    let requests = calls.map(|(service, operation, parameters, ..)| {
        request(&door.address, service, operation, parameters, &Signing::default()).0
    });
    for bytes in &requests {
        assert_eq!(again(&door, bytes).await.0, 200);
    }
    door.ctx.depart(Departure { clock_ahead: 16 * 60, ..Departure::default() });
    for (bytes, (service, _, _, status, code)) in requests.iter().zip(calls) {
        let (found, body) = again(&door, bytes).await;
        assert_eq!(found, status, "{service}: {body}");
        assert!(body.contains(code), "{service}: {body}");
    }
}

#[tokio::test]
async fn request_replayed_at_another_sandbox_is_refused() {
    let door = Door::open(Pace::Fast).await;
    let other = Door::with(Pace::Fast, |front| {
        // Every sandbox draws its own pair; only those of tests are alike.
        front.key_id = "AKIDOTHER".into();
        front.secret = "AnotherSecret".into();
    })
    .await;
    let same_id = Door::with(Pace::Fast, |front| front.secret = "AnotherSecret".into()).await;
    let (service, operation, parameters) = put();
    let (bytes, _) = request(&door.address, service, operation, parameters, &Signing::default());
    for (stranger, code) in [(&other, "UnrecognizedClientException"), (&same_id, "InvalidSignatureException")]
    {
        let (status, body) = again(stranger, &bytes).await;
        assert_eq!(status, 400);
        assert!(body.contains(code), "{body}");
        assert!(stranger.ctx.read(|world| world.ssm.parameters.is_empty()));
    }
    assert_eq!(again(&door, &bytes).await.0, 200);
}

#[tokio::test]
async fn request_replayed_after_its_session_is_refused() {
    let door = Door::open(Pace::Fast).await;
    let role = Signing { how: "role".into(), role: Some(door.role().await) };
    let (bytes, _) = request(&door.address, "sts", "GetCallerIdentity", "x=1", &role);
    let (status, body) = again(&door, &bytes).await;
    assert_eq!(status, 200);
    assert!(body.contains("assumed-role/app/i-1"), "{body}");
    let now = door.ctx.now();
    let ended = door.ctx.change(|world| {
        world.iam.sessions.each_mut(|session| session.expires = now);
        Ok(())
    });
    ended.unwrap();
    let (status, body) = again(&door, &bytes).await;
    assert_eq!(status, 403);
    assert!(body.contains("<Code>ExpiredToken</Code>"), "{body}");
}
