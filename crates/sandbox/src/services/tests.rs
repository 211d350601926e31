//! Services as the rest of the sandbox sees them.

use super::{
    ALL, ec2, elasticache, iam, rds,
    service::{Input, Service},
    ssm, sts,
};
use crate::{
    model::{
        caller::Caller,
        error::ApiError,
        node::Node,
        pace::Pace,
        params::{Missing, Params},
        permission::{Context, Permission},
    },
    server::ctx::Ctx,
};
use serde_json::json;
use std::{
    pin::pin,
    sync::Arc,
    task::{Poll, Waker},
};

impl Ctx {
    /// A sandbox without engines in a temporary directory.
    pub(crate) fn for_tests() -> (tempfile::TempDir, Arc<Self>) {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let ctx = Self::open(dir.path(), Pace::Fast, "http://127.0.0.1:1".into(), None, ALL.parts());
        (dir, ctx.expect("a fresh world"))
    }
}

/// Makes a call by a form, as the sandbox's own key.
pub(crate) async fn ask_later(
    service: &Service,
    ctx: &Arc<Ctx>,
    operation: &str,
    p: &Params,
) -> Result<Node, ApiError> {
    service.form_answer(ctx, &Caller::Root, operation, p).await
}

/// The same of an operation that waits for nothing.
pub(crate) fn ask(service: &Service, ctx: &Arc<Ctx>, operation: &str, p: &Params) -> Result<Node, ApiError> {
    let mut context = std::task::Context::from_waker(Waker::noop());
    match pin!(ask_later(service, ctx, operation, p)).poll(&mut context) {
        Poll::Ready(answer) => answer,
        Poll::Pending => panic!("{operation} waits"),
    }
}

fn names(permissions: &[Permission]) -> Vec<(String, String)> {
    permissions.iter().map(|p| (p.action.clone(), p.resource.clone())).collect()
}

fn pair(action: &str, resource: &str) -> (String, String) {
    (action.into(), resource.into())
}

#[test]
fn a_launch_needs_all_that_it_touches() {
    let (_dir, ctx) = Ctx::for_tests();
    let p = Params::of(
        Missing::Ec2,
        [
            ("ImageId", "ami-1"),
            ("SubnetId", "subnet-1"),
            ("SecurityGroupId.1", "sg-1"),
            ("IamInstanceProfile.Name", "rw-x-app"),
            ("TagSpecification.1.ResourceType", "instance"),
            ("TagSpecification.1.Tag.1.Key", "recipe-walk:session"),
            ("TagSpecification.1.Tag.1.Value", "rw-x"),
        ],
    );
    let all = ec2::SERVICE.needed(&ctx, "RunInstances", Input::Form(&p));
    let here = "arn:aws:ec2:us-east-1:123456789012";
    assert_eq!(
        names(&all),
        [
            pair("ec2:RunInstances", &format!("{here}:instance/*")),
            pair("ec2:RunInstances", "arn:aws:ec2:us-east-1::image/ami-1"),
            pair("ec2:RunInstances", &format!("{here}:network-interface/*")),
            pair("ec2:RunInstances", &format!("{here}:volume/*")),
            pair("ec2:RunInstances", &format!("{here}:subnet/subnet-1")),
            pair("ec2:RunInstances", &format!("{here}:security-group/sg-1")),
            pair("ec2:CreateTags", &format!("{here}:instance/*")),
            pair("iam:PassRole", "arn:aws:iam::123456789012:role/*"),
        ]
    );
    let tagging = &all[6].context;
    assert_eq!(
        *tagging,
        Context::default()
            .with("ec2:CreateAction", "RunInstances")
            .with("aws:RequestTag/recipe-walk:session", "rw-x")
    );
}

/// A list that the operation refuses for its length costs nothing beyond that.
#[test]
fn what_is_one_too_many_is_not_worked_out() {
    let (_dir, ctx) = Ctx::for_tests();
    let names: Vec<String> = (0..20_000).map(|n| format!("n{n}")).collect();
    for (operation, list, most) in [
        ("GetParameters", "Names", 11),
        ("DeleteParameters", "Names", 11),
        ("SendCommand", "InstanceIds", 52),
    ] {
        let input = json!({"DocumentName": "AWS-RunShellScript", list: names});
        assert_eq!(ssm::SERVICE.needed(&ctx, operation, Input::Json(&input)).len(), most, "{operation}");
    }
    for (operation, list) in [("TerminateInstances", "InstanceId"), ("CreateTags", "ResourceId")] {
        let pairs: Vec<_> =
            names.iter().enumerate().map(|(n, id)| (format!("{list}.{}", n + 1), id)).collect();
        let p = Params::of(Missing::Ec2, pairs.iter().map(|(k, v)| (k.as_str(), v.as_str())));
        assert_eq!(ec2::SERVICE.needed(&ctx, operation, Input::Form(&p)).len(), 1001, "{operation}");
        let error = ask(&ec2::SERVICE, &ctx, operation, &p).unwrap_err();
        assert_eq!(error.code, "InvalidParameterValue", "{error}");
    }
}

