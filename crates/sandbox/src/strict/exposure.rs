//! What the sandbox shows to others: nothing without a key, nothing on disk to another user, no way out of its directory.

use super::door::{Door, request};
use super::keys::{KEY, SECRET, Signing};
use crate::{
    engines::Preference,
    model::pace::Pace,
    server::{
        access::Access,
        serve::{ServeOptions, serve},
    },
};
use std::{
    fs,
    os::unix::fs::{DirBuilderExt as _, PermissionsExt as _},
    path::Path,
    time::Duration,
};
use tokio::net::TcpStream;

/// Names that would lead out of a directory, or into a shell, where they became part of a path or a command.
const ESCAPES: [&str; 8] = [
    "../../escaped",
    "/etc/escaped",
    "a/../../escaped",
    "%2e%2e/escaped",
    "..",
    "a\0b",
    "$(touch escaped)",
    "a;touch escaped",
];

fn form(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// Every file below a directory.
fn files(dir: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_name_leads_out_of_the_directory() {
    let door = Door::open(Pace::Fast).await;
    let good = Signing::default();
    let at = |call: &'static str, parameters: String| {
        let (service, operation) = call.split_once(' ').unwrap();
        (service, operation, parameters)
    };
    // IAM takes `..` for a role, which no path is made of.
    for name in ESCAPES {
        let encoded = form(name);
        let quoted = serde_json::json!(name).to_string();
        let created = [
            at(
                "elasticache CreateReplicationGroup",
                format!("ReplicationGroupId={encoded}&ReplicationGroupDescription=d"),
            ),
            at(
                "elasticache CreateCacheParameterGroup",
                format!("CacheParameterGroupName={encoded}&CacheParameterGroupFamily=redis7&Description=d"),
            ),
            at(
                "rds CreateDBInstance",
                format!(
                    "DBInstanceIdentifier={encoded}&DBInstanceClass=db.t3.micro&Engine=mysql&MasterUsername=admin&MasterUserPassword=abcdefgh1&AllocatedStorage=20"
                ),
            ),
            at(
                "iam CreateRole",
                format!("RoleName={encoded}&AssumeRolePolicyDocument=%7B%22Statement%22%3A%5B%5D%7D"),
            ),
            at("ec2 TerminateInstances", format!("InstanceId.1={encoded}")),
            at("ssm GetCommandInvocation", format!("{{\"CommandId\":{quoted},\"InstanceId\":{quoted}}}")),
            at("ssm CancelCommand", format!("{{\"CommandId\":{quoted}}}")),
            at(
                "ssm SendCommand",
                format!(
                    "{{\"DocumentName\":\"AWS-RunShellScript\",\"InstanceIds\":[{quoted}],\"Parameters\":{{\"commands\":[\"true\"]}}}}"
                ),
            ),
            at(
                "ssm SendCommand",
                format!(
                    "{{\"DocumentName\":{quoted},\"InstanceIds\":[\"i-1\"],\"Parameters\":{{\"commands\":[\"true\"]}}}}"
                ),
            ),
        ];
        for (service, operation, parameters) in created {
            let (answer, _) = door.call(service, operation, &parameters, &good).await;
            let harmless = operation == "CreateRole" && name == "..";
            assert!(
                harmless || (400..500).contains(&answer.status),
                "{operation} {name}: {} {}",
                answer.status,
                answer.body
            );
        }
        let path = format!("GET /{encoded} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        let answer = door.raw(path.as_bytes()).await;
        assert_eq!(answer.status, 403, "{name}: {}", answer.body);
    }
    let mut found = Vec::new();
    files(door.dir.path(), &mut found);
    let names: Vec<_> =
        found.iter().map(|path| path.strip_prefix(door.dir.path()).unwrap().to_owned()).collect();
    assert_eq!(names, [Path::new("world.jsonl")]);
    assert!(!door.dir.path().parent().unwrap().join("escaped").exists() && !Path::new("escaped").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn directory_open_to_all_shows_nothing_to_others() {
    let outer = tempfile::tempdir().unwrap();
    let dir = outer.path().join("state");
    fs::DirBuilder::new().mode(0o755).create(&dir).unwrap();
    let options = ServeOptions {
        dir: dir.clone(),
        port: None,
        pace: Some(Pace::Fast),
        engines: true,
        engine_preference: Preference::default(),
        exit_when_idle: false,
        departure: crate::server::ctx::Departure::default(),
    };
    let (tell, ready) = tokio::sync::oneshot::channel();
    let server = tokio::spawn(async move { serve(options, |access| drop(tell.send(access.clone()))).await });
    let access: Access = ready.await.unwrap();
    assert!(access.endpoint.starts_with("http://127.0.0.1:"), "{}", access.endpoint);
    for other in ["0.0.0.0", "127.0.0.2"] {
        // Only one loopback address is bound: whoever is not told it does not find it elsewhere.
        let elsewhere = access.endpoint.replace("http://127.0.0.1", other);
        let reached = TcpStream::connect(&elsewhere).await;
        assert_eq!(reached.is_ok(), other == "0.0.0.0", "{elsewhere}");
    }
    crate::server::control::status(&access).await.unwrap();
    let before = fs::metadata(&dir).unwrap().permissions().mode() & 0o777;
    assert_eq!(before, 0o755, "a directory that somebody else made stays as it was");
    for entry in fs::read_dir(&dir).unwrap() {
        let path = entry.unwrap().path();
        let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode & 0o077, 0, "{} has mode {mode:o}", path.display());
    }
    assert!(crate::server::control::stop(&dir).await.unwrap());
    server.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_directory_that_others_may_write_into_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o772)).unwrap();
    let options = ServeOptions {
        dir: dir.path().to_owned(),
        port: None,
        pace: None,
        engines: false,
        engine_preference: Preference::default(),
        exit_when_idle: false,
        departure: crate::server::ctx::Departure::default(),
    };
    let error = serve(options, |_| panic!("it serves")).await.unwrap_err();
    let why = std::error::Error::source(&error).unwrap().to_string();
    assert!(why.contains("mode 772") && why.contains("chmod go-w"), "{error}: {why}");
    assert!(fs::read_dir(dir.path()).unwrap().next().is_none(), "nothing is written there");
}

#[tokio::test]
async fn size_and_time_have_limits() {
    let door = Door::open(Pace::Fast).await;
    let mut request = b"GET / HTTP/1.1\r\n".to_vec();
    for at in 0..200 {
        request.extend(format!("x-{at}: y\r\n").into_bytes());
    }
    request.extend(b"\r\n");
    assert_eq!(door.raw(&request).await.status, 431);
    let mut request = b"GET /".to_vec();
    request.resize(1_000_000, b'a');
    assert!([0, 414, 431, 400].contains(&door.raw(&request).await.status));
    // A request that stops half-way is ended, be it in its head or in its body.
    let begun = std::time::Instant::now();
    assert_eq!(door.raw(b"POST / HTTP/1.1\r\nhost: x\r\n").await.body, "");
    let stalled = door.raw(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nabc").await;
    assert_eq!(stalled.status, 408);
    assert!(begun.elapsed() < Duration::from_secs(5), "the limits of tests are short");
    assert!(!format!("{:?}", door.ctx.world()).contains(SECRET) && !door.address.contains(KEY));
}

/// A request's head that names a key, and ends with this line; nobody has signed it.
pub(super) fn head(key: &str, line: &str) -> Vec<u8> {
    let claim = format!(
        "AWS4-HMAC-SHA256 Credential={key}/20261123/us-east-1/ec2/aws4_request, SignedHeaders=host, Signature=00"
    );
    format!(
        "POST / HTTP/1.1\r\nhost: x\r\nx-amz-date: 20261123T000000Z\r\nauthorization: {claim}\r\n{line}\r\n\r\n"
    )
    .into_bytes()
}

/// Not one byte of the bodies here is ever sent: whoever waits for them answers 408.
#[tokio::test]
async fn a_strangers_long_body_is_not_waited_for() {
    let door = Door::open(Pace::Fast).await;
    let length = "content-length: 65537";
    let unsigned = format!("POST / HTTP/1.1\r\nhost: x\r\n{length}\r\n\r\n");
    let answer = door.raw(unsigned.as_bytes()).await;
    assert_eq!(answer.status, 403);
    assert!(answer.body.contains("MissingAuthenticationToken"), "{}", answer.body);
    let answer = door.raw(&head("AKIDNOBODY", length)).await;
    assert_eq!(answer.status, 401);
    assert!(answer.body.contains("AuthFailure"), "{}", answer.body);
    assert_eq!(door.raw(&head(KEY, length)).await.status, 408);
    assert_eq!(door.raw(&head("AKIDNOBODY", "content-length: 65536")).await.status, 408);
}

/// Names of a megabyte, from the owner of the key: refused, and not kept.
#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_long_names_leave_nothing() {
    let door = Door::open(Pace::Fast).await;
    let good = Signing::default();
    let name = "n".repeat(1_000_000);
    let calls = [
        ("ssm", "GetParameter", format!("{{\"Name\":\"{name}\"}}")),
        ("ec2", "DeleteSecurityGroup", format!("GroupId={name}")),
        ("elasticache", "DeleteReplicationGroup", format!("ReplicationGroupId={name}")),
        ("rds", "DeleteDBInstance", format!("DBInstanceIdentifier={name}")),
        ("iam", "DeleteRole", format!("RoleName={name}")),
    ];
    // Signed once each, for that takes as long as the check; within its quarter of an hour a request may come again.
    let requests =
        calls.map(|(service, operation, p)| request(&door.address, service, operation, &p, &good).0);
    for at in (0..200).step_by(2) {
        let two = [&requests[at % 5], &requests[(at + 1) % 5]];
        let (one, other) = tokio::join!(door.raw(two[0]), door.raw(two[1]));
        for answer in [one, other] {
            assert!((400..500).contains(&answer.status), "{} {}", answer.status, answer.body.len());
        }
    }
    let calls = door.ctx.calls.list();
    assert_eq!(calls.len(), 200);
    let kept: usize = calls.iter().map(|call| format!("{call:?}").len()).sum();
    assert!(kept < 200 * 2_000, "{kept} bytes are kept");
}
