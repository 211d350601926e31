//! A hundred thousand hostile requests: no crash, no growth, none accepted.

use super::{
    dice::Dice,
    door::{Door, request},
    keys::{SECRET, Signing},
};
use crate::{model::pace::Pace, protocol::sigv4, server::front::Front};
use http_body_util::{BodyExt as _, Full};
use hyper::{Method, Request, body::Bytes};
use std::{collections::BTreeMap, process::Command, sync::Arc, time::Duration};
use tokio::{io::AsyncWriteExt as _, net::TcpStream};

/// How many there are in all; `RECIPE_WALK_HOSTILE` asks for another number.
const COUNT: u64 = 100_000;
/// Bytes by which the process may grow.
const GROWTH: u64 = 50 * 1024 * 1024;

const CALLS: [(&str, &str, &str); 8] = [
    ("ec2", "CreateSecurityGroup", "GroupName=evil&GroupDescription=d"),
    ("ec2", "RunInstances", "ImageId=ami-0c2a6f4e8d10b3951&MinCount=1&MaxCount=1&InstanceType=t3.micro"),
    ("elasticache", "CreateReplicationGroup", "ReplicationGroupId=evil&ReplicationGroupDescription=d"),
    ("rds", "CreateDBInstance", "DBInstanceIdentifier=evil&Engine=mysql&DBInstanceClass=db.t3.micro"),
    ("iam", "CreateInstanceProfile", "InstanceProfileName=evil"),
    ("sts", "GetCallerIdentity", "x=1"),
    ("ssm", "PutParameter", r#"{"Name":"/evil","Value":"v","Type":"String"}"#),
    ("secretsmanager", "GetRandomPassword", r#"{"PasswordLength":20}"#),
];

/// A request in parts: what is changed is one of them.
#[derive(Clone)]
struct Parts {
    method: Method,
    uri: String,
    headers: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
}

impl Parts {
    /// Cut from the bytes of a good request.
    fn good(dice: &mut Dice, how: &str) -> Self {
        let (service, operation, parameters) = *dice.pick(&CALLS.each_ref());
        let signing = Signing { how: how.to_owned(), role: None };
        let (bytes, _) = request("127.0.0.1:1", service, operation, parameters, &signing);
        let text = String::from_utf8(bytes).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let headers = head.lines().skip(1).filter_map(|line| line.split_once(": "));
        let kept = headers.filter(|(name, _)| !matches!(*name, "connection" | "content-length"));
        Self {
            method: Method::POST,
            uri: "/".into(),
            headers: kept.map(|(name, value)| (name.to_owned(), value.as_bytes().to_vec())).collect(),
            body: body.as_bytes().to_vec(),
        }
    }

    /// Something that means nothing.
    fn random(dice: &mut Dice) -> Self {
        const NAMES: [&str; 9] = [
            "authorization",
            "x-amz-date",
            "x-amz-target",
            "x-amz-security-token",
            "content-type",
            "smithy-protocol",
            "host",
            "x-amz-content-sha256",
            "expect",
        ];
        const VALUES: [&str; 10] = [
            "AWS4-HMAC-SHA256 Credential=AKIDROOT/20261123/us-east-1/ec2/aws4_request, SignedHeaders=host, Signature=00",
            "AWS4-HMAC-SHA256 Credential=////, SignedHeaders=;;;;, Signature=",
            "AWS4-HMAC-SHA256 Credential=a/b/c/d/e/f/g, SignedHeaders=host;host, Signature=x",
            "rpc-v2-cbor",
            "application/x-amz-json-1.1",
            "AmazonSSM.PutParameter",
            "RecipeWalkSandbox.Stop",
            "20261123T000000Z",
            "99999999T999999Z",
            "",
        ];
        const PATHS: [&str; 7] = [
            "/",
            "/?Action=DescribeVpcs&Version=2016-11-15",
            "/service/ResourceGroupsTaggingAPI_20170126/operation/GetResources",
            "/../../etc/passwd",
            "/ca.pem?x",
            "/%00%ff",
            "/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=0",
        ];
        let mut headers = Vec::new();
        for _ in 0..dice.below(6) {
            let value = if dice.below(3) == 0 {
                dice.bytes(200).into_iter().map(|b| 0x20 + b % 0x5f).collect()
            } else {
                dice.pick(&VALUES).as_bytes().to_vec()
            };
            headers.push((dice.pick(&NAMES).to_owned(), value));
        }
        let body = match dice.below(4) {
            0 => b"Action=DescribeVpcs&Version=2016-11-15".to_vec(),
            1 => b"[".repeat(dice.below(4_000)),
            _ => dice.bytes(300),
        };
        let methods = [Method::GET, Method::POST, Method::PUT, Method::HEAD, Method::OPTIONS, Method::DELETE];
        let method = dice.pick(&methods.each_ref()).clone();
        Self { method, uri: dice.pick(&PATHS).to_owned(), headers, body }
    }

    /// One letter or digit of something that is signed becomes another, a part goes, or one is added.
    fn mutate(&mut self, dice: &mut Dice) {
        let signed = ["authorization", "host", "x-amz-date", "x-amz-target"];
        match dice.below(8) {
            0 => self.headers.retain(|(name, _)| name != "authorization"),
            1 => self.headers.retain(|(name, _)| name != "x-amz-date"),
            2 => self.body.push(b' '),
            3 => self.uri.push_str("?Action=DescribeVpcs"),
            4 => self.method = Method::PUT,
            5 if change(&mut self.body, dice) => {}
            _ => loop {
                let at = dice.below(self.headers.len());
                let (name, value) = &mut self.headers[at];
                if signed.contains(&name.as_str()) && change(value, dice) {
                    break;
                }
            },
        }
    }

    fn request(self) -> Option<Request<Full<Bytes>>> {
        let mut request = Request::builder().method(self.method).uri(self.uri);
        for (name, value) in self.headers {
            request = request.header(name, value);
        }
        request.body(Full::new(Bytes::from(self.body))).ok()
    }
}

/// Changes one letter or digit to another one; false where there is none.
fn change(bytes: &mut [u8], dice: &mut Dice) -> bool {
    const LETTERS: &[u8; 62] = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let places: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at].is_ascii_alphanumeric()).collect();
    if places.is_empty() {
        return false;
    }
    let at = places[dice.below(places.len())];
    let old = LETTERS.iter().position(|b| *b == bytes[at]).unwrap();
    // One throw whatever was there: what follows doesn't depend on the time of day that was signed.
    bytes[at] = LETTERS[(old + 1 + dice.below(61)) % 62];
    true
}

