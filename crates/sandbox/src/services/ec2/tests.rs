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
fn rules_are_strict() {
    let (_dir, ctx) = Ctx::for_tests();
    let sg = group(&ctx, "cache");
    let authorize = |pairs: &[(&str, &str)]| call(&ctx, "AuthorizeSecurityGroupIngress", pairs);
    authorize(&rule(&sg, "6379", "172.31.0.5/16")).unwrap();
    let again = authorize(&rule(&sg, "6379", "172.31.0.0/16")).unwrap_err();
    assert_eq!(
        again.message.unwrap(),
        "the specified rule \"peer: 172.31.0.0/16, TCP, from port: 6379, to port: 6379, ALLOW\" already exists"
    );
    assert_eq!(code(authorize(&rule(&sg, "70000", "0.0.0.0/0"))), "InvalidParameterValue");
    assert_eq!(code(authorize(&rule(&sg, "80", "1.2.3/8"))), "InvalidParameterValue");
    assert_eq!(code(authorize(&rule(&sg, "80", "1.2.3.4/33"))), "InvalidParameterValue");
    assert_eq!(code(authorize(&rule("sg-nonsense", "80", "0.0.0.0/0"))), "InvalidGroupId.Malformed");
    assert_eq!(code(authorize(&rule("sg-00000000000000000", "80", "0.0.0.0/0"))), "InvalidGroup.NotFound");
    assert_eq!(code(authorize(&rule(&sg, "80", "0.0.0.0/0")[..4])), "MissingParameter");
    assert_eq!(code(authorize(&[("GroupId", &sg)])), "MissingParameter");
    let revoke = |port| call(&ctx, "RevokeSecurityGroupIngress", &rule(&sg, port, "172.31.0.0/16"));
    assert_eq!(code(revoke("80")), "InvalidPermission.NotFound");
    revoke("6379").unwrap();
    assert_eq!(code(revoke("6379")), "InvalidPermission.NotFound");
}

#[test]
fn a_group_that_a_rule_names_stays() {
    let (_dir, ctx) = Ctx::for_tests();
    let (app, cache) = (group(&ctx, "app"), group(&ctx, "cache"));
    let pairs = [
        ("GroupId", cache.as_str()),
        ("IpPermissions.1.IpProtocol", "tcp"),
        ("IpPermissions.1.FromPort", "6379"),
        ("IpPermissions.1.ToPort", "6379"),
        ("IpPermissions.1.Groups.1.GroupId", &app),
    ];
    call(&ctx, "AuthorizeSecurityGroupIngress", &pairs).unwrap();
    let delete = |id: &str| call(&ctx, "DeleteSecurityGroup", &[("GroupId", id)]);
    assert_eq!(code(delete(&app)), "DependencyViolation");
    delete(&cache).unwrap();
    delete(&app).unwrap();
    assert_eq!(code(delete(&app)), "InvalidGroup.NotFound");
}

#[test]
fn unknown_parameters_and_filters_are_refused() {
    let (_dir, ctx) = Ctx::for_tests();
    assert_eq!(code(call(&ctx, "DescribeVpcs", &[("Nonsense", "1")])), "UnknownParameter");
    let filter = call(&ctx, "DescribeVpcs", &[("Filter.1.Name", "x"), ("Filter.1.Value.1", "y")]);
    assert_eq!(filter.unwrap_err().message.unwrap(), "The filter 'x' is invalid");
    assert_eq!(code(call(&ctx, "DescribeFlowLogs", &[])), "InvalidAction");
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

#[tokio::test]
async fn launches_are_checked_and_dry_runs_keep_nothing() {
    let (_dir, ctx) = Ctx::for_tests();
    let base = [("ImageId", AMI), ("InstanceType", "t3.micro"), ("MinCount", "1"), ("MaxCount", "1")];
    let with = |extra: &[(&'static str, &str)]| {
        let pairs: Vec<(&str, &str)> = base.iter().copied().chain(extra.iter().copied()).collect();
        call(&ctx, "RunInstances", &pairs)
    };
    for (name, value, expected) in [
        ("InstanceType", "m9.huge", "InvalidParameterValue"),
        ("InstanceType", "t4g.micro", "InvalidParameterValue"),
        ("ImageId", "ami-x", "InvalidAMIID.Malformed"),
        ("ImageId", "ami-00000000000000000", "InvalidAMIID.NotFound"),
        ("IamInstanceProfile.Name", "none", "InvalidParameterValue"),
        ("UserData", "%", "InvalidUserData.Malformed"),
        ("SubnetId", "subnet-1", "InvalidSubnetID.NotFound"),
        ("SecurityGroupId.1", "sg-00000000000000000", "InvalidGroup.NotFound"),
        ("KeyName", "k", "InvalidKeyPair.NotFound"),
        ("DryRun", "true", "DryRunOperation"),
    ] {
        assert_eq!(code(with(&[(name, value)])), expected, "{name}={value}");
    }
    let long = "A".repeat(4 * 5462);
    assert_eq!(
        with(&[("UserData", &long)]).unwrap_err().message.unwrap(),
        "User data is limited to 16384 bytes"
    );
    assert_eq!(ctx.read(|w| w.ec2.instances.len()), 0);
    with(&[("TagSpecification.1.ResourceType", "instance"), ("TagSpecification.1.Tag.1.Key", "k")]).unwrap();
    let default = ctx.read(|w| w.ec2.groups[0].id.clone());
    assert_eq!(code(call(&ctx, "DeleteSecurityGroup", &[("GroupId", &default)])), "CannotDelete");
}

#[tokio::test]
async fn a_group_in_use_stays_until_the_instance_is_gone() {
    let (_dir, ctx) = Ctx::for_tests();
    let sg = group(&ctx, "app");
    let pairs = [
        ("ImageId", AMI),
        ("InstanceType", "t3.micro"),
        ("MinCount", "1"),
        ("MaxCount", "1"),
        ("SecurityGroupId.1", sg.as_str()),
    ];
    let answer = call(&ctx, "RunInstances", &pairs).unwrap();
    let id = answer.find("instancesSet/item/instanceId").unwrap();
    assert_eq!(code(call(&ctx, "DeleteSecurityGroup", &[("GroupId", &sg)])), "DependencyViolation");
    call(&ctx, "TerminateInstances", &[("InstanceId.1", id)]).unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(30)).await;
    call(&ctx, "DeleteSecurityGroup", &[("GroupId", &sg)]).unwrap();
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