#[test]
fn other_services_name_their_resources() {
    let (_dir, ctx) = Ctx::for_tests();
    let p = Params::of(
        Missing::Blank,
        [("DBInstanceIdentifier", "RW-x"), ("DBSubnetGroupName", "rw-x"), ("EngineVersion", "8.4.3")],
    );
    let all = rds::SERVICE.needed(&ctx, "CreateDBInstance", Input::Form(&p));
    let rds = "arn:aws:rds:us-east-1:123456789012";
    assert_eq!(
        names(&all)[..4],
        [
            pair("rds:CreateDBInstance", &format!("{rds}:db:rw-x")),
            pair("rds:CreateDBInstance", &format!("{rds}:subgrp:rw-x")),
            pair("rds:CreateDBInstance", &format!("{rds}:pg:default.mysql8.4")),
            pair("rds:CreateDBInstance", &format!("{rds}:og:default:mysql-8-4")),
        ]
    );
    let all = ssm::SERVICE.needed(
        &ctx,
        "GetParameter",
        Input::Json(&json!({"Name": "/aws/service/ami-amazon-linux-latest/x"})),
    );
    let public = "arn:aws:ssm:us-east-1::parameter/aws/service/ami-amazon-linux-latest/x";
    assert_eq!(names(&all), [pair("ssm:GetParameter", public)]);
    let all = ssm::SERVICE.needed(
        &ctx,
        "SendCommand",
        Input::Json(&json!({"DocumentName": "AWS-RunShellScript", "InstanceIds": ["i-1"]})),
    );
    assert_eq!(all.len(), 2);
    assert_eq!(all[1].resource, "arn:aws:ec2:us-east-1:123456789012:instance/i-1");
}

#[test]
fn parameters_tell_what_a_call_is_about() {
    let (_dir, ctx) = Ctx::for_tests();
    let of = |service: &Service, action, pairs: &[(&str, &str)]| {
        service.subject(&ctx, action, &Params::of(Missing::Blank, pairs.iter().copied()))
    };
    let group = [("ReplicationGroupId", "rg"), ("CacheSubnetGroupName", "s")];
    assert_eq!(
        of(&elasticache::SERVICE, "CreateReplicationGroup", &group),
        "arn:aws:elasticache:us-east-1:123456789012:replicationgroup:rg"
    );
    let pair = [("InstanceProfileName", "app"), ("RoleName", "app")];
    assert_eq!(
        of(&iam::SERVICE, "AddRoleToInstanceProfile", &pair),
        "arn:aws:iam::123456789012:instance-profile/app"
    );
    let launch = of(&ec2::SERVICE, "RunInstances", &[]);
    assert_eq!(launch, "arn:aws:ec2:us-east-1:123456789012:instance/*");
    assert_eq!(of(&rds::SERVICE, "DescribeDBInstances", &[]), "*");
    assert_eq!(of(&sts::SERVICE, "GetCallerIdentity", &[]), "*");
}

#[test]
fn services_and_operations_are_found_by_exact_name() {
    for service in ALL.all() {
        assert_eq!(ALL.by_name(service.part.name), Some(service));
    }
    assert!(ec2::SERVICE.operation("RunInstances").is_some());
    assert!(ALL.by_name("tagging").unwrap().operation("GetResources").is_some());
    assert!(ec2::SERVICE.operation("RunInstance").is_none());
    assert!(iam::SERVICE.operation("").is_none());
}

/// A service that nobody has heard of.
mod tiny {
    use super::super::{
        operation::{Needs, Operation},
        service::{Json, Refusals, Service, Services, Wire, denied_json, no_resume},
    };
    use crate::model::{
        account::{
            part::{Part, nothing},
            share::Quota,
        },
        status::ResourceStatus,
        tag::Tag,
    };

    pub(super) static SERVICE: Service = Service {
        part: Part {
            name: "tiny",
            prefix: "tiny",
            of_aws: false,
            machines: &[],
            quotas: &[Quota { service: "tiny", code: "L-1", name: "Things", value: 1 }],
            tagged: Some(|_, _, _| vec![("arn:aws:tiny:::thing".into(), vec![Tag::new("k", "v")])]),
            resources: |_, _| vec![ResourceStatus::new("tiny:thing", "thing", "there")],
            attached: nothing::attached,
            uses: nothing::uses,
            engine_of: |_, name| (name == "thing").then(|| "engine".into()),
            rewind: nothing::rewind,
        },
        wire: Wire::Json(Json { target: "Tiny", cbor: false, check: |_, _| Ok(()), capital: &[] }),
        operations: &[Operation::json("Ask", |_, input| Ok(input.clone()), Needs::Own)],
        refusals: Refusals {
            throttled: ("ThrottlingException", 400, "Rate exceeded"),
            broken: ("InternalFailure", 500, "broken"),
            denied: denied_json,
        },
        resume: no_resume,
    };

