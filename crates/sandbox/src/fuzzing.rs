//! Ways in for the fuzz targets in `fuzz/`, and for the bounded run of them in the tests. Each panics where the sandbox
//! breaks, that is where it blames itself for what a client sent.

use crate::{
    ctx::Ctx,
    front::{Front, service::Service, sigv4},
    pace::Pace,
};
use http_body_util::Full;
use hyper::{Request, body::Bytes, http::request::Builder};
use std::sync::Arc;

const KEY: &str = "AKIDROOT";
const SECRET: &str = "NobodyShouldEverSeeThis";

/// What each service answers.
const IMPLEMENTED: &[(Service, &str)] = &[
    (
        Service::Ec2,
        "DescribeVpcs DescribeSubnets DescribeAvailabilityZones DescribeRouteTables DescribeInternetGateways DescribeNetworkInterfaces DescribeAccountAttributes CreateDefaultVpc DescribeSecurityGroups CreateSecurityGroup DeleteSecurityGroup DescribeSecurityGroupRules AuthorizeSecurityGroupIngress AuthorizeSecurityGroupEgress RevokeSecurityGroupIngress RevokeSecurityGroupEgress DescribeInstanceTypeOfferings DescribeInstanceTypes DescribeImages RunInstances DescribeInstances DescribeInstanceStatus TerminateInstances CreateTags DeleteTags DescribeTags",
    ),
    (
        Service::ElastiCache,
        "CreateCacheSubnetGroup DescribeCacheSubnetGroups ModifyCacheSubnetGroup DeleteCacheSubnetGroup CreateCacheParameterGroup DescribeCacheParameterGroups DescribeCacheParameters ModifyCacheParameterGroup ResetCacheParameterGroup DeleteCacheParameterGroup DescribeCacheEngineVersions DescribeEngineDefaultParameters CreateReplicationGroup DescribeReplicationGroups ModifyReplicationGroup DeleteReplicationGroup DescribeCacheClusters DeleteCacheCluster CreateCacheCluster TestFailover DescribeEvents ListTagsForResource AddTagsToResource RemoveTagsFromResource",
    ),
    (
        Service::Rds,
        "CreateDBSubnetGroup DescribeDBSubnetGroups DeleteDBSubnetGroup CreateDBInstance DescribeDBInstances ModifyDBInstance DeleteDBInstance DescribeDBEngineVersions DescribeOrderableDBInstanceOptions DescribeCertificates DescribeEvents ListTagsForResource AddTagsToResource RemoveTagsFromResource",
    ),
    (
        Service::Iam,
        "CreateRole GetRole DeleteRole ListRoles TagRole ListRoleTags PutRolePolicy GetRolePolicy ListRolePolicies DeleteRolePolicy AttachRolePolicy DetachRolePolicy ListAttachedRolePolicies CreateServiceLinkedRole CreateInstanceProfile GetInstanceProfile DeleteInstanceProfile ListInstanceProfiles ListInstanceProfilesForRole TagInstanceProfile ListInstanceProfileTags AddRoleToInstanceProfile RemoveRoleFromInstanceProfile SimulatePrincipalPolicy",
    ),
    (Service::Sts, "GetCallerIdentity"),
    (
        Service::Ssm,
        "PutParameter GetParameter GetParameters DeleteParameter DeleteParameters AddTagsToResource RemoveTagsFromResource ListTagsForResource GetParametersByPath DescribeParameters DescribeInstanceInformation SendCommand CancelCommand ListCommands ListCommandInvocations GetCommandInvocation",
    ),
];

/// A front door without engines and without a network.
pub struct Target {
    front: Arc<Front>,
    runtime: tokio::runtime::Runtime,
    dir: std::path::PathBuf,
}

impl Target {
    /// Opens one on a directory of its own, which goes with it.
    #[expect(clippy::new_without_default, reason = "it opens files")]
    pub fn new() -> Self {
        let dir = std::env::temp_dir().join(format!("recipe-walk-fuzz-{}", crate::ids::hex(12)));
        std::fs::create_dir_all(&dir).expect("a directory");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let ctx = Ctx::open(&dir, Pace::Real, "http://127.0.0.1:1".into(), None).expect("a world");
        Self { front: Front::new(ctx, KEY.into(), SECRET.into()), runtime, dir }
    }

