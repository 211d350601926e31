//! Ways in for the fuzz targets in `fuzz/`, and for the bounded run of them in the tests. Each panics where the sandbox
//! breaks, that is where it blames itself for what a client sent.

use crate::{
    model::pace::Pace,
    protocol::sigv4,
    server::{ctx::Ctx, front::Front},
    services::{
        ALL,
        service::{Form, Service, Wire},
    },
};
use http_body_util::{BodyExt as _, Full};
use hyper::{Request, body::Bytes, http::request::Builder};
use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

const KEY: &str = "AKIDROOT";
const SECRET: &str = "NobodyShouldEverSeeThis";

/// Inputs in one world: then a new one is opened, so that what inputs have made does not pile up.
const INPUTS: usize = 1_000;

/// A front door without engines and without a network.
pub struct Target {
    runtime: tokio::runtime::Runtime,
    opened: Mutex<Opened>,
}

/// A world, and how many inputs it has had.
struct Opened {
    front: Arc<Front>,
    dir: PathBuf,
    inputs: usize,
}

impl Opened {
    fn new() -> Self {
        let dir = std::env::temp_dir().join(format!("recipe-walk-fuzz-{}", crate::system::ids::hex(12)));
        crate::system::private::directory(&dir).expect("a directory");
        let ctx =
            Ctx::open(&dir, Pace::Real, "http://127.0.0.1:1".into(), None, ALL.parts()).expect("a world");
        Self { front: Front::new(ctx, ALL, KEY.into(), SECRET.into()), dir, inputs: 0 }
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        // Life cycles that are under way hold on to it until they are told.
        self.front.ctx.stop();
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

/// The signing name and the `X-Amz-Target` of each operation of a JSON service.
fn targets(service: &Service) -> Vec<(&str, String)> {
    let Wire::Json(json) = &service.wire else { return Vec::new() };
    let target = |name: &str| (service.part.name, format!("{}.{name}", json.target));
    service.operations.iter().map(|operation| target(operation.name)).collect()
}

impl Target {
    /// Opens one on a directory of its own, which goes with it.
    #[expect(clippy::new_without_default, reason = "it opens files")]
    pub fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        Self { runtime, opened: Mutex::new(Opened::new()) }
    }

    /// The front door for the next input.
    fn front(&self) -> Arc<Front> {
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        if opened.inputs >= INPUTS {
            *opened = Opened::new();
        }
        opened.inputs += 1;
        Arc::clone(&opened.front)
    }

    /// A form, of the service that the first byte chooses and the operation that the second one does.
    pub fn query(&self, data: &[u8]) {
        let [first, second, rest @ ..] = data else { return };
        let all: Vec<(&Service, &Form)> = ALL.all().filter_map(|s| Some((s, s.form()?))).collect();
        let (service, form) = all[usize::from(*first) % all.len()];
        let operation = &service.operations[usize::from(*second) % service.operations.len()];
        let mut body = format!("Action={}&Version={}&", operation.name, form.version).into_bytes();
        body.extend(rest);
        self.signed(service.part.name, "/", &[], body);
    }

    /// An AWS JSON 1.1 body, for the operation that the first byte chooses.
    pub fn json(&self, data: &[u8]) {
        let [first, rest @ ..] = data else { return };
        let all: Vec<(&str, String)> = ALL.all().flat_map(targets).collect();
        let (service, target) = &all[usize::from(*first) % all.len()];
        self.signed(service, "/", &[("x-amz-target", target)], rest.to_vec());
    }

    /// A CBOR body.
    pub fn cbor(&self, data: &[u8]) {
        let path = "/service/ResourceGroupsTaggingAPI_20170126/operation/GetResources";
        self.signed("tagging", path, &[("smithy-protocol", "rpc-v2-cbor")], data.to_vec());
    }

    /// Header lines and, after an empty one, a body; a first line that begins with a question mark is the query. Nobody
    /// can guess a signature, so that all of it is refused.
    pub fn signature(&self, data: &[u8]) {
        let text = String::from_utf8_lossy(data);
        let (head, body) = text.split_once("\n\n").unwrap_or((&text, ""));
        let (query, head) = match head.split_once('\n') {
            Some((line, rest)) if line.starts_with('?') => (line, rest),
            _ => ("", head),
        };
        let mut request = Request::post(format!("/{query}"));
        for (name, value) in head.lines().filter_map(|line| line.split_once(':')) {
            request = request.header(name, value.trim());
        }
        if let Some((status, _)) = self.answer(&self.front(), request, body.as_bytes().to_vec()) {
            assert!((400..500).contains(&status), "{status} for {text:?}");
        }
    }

    fn signed(&self, service: &str, path: &str, more: &[(&str, &str)], body: Vec<u8>) -> Option<Bytes> {
        let front = self.front();
        // The sandbox's own calls go by the machine's clock, which is no other here.
        let now = front.ctx.now();
        let stamp = sigv4::write_stamp(now);
        let mut headers = vec![("host", "x"), ("x-amz-date", stamp.as_str())];
        headers.extend(more);
        let identity = sigv4::identity(KEY, SECRET);
        let (_, authorization) =
            sigv4::signature("POST", path, &headers, &body, &identity, "us-east-1", service, now)?;
        let mut request = Request::post(path).header("authorization", authorization);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let (status, answer) = self.answer(&front, request, body)?;
        assert!(status < 500, "the sandbox blames itself: {status}");
        // A fault that an input has added would break or hold the next one, as it should.
        front.ctx.faults.clear();
        Some(answer)
    }

    fn answer(&self, front: &Arc<Front>, request: Builder, body: Vec<u8>) -> Option<(u16, Bytes)> {
        let request = request.body(Full::new(Bytes::from(body))).ok()?;
        let answered = async {
            let answer = Arc::clone(front).answer(request).await.expect("an answer");
            let status = answer.status().as_u16();
            (status, answer.into_body().collect().await.expect("a body in memory").to_bytes())
        };
        Some(self.runtime.block_on(Box::pin(answered)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::strict::dice::Dice;

    /// So many bytes, the same for the same seed.
    fn bytes(seed: u64, length: usize) -> Vec<u8> {
        let mut dice = Dice(seed);
        (0..length).map(|_| dice.next() as u8).collect()
    }

    /// What a fuzzer would find in time: the words of real requests in a wrong order and with wrong values.
    fn words(seed: u64) -> Vec<u8> {
        const WORDS: [&str; 24] = [
            "GroupId=",
            "Filter.1.Name=",
            "Filter.99999999999999999999.Value.1=",
            "IpPermissions.1.",
            "&",
            "=",
            "Tags.Tag.1.Key=",
            "Marker=",
            "MaxRecords=-1",
            "MaxResults=999999999999",
            "NextToken=cGFnZTo5OTk5",
            "StartTime=9999-12-31T23:59:59Z",
            "Duration=-9223372036854775808",
            "Port=0",
            "AllocatedStorage=9223372036854775807",
            "MinCount=1&MaxCount=1&ImageId=ami-0c2a6f4e8d10b3951&InstanceType=t3.micro",
            "%00%ff",
            "GroupName=x",
            "NumCacheClusters=6",
            "ReplicationGroupId=rg",
            "ParameterNameValues.1.ParameterName=timeout",
            "PolicyDocument=%7B%22Statement%22%3A%5B%5D%7D",
            "RoleName=r",
            "DBInstanceIdentifier=db",
        ];
        let mut out = bytes(seed, 2);
        for byte in bytes(seed ^ 0xabcd, 12) {
            out.extend(WORDS[usize::from(byte) % WORDS.len()].as_bytes());
            if byte & 1 == 0 {
                out.push(b'&');
            }
        }
        out
    }

    #[test]
    fn the_targets_survive_a_bounded_run() {
        const NAMES: [&str; 16] = [
            "Name",
            "Names",
            "Parameters",
            "InstanceIds",
            "Filters",
            "Targets",
            "MaxResults",
            "Tags",
            "PasswordLength",
            "ServiceCode",
            "TagFilters",
            "TagsPerPage",
            "PaginationToken",
            "operation",
            "kind",
            "Resource",
        ];
        let target = Target::new();
        for seed in 0..2_000 {
            target.query(&words(seed));
            let mut json = bytes(seed, 1);
            let value = ["null", "[]", "{}", "-1", "1e999", "\"x\"", "[{}]", "[[\"\"]]"][seed as usize % 8];
            let name = NAMES[seed as usize / 8 % NAMES.len()];
            json.extend(
                format!("{{\"{name}\":{value},\"Value\":{value},\"QuotaCode\":{value},\"DocumentName\":\"AWS-RunShellScript\"}}")
                    .bytes(),
            );
            target.json(&json);
            if seed % 4 == 0 {
                target.query(&bytes(seed, 200));
                target.cbor(&bytes(seed, 60));
                target.signature(&bytes(seed, 300));
                target.signature(b"authorization: AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request\n\nx");
                let names = [
                    "Credential=a%2Fb%2Fc%2Fec2%2Faws4_request",
                    "SignedHeaders=host",
                    "Signature=0",
                    "Date=x",
                ];
                let query: Vec<&str> =
                    bytes(seed, 6).iter().map(|byte| names[usize::from(*byte) % names.len()]).collect();
                let query = query.join("&X-Amz-");
                target.signature(
                    format!("?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-{query}\nhost: x\n\n").as_bytes(),
                );
            }
        }
    }
    /// The targets reach every operation that there is, and no other is taken for one.
    #[test]
    fn the_targets_know_what_is_implemented() {
        let target = Target::new();
        let refused = |answer: Option<Bytes>| {
            String::from_utf8_lossy(&answer.expect("an answer"))
                .contains("sandbox does not implement the operation")
        };
        for service in ALL.all().filter(|service| service.part.of_aws) {
            let implemented = |name: &str| service.implemented(name).is_some();
            for name in service.part.operations() {
                let answer = match &service.wire {
                    Wire::Form(form) => {
                        // CreateCacheCluster is implemented only for this mixture, which it refuses.
                        let body = format!(
                            "Action={name}&Version={}&TransitEncryptionEnabled=true&Engine=redis",
                            form.version
                        );
                        target.signed(service.part.name, "/", &[], body.into_bytes())
                    }
                    Wire::Json(json) => {
                        let operation = format!("{}.{name}", json.target);
                        let headers = [("x-amz-target", operation.as_str())];
                        target.signed(service.part.name, "/", &headers, b"{}".to_vec())
                    }
                };
                assert_eq!(refused(answer), !implemented(name), "{name}");
            }
            for operation in service.operations {
                assert!(service.part.operation(operation.name).is_some(), "AWS has no {}", operation.name);
            }
        }
    }

    #[test]
    fn a_world_does_not_grow_for_ever() {
        let target = Target::new();
        let groups = || target.opened.lock().unwrap().front.ctx.read(|world| world.ec2.groups.len());
        let make = |n: usize| {
            let body = format!(
                "Action=CreateSecurityGroup&Version=2016-11-15&GroupName=g{n}&GroupDescription=d&DryRun=false"
            );
            target.signed("ec2", "/", &[], body.into_bytes()).unwrap();
        };
        let first = target.opened.lock().unwrap().dir.clone();
        target.opened.lock().unwrap().inputs = INPUTS - 3;
        (0..3).for_each(make);
        assert_eq!(groups(), 4, "with the default one");
        make(3);
        assert_eq!(groups(), 2, "a new world");
        assert!(!first.exists(), "the old one's directory is gone");
    }
}