    pub(super) const WITH_IT: Services =
        Services(&[&SERVICE, &super::super::tagging::SERVICE, &super::super::service_quotas::SERVICE]);
}

/// Its value is all that the sandbox needs of it: routing, answers, permissions, tags, quotas and status follow.
#[test]
fn a_new_service_is_its_value_and_its_line() {
    let dir = tempfile::tempdir().unwrap();
    let services = tiny::WITH_IT;
    let ctx = Ctx::open(dir.path(), Pace::Fast, "http://127.0.0.1:1".into(), None, services.parts()).unwrap();
    let service = services.by_target("Tiny").unwrap();
    assert_eq!(services.by_name("tiny"), Some(service));
    let input = json!({"a": 1});
    assert_eq!(service.json_answer(&ctx, "Ask", &input).unwrap(), input);
    assert!(service.json_answer(&ctx, "Else", &input).is_err());
    assert_eq!(service.needed(&ctx, "Ask", Input::Json(&input)), [Permission::new("tiny:Ask", "*")]);
    assert_eq!(ctx.parts.resources(&ctx.world(), ctx.now()).len(), 1);
    let tagging = services.by_name("tagging").unwrap();
    let found = tagging.json_answer(&ctx, "GetResources", &json!({})).unwrap();
    assert_eq!(found["ResourceTagMappingList"][0]["ResourceARN"], "arn:aws:tiny:::thing");
    let quotas = services.by_name("servicequotas").unwrap();
    let asked = json!({"ServiceCode": "tiny", "QuotaCode": "L-1"});
    let quota = quotas.json_answer(&ctx, "GetServiceQuota", &asked).unwrap();
    assert_eq!(quota["Quota"]["Value"], 1.0);
}

/// Server, protocols and model name no service but IAM, which says who may do what, and EC2's rules at the ports.
#[test]
fn only_a_services_folder_names_it() {
    let src = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let own: Vec<String> = std::fs::read_dir(src.join("services"))
        .unwrap()
        .map(Result::unwrap)
        .filter(|entry| entry.path().is_dir() && entry.file_name() != "shared")
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    assert_eq!(own.len(), ALL.all().count(), "every folder is listed");
    let mut todo: Vec<_> = ["server", "protocol", "model"].iter().map(|folder| src.join(folder)).collect();
    let mut read = 0;
    while let Some(path) = todo.pop() {
        if path.is_dir() {
            todo.extend(std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
            continue;
        }
        let name = path.strip_prefix(&src).unwrap().to_str().unwrap();
        if path.extension().is_none_or(|extension| extension != "rs")
            || name == "model/account/world.rs"
            || name.ends_with("tests.rs")
        {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let product = text.split("#[cfg(test)]\nmod tests").next().unwrap();
        read += 1;
        for service in &own {
            let allowed = match service.as_str() {
                "iam" => matches!(name, "server/permission.rs" | "server/front/mod.rs" | "server/serve.rs"),
                "ec2" => name == "server/reachability.rs",
                "ssm" => name == "server/ctx.rs",
                // The client of the sandbox's own calls has the same name.
                "control" => true,
                _ => false,
            };
            let named = [format!("{service}::"), format!("world.{service}")];
            let named = named.iter().any(|text| product.contains(text.as_str()));
            assert!(allowed || !named, "{name} names {service}");
        }
    }
    assert!(read > 25, "{read}");
}

/// Resources and their rules know nothing of the wire: only a service's value says how it is spoken to.
#[test]
fn resources_know_nothing_of_the_wire() {
    let services = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/services");
    let mut todo = vec![services.clone()];
    let mut read = 0;
    while let Some(path) = todo.pop() {
        if path.is_dir() {
            todo.extend(std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
            continue;
        }
        let name = path.strip_prefix(&services).unwrap().to_str().unwrap();
        let value = name.matches('/').count() == 1 && name.ends_with("/mod.rs") || name == "service.rs";
        if path.extension().is_none_or(|extension| extension != "rs") || name.ends_with("tests.rs") || value {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        read += 1;
        for word in ["protocol::", "xml::", "quick_xml", "hyper::", "ciborium"] {
            assert!(!text.contains(word), "{name} names {word}");
        }
    }
    assert!(read > 55, "{read}");
}
