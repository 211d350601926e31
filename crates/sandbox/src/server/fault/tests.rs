//! Every kind of fault over the wire, as a client meets it.

use super::{Fault, FaultKind, FaultStatus};
use crate::{
    engines::Preference,
    model::{error::SandboxError, pace::Pace},
    protocol::sigv4,
    server::{
        access::Access,
        control,
        serve::{ServeOptions, serve},
    },
};
use std::{fmt::Write as _, time::Duration};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::JoinHandle,
};

/// A server without engines, and a signed way to it.
struct Wire {
    access: Access,
    dir: tempfile::TempDir,
    server: JoinHandle<Result<(), SandboxError>>,
}

/// A call: service, `X-Amz-Target` of JSON services or nothing, body.
type Call<'a> = (&'a str, &'a str, &'a str);

const GROUP: Call = (
    "elasticache",
    "",
    "Action=CreateReplicationGroup&Version=2015-02-02&ReplicationGroupId=rg&ReplicationGroupDescription=d\
     &CacheNodeType=cache.t3.micro",
);
const DATABASE: Call = (
    "rds",
    "",
    "Action=CreateDBInstance&Version=2014-10-31&DBInstanceIdentifier=db&DBInstanceClass=db.t3.micro&Engine=mysql\
     &MasterUsername=admin&MasterUserPassword=abcdefgh1&AllocatedStorage=20",
);
const LAUNCH: Call = (
    "ec2",
    "",
    "Action=RunInstances&Version=2016-11-15&ImageId=ami-0c2a6f4e8d10b3951&InstanceType=t3.micro&MinCount=1&MaxCount=1",
);
const ROLES: Call = ("iam", "", "Action=ListRoles&Version=2010-05-08");
const PUT: Call = ("ssm", "AmazonSSM.PutParameter", r#"{"Name":"/x","Value":"v","Type":"String"}"#);
const GET: Call = ("ssm", "AmazonSSM.GetParameter", r#"{"Name":"/x"}"#);

impl Wire {
    async fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let options = ServeOptions {
            dir: dir.path().join("state"),
            port: None,
            pace: Some(Pace::Fast),
            engines: false,
            engine_preference: Preference::default(),
            exit_when_idle: false,
            departure: crate::server::ctx::Departure::default(),
        };
        let (tell, ready) = tokio::sync::oneshot::channel();
        let server =
            tokio::spawn(async move { serve(options, |access| drop(tell.send(access.clone()))).await });
        Self { access: ready.await.unwrap(), dir, server }
    }

    /// Sends a call and leaves its answer to the holder of the connection.
    async fn begin(&self, (service, target, body): Call<'_>) -> TcpStream {
        let address = self.access.endpoint.trim_start_matches("http://");
        let now = jiff::Timestamp::now();
        let stamp = sigv4::write_stamp(now);
        let mut headers = vec![("host", address), ("x-amz-date", stamp.as_str())];
        if !target.is_empty() {
            headers.push(("x-amz-target", target));
        }
        let identity = sigv4::identity(&self.access.access_key_id, &self.access.secret_access_key);
        let (_, authorization) =
            sigv4::signature("POST", "/", &headers, body.as_bytes(), &identity, "us-east-1", service, now)
                .unwrap();
        let mut request = "POST / HTTP/1.1\r\n".to_owned();
        for (name, value) in headers {
            let _ = write!(request, "{name}: {value}\r\n");
        }
        let length = body.len();
        let _ = write!(request, "authorization: {authorization}\r\ncontent-length: {length}\r\n");
        let _ = write!(request, "connection: close\r\n\r\n{body}");
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        stream
    }

    /// Makes a call; status 0 is a connection that was closed without an answer.
    async fn call(&self, call: Call<'_>) -> (u16, String) {
        answer(self.begin(call).await).await
    }

    async fn add(&self, operation: &str, kind: FaultKind) {
        control::add_fault(&self.access, &Fault::new(operation, kind)).await.unwrap();
    }

    async fn faults(&self) -> Vec<FaultStatus> {
        control::faults(&self.access).await.unwrap()
    }

    /// Waits until the first fault has these numbers of hits and of held calls.
    async fn until(&self, hits: u32, held: u32) {
        let seen = async {
            while self.faults().await.first().is_none_or(|f| (f.hits, f.held) != (hits, held)) {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(5), seen).await.expect("the fault's counts");
    }

    /// Asks until an answer has a text in it.
    async fn shows(&self, call: Call<'_>, text: &str) -> String {
        let shown = async {
            loop {
                let (_, body) = self.call(call).await;
                if body.contains(text) {
                    return body;
                }
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(5), shown).await.expect(text)
    }

    async fn clear(&self) {
        control::clear_faults(&self.access).await.unwrap();
    }

    async fn stop(self) {
        assert!(control::stop(&self.dir.path().join("state")).await.unwrap());
        self.server.await.unwrap().unwrap();
    }
}

async fn answer(mut stream: TcpStream) -> (u16, String) {
    let mut all = String::new();
    if stream.read_to_string(&mut all).await.is_err() || all.is_empty() {
        return (0, all);
    }
    (all[9..12].parse().unwrap(), all)
}

#[tokio::test]
async fn refusals_come_once_in_each_services_own_words() {
    let wire = Wire::start().await;
    for (operation, kind, call, status, words) in [
        ("*", FaultKind::Throttle, LAUNCH, 503, "<Code>RequestLimitExceeded</Code>"),
        ("CreateReplicationGroup", FaultKind::Throttle, GROUP, 400, "<Code>Throttling</Code>"),
        ("read:*", FaultKind::Throttle, ROLES, 400, "<Message>Rate exceeded</Message>"),
        (
            "ssm:PutParameter",
            FaultKind::Throttle,
            PUT,
            400,
            r#"{"Message":"Rate exceeded","__type":"ThrottlingException"}"#,
        ),
        ("RunInstances", FaultKind::ServerError, LAUNCH, 500, "<Code>InternalError</Code>"),
        ("rds:*", FaultKind::ServerError, DATABASE, 500, "<Code>InternalFailure</Code>"),
        ("ListRoles", FaultKind::ServerError, ROLES, 500, "<Code>ServiceFailure</Code>"),
        ("PutParameter", FaultKind::ServerError, PUT, 500, r#""__type":"InternalServerError""#),
        ("RunInstances", FaultKind::Refuse, LAUNCH, 403, "<Code>UnauthorizedOperation</Code>"),
        (
            "CreateDBInstance",
            FaultKind::Refuse,
            DATABASE,
            403,
            "is not authorized to perform: rds:CreateDBInstance on resource: arn:aws:rds:us-east-1:123456789012:db:db because",
        ),
        ("PutParameter", FaultKind::Refuse, PUT, 400, r#""__type":"AccessDeniedException""#),
        ("*", FaultKind::NoCapacity, GROUP, 400, "<Code>InsufficientCacheClusterCapacity</Code>"),
        ("*", FaultKind::NoCapacity, DATABASE, 400, "<Code>InsufficientDBInstanceCapacity</Code>"),
        ("*", FaultKind::NoCapacity, LAUNCH, 500, "sufficient t3.micro capacity"),
    ] {
        wire.add(operation, kind).await;
        let (got, body) = wire.call(call).await;
        assert!(got == status && body.contains(words), "{kind} of {}: {body}", call.2);
        assert_eq!(wire.faults().await[0].hits, 1);
        wire.clear().await;
    }
    assert!(control::status(&wire.access).await.unwrap().resources.is_empty());
    assert_eq!(wire.call(GROUP).await.0, 200);
    wire.stop().await;
}

#[tokio::test]
async fn a_dropped_call_takes_effect_without_an_answer() {
    let wire = Wire::start().await;
    for (call, words) in [
        (GROUP, "Replication group with specified name already exists."),
        (DATABASE, "DB instance already exists"),
        (PUT, "ParameterAlreadyExists"),
    ] {
        wire.add("*", FaultKind::Drop).await;
        assert_eq!(wire.call(call).await, (0, String::new()));
        let (status, body) = wire.call(call).await;
        assert!(status == 400 && body.contains(words), "{body}");
    }
    wire.add("*", FaultKind::Drop).await;
    assert_eq!(wire.call(LAUNCH).await.0, 0);
    wire.shows(("ec2", "", "Action=DescribeInstances&Version=2016-11-15"), "<instanceId>i-").await;
    wire.stop().await;
}

#[tokio::test]
async fn a_slow_call_answers_later() {
    let wire = Wire::start().await;
    let slow = Fault { seconds: 0.2, ..Fault::new("PutParameter", FaultKind::Slow) };
    control::add_fault(&wire.access, &slow).await.unwrap();
    let begun = std::time::Instant::now();
    assert_eq!(wire.call(PUT).await.0, 200);
    assert!(begun.elapsed() >= Duration::from_millis(200));
    wire.stop().await;
}

#[tokio::test]
async fn a_client_that_dies_before_the_effect_leaves_none() {
    let wire = Wire::start().await;
    wire.add("*", FaultKind::StallBefore).await;
    let client = wire.begin(PUT).await;
    wire.until(1, 1).await;
    assert!(wire.call(GET).await.1.contains("ParameterNotFound"));
    drop(client);
    wire.until(1, 0).await;
    wire.clear().await;

    // Neither does one that dies at the very moment of the release.
    wire.add("*", FaultKind::StallBefore).await;
    let client = wire.begin(PUT).await;
    wire.until(1, 1).await;
    drop(client);
    wire.clear().await;
    tokio::time::sleep(Duration::from_millis(60)).await;
    assert!(wire.call(GET).await.1.contains("ParameterNotFound"));
    let calls = control::calls(&wire.access).await.unwrap();
    let puts: Vec<_> =
        calls.iter().filter(|call| call.mutating).map(|call| call.outcome.as_deref()).collect();
    assert_eq!(puts, [Some("abandoned"), Some("abandoned")]);
    wire.stop().await;
}

#[tokio::test]
async fn a_released_call_goes_on() {
    let wire = Wire::start().await;
    wire.add("PutParameter", FaultKind::StallBefore).await;
    let client = wire.begin(PUT).await;
    wire.until(1, 1).await;
    wire.clear().await;
    assert_eq!(answer(client).await.0, 200);
    assert_eq!(wire.call(GET).await.0, 200);
    wire.stop().await;
}

#[tokio::test]
async fn a_client_that_dies_after_the_effect_leaves_it() {
    let wire = Wire::start().await;
    wire.add("CreateReplicationGroup", FaultKind::StallAfter).await;
    let client = wire.begin(GROUP).await;
    wire.until(1, 1).await;
    drop(client);
    wire.until(1, 0).await;
    assert!(wire.call(GROUP).await.1.contains("ReplicationGroupAlreadyExists"));
    wire.stop().await;
}

#[tokio::test]
async fn a_sandbox_that_stops_lets_nothing_held_take_effect() {
    let wire = Wire::start().await;
    wire.add("*", FaultKind::StallBefore).await;
    let client = wire.begin(PUT).await;
    wire.until(1, 1).await;
    let world = wire.dir.path().join("state/world.jsonl");
    let dir = wire.dir.path().join("state");
    assert!(control::stop(&dir).await.unwrap());
    assert_eq!(answer(client).await.0, 0);
    assert!(!std::fs::read_to_string(world).unwrap().contains("\"/x\""));
    wire.server.await.unwrap().unwrap();
}

#[tokio::test]
async fn what_fails_later_says_why_and_can_be_deleted() {
    let wire = Wire::start().await;
    wire.add("CreateReplicationGroup", FaultKind::CreateFailed).await;
    let (status, body) = wire.call(GROUP).await;
    assert!(status == 200 && body.contains("<Status>creating</Status>"), "{body}");
    let groups = ("elasticache", "", "Action=DescribeReplicationGroups&Version=2015-02-02");
    wire.shows(groups, "<Status>create-failed</Status>").await;
    let events = ("elasticache", "", "Action=DescribeEvents&Version=2015-02-02");
    wire.shows(events, "not enough capacity for nodes of type cache.t3.micro").await;
    let delete =
        ("elasticache", "", "Action=DeleteReplicationGroup&Version=2015-02-02&ReplicationGroupId=rg");
    assert_eq!(wire.call(delete).await.0, 200);
    wire.shows(groups, "<ReplicationGroups/>").await;

    wire.add("CreateDBInstance", FaultKind::CreateFailed).await;
    assert_eq!(wire.call(DATABASE).await.0, 200);
    let databases = ("rds", "", "Action=DescribeDBInstances&Version=2014-10-31");
    wire.shows(databases, "<DBInstanceStatus>failed</DBInstanceStatus>").await;
    let events = ("rds", "", "Action=DescribeEvents&Version=2014-10-31");
    wire.shows(events, "not enough capacity for instances of class db.t3.micro").await;
    let delete = (
        "rds",
        "",
        "Action=DeleteDBInstance&Version=2014-10-31&DBInstanceIdentifier=db&SkipFinalSnapshot=true",
    );
    assert_eq!(wire.call(delete).await.0, 200);
    wire.shows(databases, "<DBInstances/>").await;

    wire.add("RunInstances", FaultKind::CreateFailed).await;
    let (_, body) = wire.call(LAUNCH).await;
    assert!(body.contains("<name>pending</name>"), "{body}");
    let instances = ("ec2", "", "Action=DescribeInstances&Version=2016-11-15");
    let body = wire.shows(instances, "<name>terminated</name>").await;
    assert!(body.contains("Server.InternalError: Internal error on launch"), "{body}");
    assert!(control::status(&wire.access).await.unwrap().resources.is_empty());

    // The fault hit once: what is made next lives.
    assert_eq!(wire.call(GROUP).await.0, 200);
    wire.shows(groups, "<Status>available</Status>").await;
    wire.stop().await;
}

#[tokio::test]
async fn calls_are_recorded_and_control_calls_are_not_disturbed() {
    let wire = Wire::start().await;
    let always = Fault { times: u32::MAX, ..Fault::new("*", FaultKind::Throttle) };
    control::add_fault(&wire.access, &always).await.unwrap();
    wire.call(GROUP).await;
    wire.clear().await;
    wire.call(PUT).await;
    wire.call(GET).await;
    let calls = control::calls(&wire.access).await.unwrap();
    let short: Vec<_> = calls
        .iter()
        .map(|c| (c.number, c.service.as_str(), c.operation.as_str(), c.mutating, c.outcome.as_deref()))
        .collect();
    assert_eq!(
        short,
        [
            (1, "elasticache", "CreateReplicationGroup", true, Some("Throttling")),
            (2, "ssm", "PutParameter", true, Some("ok")),
            (3, "ssm", "GetParameter", false, Some("ok")),
        ]
    );
    assert_eq!(calls[0].fault, Some(FaultKind::Throttle));
    assert_eq!(calls[0].resource, "arn:aws:elasticache:us-east-1:123456789012:replicationgroup:rg");
    assert_eq!(calls[1].principal, "arn:aws:iam::123456789012:user/sandbox");
    wire.stop().await;
}

#[tokio::test]
async fn what_cannot_be_is_refused_with_the_reason() {
    let wire = Wire::start().await;
    let fault = Fault::new("createreplicationgroup", FaultKind::Drop);
    let error = control::add_fault(&wire.access, &fault).await.unwrap_err().to_string();
    assert!(error.ends_with("did you mean CreateReplicationGroup?"), "{error}");
    let fault = Fault::new("PutParameter", FaultKind::NoCapacity);
    assert!(control::add_fault(&wire.access, &fault).await.is_err());
    assert!(wire.faults().await.is_empty());
    let error = control::kill_engine(&wire.access, "rg").await.unwrap_err().to_string();
    assert_eq!(error, "this sandbox runs without engines");
    wire.stop().await;
}
