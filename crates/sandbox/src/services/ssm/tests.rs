use super::{invocation::cut, parameter};
use crate::services::tests::ask;
use crate::{
    model::{
        error::ApiError,
        params::{Missing, Params},
    },
    server::ctx::Ctx,
    services::{ec2, iam},
};
use serde_json::{Value, json};
use std::sync::Arc;

fn put(ctx: &Arc<Ctx>, name: &str, value: &str, more: &Value) -> Result<Value, ApiError> {
    let mut input = json!({"Name": name, "Value": value, "Type": "SecureString"});
    if let (Some(input), Some(more)) = (input.as_object_mut(), more.as_object()) {
        input.extend(more.clone());
    }
    parameter::put(ctx, &input)
}

#[test]
fn overwritten_parameters_keep_their_older_versions() {
    let (_dir, ctx) = Ctx::for_tests();
    let get = |name: &str| parameter::get(&ctx, &json!({"Name": name, "WithDecryption": true}));
    assert_eq!(get("/a").unwrap_err(), ApiError::bare("ParameterNotFound"));
    put(&ctx, "/a", "one", &json!({"Tags": [{"Key": "k", "Value": "v"}]})).unwrap();
    assert_eq!(put(&ctx, "/a", "two", &json!({})).unwrap_err().code, "ParameterAlreadyExists");
    assert_eq!(put(&ctx, "/a", "two", &json!({"Overwrite": true})).unwrap()["Version"], 2);
    assert_eq!(get("/a").unwrap()["Parameter"]["Value"], "two");
    assert_eq!(get("/a:1").unwrap()["Parameter"]["Value"], "one");
    assert_eq!(get("/a:9").unwrap_err().code, "ParameterVersionNotFound");
    let both = json!({"Overwrite": true, "Tags": [{"Key": "k", "Value": "v"}]});
    assert_eq!(put(&ctx, "/a", "x", &both).unwrap_err().code, "ValidationException");
    let hidden = parameter::get(&ctx, &json!({"Name": "/a"})).unwrap();
    assert!(hidden["Parameter"]["Value"].as_str().unwrap().starts_with("AQICAH"));
}

#[test]
fn output_is_cut_at_the_limit_with_a_mark() {
    assert_eq!(cut("äö", 2), "äö");
    let long = cut(&"ä".repeat(24_001), 24_000);
    assert_eq!(long.chars().count(), 24_000);
    assert!(long.ends_with("---Output truncated---"));
}

#[tokio::test]
async fn commands_need_an_instance_that_is_online() {
    let (_dir, ctx) = Ctx::for_tests();
    let send = |parameters: Value| {
        super::command::send(
            &ctx,
            &json!({"DocumentName": "AWS-RunShellScript", "InstanceIds": ["i-00000000000000000"],
                "Parameters": parameters}),
        )
    };
    let refused = send(json!({"commands": ["true"]})).unwrap_err();
    assert_eq!(refused.code, "InvalidInstanceId");
    assert_eq!(
        refused.message.unwrap(),
        "Instances [[i-00000000000000000]] not in a valid state for account 123456789012"
    );
    assert_eq!(send(json!({})).unwrap_err().code, "InvalidParameters");
    assert_eq!(send(json!({"commands": ["x"], "y": ["z"]})).unwrap_err().code, "InvalidParameters");
    assert_eq!(send(json!({"commands": ["x".repeat(100_000)]})).unwrap_err().code, "MaxDocumentSizeExceeded");
}

#[test]
fn instances_are_found_by_the_role_of_their_profile() {
    let (_dir, ctx) = Ctx::for_tests();
    let trust = r#"{"Statement":{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}}"#;
    let core = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore";
    for (operation, pairs) in [
        ("CreateRole", vec![("RoleName", "app"), ("AssumeRolePolicyDocument", trust)]),
        ("AttachRolePolicy", vec![("RoleName", "app"), ("PolicyArn", core)]),
        ("CreateInstanceProfile", vec![("InstanceProfileName", "app")]),
        ("AddRoleToInstanceProfile", vec![("InstanceProfileName", "app"), ("RoleName", "app")]),
    ] {
        ask(&iam::SERVICE, &ctx, operation, &Params::of(Missing::Validation, pairs)).unwrap();
    }
    let launch = [
        ("ImageId", "ami-0c2a6f4e8d10b3951"),
        ("InstanceType", "t3.micro"),
        ("MinCount", "1"),
        ("MaxCount", "1"),
        ("IamInstanceProfile.Name", "app"),
    ];
    ask(&ec2::SERVICE, &ctx, "RunInstances", &Params::of(Missing::Ec2, launch)).unwrap();
    let past = ctx.now();
    let online = ctx.change(|world| {
        world.ec2.instances.each_mut(|i| (i.running_at, i.online_at) = (past, past));
        Ok(())
    });
    online.unwrap();
    let found = |key: &str, value: &str| {
        let input = json!({"Filters": [{"Key": key, "Values": [value]}]});
        super::managed::describe(&ctx, &input).unwrap()["InstanceInformationList"].as_array().unwrap().len()
    };
    assert_eq!([found("IamRole", "app"), found("IamRole", "other")], [1, 0]);
    assert_eq!([found("SourceTypes", "AWS::EC2::Instance"), found("AssociationStatus", "Failed")], [1, 0]);
}