/// Sends one; what comes back is a refusal of the client.
async fn refused(front: &Arc<Front>, parts: Parts, tally: &mut BTreeMap<u16, u64>) {
    let told = format!("{} {}", parts.method, parts.uri);
    let Some(request) = parts.request() else { return };
    let answer = Box::pin(Arc::clone(front).answer(request)).await.expect("an answer");
    let status = answer.status().as_u16();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    assert!((400..500).contains(&status), "{told}: {status} {}", String::from_utf8_lossy(&body));
    assert!(!String::from_utf8_lossy(&body).contains(SECRET));
    *tally.entry(status).or_default() += 1;
}

/// Requests in this process, without sockets between.
async fn storm(front: Arc<Front>, seed: u64, count: u64) -> BTreeMap<u16, u64> {
    let mut tally = BTreeMap::new();
    let mut dice = Dice(seed);
    // Signing costs more than refusing: a good request is signed now and then and spoilt in many ways.
    let mut good = Parts::good(&mut dice, "");
    for at in 0..count {
        if at % 64 == 0 {
            good = Parts::good(&mut dice, "");
        }
        let parts = match dice.below(20) {
            0..=10 => Parts::random(&mut dice),
            11..=15 => {
                let mut parts = good.clone();
                parts.mutate(&mut dice);
                parts
            }
            16 | 17 => {
                let mut parts = good.clone();
                parts.headers.retain(|(name, _)| name != "authorization");
                parts
            }
            18 if at % 8 == 0 => Parts::good(&mut dice, "old"),
            19 if at % 8 == 0 => Parts::good(&mut dice, "unknown-key"),
            _ => {
                // Well signed by nobody.
                let mut parts = good.clone();
                parts.headers.iter_mut().filter(|(name, _)| name == "authorization").for_each(
                    |(_, value)| {
                        let text = String::from_utf8_lossy(value).replace("AKIDROOT", "AKIDEVIL");
                        *value = text.into_bytes();
                    },
                );
                parts
            }
        };
        refused(&front, parts, &mut tally).await;
    }
    tally
}

/// Resident memory of this process.
fn resident() -> u64 {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    text.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok()).unwrap_or(0) * 4096
}

