use crate::services::tests::ask;
use crate::{
    model::{
        error::ApiError,
        node::Node,
        params::{Missing, Params},
    },
    server::ctx::Ctx,
};
use std::sync::Arc;

const AMI: &str = "ami-0c2a6f4e8d10b3951";

/// Makes one call.
fn call(ctx: &Arc<Ctx>, action: &str, pairs: &[(&str, &str)]) -> Result<Node, ApiError> {
    ask(&super::SERVICE, ctx, action, &Params::of(Missing::Ec2, pairs.iter().copied()))
}

fn code(answer: Result<Node, ApiError>) -> String {
    answer.unwrap_err().code.into_owned()
}

fn group(ctx: &Arc<Ctx>, name: &str) -> String {
    let answer = call(ctx, "CreateSecurityGroup", &[("GroupName", name), ("GroupDescription", "x")]);
    answer.unwrap().find("groupId").unwrap().to_owned()
}

fn rule<'a>(group: &'a str, port: &'a str, cidr: &'a str) -> [(&'a str, &'a str); 5] {
    [
        ("GroupId", group),
        ("IpPermissions.1.IpProtocol", "tcp"),
        ("IpPermissions.1.FromPort", port),
        ("IpPermissions.1.ToPort", port),
        ("IpPermissions.1.IpRanges.1.CidrIp", cidr),
    ]
}

#[test]
fn group_names_are_checked() {
    let (_dir, ctx) = Ctx::for_tests();
    group(&ctx, "cache");
    let create =
        |name| code(call(&ctx, "CreateSecurityGroup", &[("GroupName", name), ("GroupDescription", "x")]));
    assert_eq!(create("cache"), "InvalidGroup.Duplicate");
    assert_eq!(create("sg-x"), "InvalidParameterValue");
    assert_eq!(create(""), "MissingParameter");
    assert_eq!(create("ä"), "InvalidParameterValue");
}

#[test]
fn range_with_host_bits_is_that_of_its_network() {
    let (_dir, ctx) = Ctx::for_tests();
    let sg = group(&ctx, "cache");
    let of = |action: &str, cidr: &str| call(&ctx, action, &rule(&sg, "6379", cidr));
    of("AuthorizeSecurityGroupIngress", "172.31.0.5/16").unwrap();
    let again = of("AuthorizeSecurityGroupIngress", "172.31.0.0/16").unwrap_err();
    assert!(again.message.unwrap().contains("peer: 172.31.0.0/16, TCP"));
    of("RevokeSecurityGroupIngress", "172.31.0.0/16").unwrap();
    assert_eq!(code(of("RevokeSecurityGroupIngress", "172.31.0.0/16")), "InvalidPermission.NotFound");
}

#[tokio::test]
async fn tokens_make_launches_repeatable() {
    let (_dir, ctx) = Ctx::for_tests();
    let launch = |token, kind| {
        let pairs = [
            ("ImageId", AMI),
            ("InstanceType", kind),
            ("MinCount", "1"),
            ("MaxCount", "1"),
            ("ClientToken", token),
        ];
        call(&ctx, "RunInstances", &pairs)
    };
    let id = |answer: Node| answer.find("instancesSet/item/instanceId").unwrap().to_owned();
    let first = id(launch("t", "t3.micro").unwrap());
    assert_eq!(id(launch("t", "t3.micro").unwrap()), first);
    assert_ne!(id(launch("u", "t3.micro").unwrap()), first);
    assert_eq!(code(launch("t", "t3.small")), "IdempotentParameterMismatch");
    call(&ctx, "TerminateInstances", &[("InstanceId.1", &first)]).unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(30)).await;
    assert_eq!(code(launch("t", "t3.micro")), "IdempotentInstanceTerminated");
    assert_eq!(ctx.read(|w| w.ec2.instances.len()), 2);
}

#[test]
fn a_detached_gateway_has_no_attachment_to_be_found_by() {
    let (_dir, ctx) = Ctx::for_tests();
    let (vpc, gateway) = ctx.read(|w| (w.ec2.vpcs[0].id.clone(), w.ec2.ways().gateway.clone()));
    let found = |name: &str, value: &str| {
        let p = Params::of(Missing::Ec2, [("Filter.1.Name", name), ("Filter.1.Value.1", value)]);
        ask(&super::SERVICE, &ctx, "DescribeInternetGateways", &p).unwrap().document().contains(&gateway)
    };
    assert!(found("attachment.vpc-id", &vpc) && found("attachment.state", "available"));
    let detached = ctx.change(|world| {
        world.ec2.ways.each_mut(|ways| ways.attached = false);
        Ok(())
    });
    detached.unwrap();
    assert!(!found("attachment.vpc-id", &vpc) && !found("attachment.state", "available"));
    assert!(found("internet-gateway-id", &gateway));
}

#[test]
fn zones_are_not_listed_in_pages() {
    let (_dir, ctx) = Ctx::for_tests();
    let ask = |name: &str, value: &str| {
        ask(&super::SERVICE, &ctx, "DescribeAvailabilityZones", &Params::of(Missing::Ec2, [(name, value)]))
    };
    for name in ["MaxResults", "NextToken"] {
        let error = ask(name, "5").unwrap_err();
        assert_eq!(error.to_string(), format!("UnknownParameter: The parameter {name} is not recognized"));
    }
    assert!(ask("AllAvailabilityZones", "true").is_ok());
}

#[tokio::test]
async fn launches_with_unfitting_parts_are_refused() {
    let (_dir, ctx) = Ctx::for_tests();
    for (name, value, expected) in [
        ("InstanceType", "t4g.micro", "InvalidParameterValue"),
        ("SubnetId", "subnet-1", "InvalidSubnetID.NotFound"),
        ("KeyName", "k", "InvalidKeyPair.NotFound"),
    ] {
        let base = [("ImageId", AMI), ("InstanceType", "t3.micro"), ("MinCount", "1"), ("MaxCount", "1")];
        let pairs: Vec<(&str, &str)> = base.into_iter().chain([(name, value)]).collect();
        assert_eq!(code(call(&ctx, "RunInstances", &pairs)), expected, "{name}={value}");
    }
    let default = ctx.read(|w| w.ec2.groups[0].id.clone());
    assert_eq!(code(call(&ctx, "DeleteSecurityGroup", &[("GroupId", &default)])), "CannotDelete");
}

#[tokio::test]
async fn profiles_without_their_role_are_refused_as_ec2_does() {
    let (_dir, ctx) = Ctx::for_tests();
    let p = Params::of(Missing::Validation, [("InstanceProfileName", "app")]);
    ask(&crate::services::iam::SERVICE, &ctx, "CreateInstanceProfile", &p).unwrap();
    let launch = [
        ("ImageId", AMI),
        ("InstanceType", "t3.micro"),
        ("MinCount", "1"),
        ("MaxCount", "1"),
        ("IamInstanceProfile.Name", "app"),
    ];
    let refused = call(&ctx, "RunInstances", &launch).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "InvalidParameterValue: IAM Instance Profile \"arn:aws:iam::123456789012:instance-profile/app\" has no \
         associated IAM Roles"
    );
    assert!(ctx.read(|w| w.ec2.instances.is_empty()));
}