    /// A form, of the service that the first byte chooses and the operation that the second one does.
    pub fn query(&self, data: &[u8]) {
        let [first, second, rest @ ..] = data else { return };
        // The last one speaks JSON.
        let (service, operations) = IMPLEMENTED[usize::from(*first) % (IMPLEMENTED.len() - 1)];
        let operations: Vec<&str> = operations.split(' ').collect();
        let (_, version) = service.namespace_and_version();
        let operation = operations[usize::from(*second) % operations.len()];
        let mut body = format!("Action={operation}&Version={version}&").into_bytes();
        body.extend(rest);
        self.signed(service.signing_name(), "/", &[], body);
    }

    /// An AWS JSON 1.1 body.
    pub fn json(&self, data: &[u8]) {
        let [first, rest @ ..] = data else { return };
        let operations: Vec<&str> = IMPLEMENTED[IMPLEMENTED.len() - 1].1.split(' ').collect();
        let target = format!("AmazonSSM.{}", operations[usize::from(*first) % operations.len()]);
        self.signed("ssm", "/", &[("x-amz-target", &target)], rest.to_vec());
    }

    /// A CBOR body.
    pub fn cbor(&self, data: &[u8]) {
        let path = "/service/ResourceGroupsTaggingAPI_20170126/operation/GetResources";
        self.signed("tagging", path, &[("smithy-protocol", "rpc-v2-cbor")], data.to_vec());
    }

    /// Header lines and, after an empty one, a body; nobody can guess a signature, so that all of it is refused.
    pub fn signature(&self, data: &[u8]) {
        let text = String::from_utf8_lossy(data);
        let (head, body) = text.split_once("\n\n").unwrap_or((&text, ""));
        let mut request = Request::post("/");
        for (name, value) in head.lines().filter_map(|line| line.split_once(':')) {
            request = request.header(name, value.trim());
        }
        if let Some(status) = self.answer(request, body.as_bytes().to_vec()) {
            assert!((400..500).contains(&status), "{status} for {text:?}");
        }
    }

    fn signed(&self, service: &str, path: &str, more: &[(&str, &str)], body: Vec<u8>) {
        let now = self.front.ctx.now();
        let stamp = sigv4::write_stamp(now);
        let mut headers = vec![("host", "x"), ("x-amz-date", stamp.as_str())];
        headers.extend(more);
        let identity = sigv4::identity(KEY, SECRET);
        let Some((_, authorization)) =
            sigv4::signature("POST", path, &headers, &body, &identity, "us-east-1", service, now)
        else {
            return;
        };
        let mut request = Request::post(path).header("authorization", authorization);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        if let Some(status) = self.answer(request, body) {
            assert!(status < 500, "the sandbox blames itself: {status}");
        }
    }

    fn answer(&self, request: Builder, body: Vec<u8>) -> Option<u16> {
        let request = request.body(Full::new(Bytes::from(body))).ok()?;
        let answer = self.runtime.block_on(Arc::clone(&self.front).answer(request)).expect("an answer");
        Some(answer.status().as_u16())
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same generator as everywhere: a failure comes again.
    fn bytes(seed: u64, length: usize) -> Vec<u8> {
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        (0..length)
            .map(|_| {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                state as u8
            })
            .collect()
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
        let target = Target::new();
        for seed in 0..2_000 {
            target.query(&words(seed));
            let mut json = bytes(seed, 1);
            let value = ["null", "[]", "{}", "-1", "1e999", "\"x\"", "[{}]", "[[\"\"]]"][seed as usize % 8];
            let name =
                ["Name", "Names", "Parameters", "InstanceIds", "Filters", "Targets", "MaxResults", "Tags"]
                    [seed as usize / 8 % 8];
            json.extend(
                format!("{{\"{name}\":{value},\"Value\":{value},\"DocumentName\":\"AWS-RunShellScript\"}}")
                    .bytes(),
            );
            target.json(&json);
            if seed % 4 == 0 {
                target.query(&bytes(seed, 200));
                target.cbor(&bytes(seed, 60));
                target.signature(&bytes(seed, 300));
                target.signature(b"authorization: AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request\n\nx");
            }
        }
    }
}