/// Bytes over real connections: nonsense, oversized, half-open, slow.
async fn siege(door: &Door, count: u64) {
    let mut dice = Dice(99);
    let mut idle = Vec::new();
    for at in 0..count {
        let mut stream = TcpStream::connect(&door.address).await.unwrap();
        let bytes = match at % 8 {
            0 => dice.bytes(2_000),
            1 => b"GET / HTTP/1.1\r\nhost".to_vec(),
            2 => b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100000\r\n\r\nAction=".to_vec(),
            3 => b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nfffffff\r\n".to_vec(),
            4 => b"POST / HTTP/1.1\r\ncontent-length: -1\r\n\r\n".to_vec(),
            5 => b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(),
            6 if at % 64 == 6 => {
                let mut bytes = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1300000\r\n\r\n".to_vec();
                bytes.resize(1_300_000, b'a');
                bytes
            }
            _ => Vec::new(),
        };
        let _ = stream.write_all(&bytes).await;
        // Some hundred stay open and silent at any time, the others go without a word.
        if idle.len() < 300 {
            idle.push(stream);
        } else {
            let at = dice.below(idle.len());
            idle[at] = stream;
        }
    }
    // A client with a key is served while they wait.
    let begun = std::time::Instant::now();
    let (answer, _) = door.call("ec2", "DescribeVpcs", "DryRun=false", &Signing::default()).await;
    assert_eq!(answer.status, 200);
    assert!(begun.elapsed() < Duration::from_secs(2));
}

/// Signed with the right key, and still nonsense: refused, and nothing breaks.
async fn nonsense(front: &Arc<Front>, count: u64) {
    let mut dice = Dice(7);
    let identity = sigv4::identity("AKIDROOT", SECRET);
    for at in 0..count {
        let body = match at % 4 {
            0 => dice.bytes(400),
            1 => b"{\"a\":".repeat(dice.below(400)),
            2 => [0x9f_u8, 0xbf, 0x61].repeat(dice.below(300)),
            _ => format!(
                "Version=2016-11-15&Action=RunInstances&{}",
                String::from_utf8_lossy(&dice.bytes(200))
            )
            .into_bytes(),
        };
        let (service, path, target) = [
            ("ssm", "/", "AmazonSSM.PutParameter"),
            ("ssm", "/", "AmazonSSM.SendCommand"),
            ("tagging", "/service/ResourceGroupsTaggingAPI_20170126/operation/GetResources", ""),
            ("ec2", "/", ""),
        ][usize::try_from(at % 4).unwrap()];
        let now = front.ctx.now();
        let stamp = sigv4::write_stamp(now);
        let mut headers = vec![("host", "x"), ("x-amz-date", stamp.as_str())];
        if !target.is_empty() {
            headers.push(("x-amz-target", target));
        }
        if service == "tagging" {
            headers.push(("smithy-protocol", "rpc-v2-cbor"));
        }
        let (_, authorization) =
            sigv4::signature("POST", path, &headers, &body, &identity, "us-east-1", service, now).unwrap();
        headers.push(("authorization", &authorization));
        let owned = headers.iter().map(|(n, v)| ((*n).to_owned(), v.as_bytes().to_vec())).collect();
        let parts = Parts { method: Method::POST, uri: path.into(), headers: owned, body };
        let answer = Arc::clone(front).answer(parts.request().unwrap()).await.unwrap();
        assert!(answer.status().as_u16() < 500, "{service}: {}", answer.status());
    }
}

/// Runs in a process of its own: memory is the process's.
#[test]
#[ignore = "run by `a_hundred_thousand_hostile_requests_get_nothing`"]
fn hostile_requests_in_a_process_of_their_own() {
    let count = std::env::var("RECIPE_WALK_HOSTILE").ok().and_then(|n| n.parse().ok()).unwrap_or(COUNT);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let door = Door::open(Pace::Real).await;
        // The first requests make things once, which is not growth.
        Box::pin(storm(Arc::clone(&door.front), 1, 500)).await;
        siege(&door, 100).await;
        let before = resident();
        let world = serde_json::to_string(&door.ctx.world().all()).unwrap();
        let sockets = count / 40;
        let rest = count - sockets - count / 100;
        let halves = [11, 12].map(|seed| tokio::spawn(storm(Arc::clone(&door.front), seed, rest / 2)));
        siege(&door, sockets).await;
        let mut statuses = BTreeMap::new();
        for half in halves {
            for (status, hits) in half.await.unwrap() {
                *statuses.entry(status).or_default() += hits;
            }
        }
        assert_eq!(serde_json::to_string(&door.ctx.world().all()).unwrap(), world, "something was accepted");
        assert!(door.ctx.calls.list().iter().all(|call| call.operation == "DescribeVpcs"));
        nonsense(&door.front, count / 100).await;
        let grown = resident().saturating_sub(before);
        assert!(grown < GROWTH, "grown by {grown} bytes");
        let sum: u64 = statuses.values().sum();
        println!(
            "{count} requests, {sum} of them in the process: {statuses:?}, grown by {} kB",
            grown / 1024
        );
        assert!(sum > count * 9 / 10, "most are well-formed enough to be judged");
    });
}

#[test]
fn a_hundred_thousand_hostile_requests_get_nothing() {
    let output = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "strict::hostile::hostile_requests_in_a_process_of_their_own",
            "--ignored",
            "--nocapture",
        ])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(text.contains("requests, "), "{text}");
}
