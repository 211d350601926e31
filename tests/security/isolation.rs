//! Two attendees of one account, each with the policy that `recipe-walk policy --owner` prints: neither can read, change,
//! command or claim what the other made, whichever operation of the policy is tried.

use crate::support::{Home, only_session};
use serde_json::Value;
use std::collections::BTreeSet;

/// Actions of the policy that are not tried on another's things, and why.
const NOT_TRIED: [(&str, &str); 12] = [
    ("ec2:CreateSecurityGroup", "makes something new, with one's own tag"),
    ("elasticache:CreateReplicationGroup", "makes something new, with one's own tag"),
    ("elasticache:CreateCacheSubnetGroup", "makes something new, with one's own tag"),
    ("elasticache:CreateCacheParameterGroup", "makes something new, with one's own tag"),
    ("rds:CreateDBInstance", "makes something new, with one's own tag"),
    ("rds:CreateDBSubnetGroup", "makes something new, with one's own tag"),
    ("iam:CreateRole", "makes something new, in one's own path"),
    ("iam:CreateInstanceProfile", "makes something new, with one's own tag"),
    ("iam:CreateServiceLinkedRole", "belongs to the account"),
    ("ec2:CreateNetworkInterface", "made by the services, with the caller's permission"),
    ("ec2:DeleteNetworkInterface", "deleted by the services, with the caller's permission"),
    ("ec2:CreateDefaultVpc", "belongs to the account"),
];

fn policy(home: &Home, owner: &str) -> Value {
    home.run(&["policy", "--owner", owner]).expect(0).json()
}

/// Makes the account's policy that of an owner; the sandbox reads it at every call.
fn become_owner(home: &Home, owner: &str) {
    std::fs::write(home.path().join("policy.json"), policy(home, owner).to_string()).expect("the policy");
}

/// The actions of the policy that are about what somebody made, and not only looks at all there is.
fn actions(policy: &Value) -> BTreeSet<String> {
    let statements = policy["Statement"].as_array().expect("statements").iter();
    let changing = statements.filter(|s| s["Effect"] == "Allow" && s["Resource"] != "*");
    let lists =
        changing.flat_map(|s| s["Action"].as_array().cloned().unwrap_or_else(|| vec![s["Action"].clone()]));
    lists.map(|action| action.as_str().expect("text").to_owned()).collect()
}

fn text(value: &Value, pointer: &str) -> String {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("{pointer}: {value}")).to_owned()
}

#[test]
fn nobody_reaches_what_another_owner_made() {
    let home = Home::new();
    become_owner(&home, "Bea");
    home.serve_under(&home.path().join("policy.json"), &["--no-engines"]);
    home.run(&["--sandbox", "--yes", "--keep", "--owner", "Bea"]).expect(0);
    let session = only_session(&home);
    let look = |words: &[&str]| home.aws(words).expect(0).json();
    let filter = format!("Name=tag:recipe-walk:session,Values={session}");
    let group =
        text(&look(&["ec2", "describe-security-groups", "--filters", &filter]), "/SecurityGroups/0/GroupId");
    let instance = text(
        &look(&["ec2", "describe-instances", "--filters", &filter]),
        "/Reservations/0/Instances/0/InstanceId",
    );
    let subnet = text(&look(&["ec2", "describe-subnets"]), "/Subnets/0/SubnetId");
    let account = text(&look(&["sts", "get-caller-identity"]), "/Account");
    let (cache, app) = (format!("{session}-cache"), format!("{session}-app"));
    let (lru, database) = (format!("{session}-lru"), format!("{session}-db"));
    let parameter = format!("/recipe-walk/{session}/db-password");
    let arn = |service: &str, rest: &str| format!("arn:aws:{service}:us-east-1:{account}:{rest}");
    let (cache_arn, database_arn) =
        (arn("elasticache", &format!("replicationgroup:{cache}")), arn("rds", &format!("db:{database}")));
    let mine = "Key=recipe-walk:owner,Value=Ada";
    let document = r#"{"Version":"2012-10-17","Statement":[]}"#;

    become_owner(&home, "Ada");
    // Made as Ada's own, in which she tries to use what is Bea's.
    let profile = "rw-aaaaaaaa-app";
    home.aws(&["iam", "create-instance-profile", "--instance-profile-name", profile, "--tags", mine])
        .expect(0);
    let image = "resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64";
    let launch =
        format!("ResourceType=instance,Tags=[{{{mine}}},{{Key=recipe-walk:session,Value=rw-aaaaaaaa}}]");
    let tries: Vec<(&str, Vec<&str>)> = vec![
        (
            "ec2:AuthorizeSecurityGroupIngress",
            vec!["--group-id", &group, "--protocol", "tcp", "--port", "22", "--cidr", "0.0.0.0/0"],
        ),
        (
            "ec2:RevokeSecurityGroupIngress",
            vec!["--group-id", &group, "--protocol", "tcp", "--port", "6379", "--cidr", "0.0.0.0/0"],
        ),
        ("ec2:DeleteSecurityGroup", vec!["--group-id", &group]),
        ("ec2:CreateTags", vec!["--resources", &instance, "--tags", mine]),
        ("ec2:TerminateInstances", vec!["--instance-ids", &instance]),
        (
            "ec2:RunInstances",
            vec![
                "--image-id",
                image,
                "--instance-type",
                "t3.micro",
                "--subnet-id",
                &subnet,
                "--security-group-ids",
                &group,
                "--tag-specifications",
                &launch,
            ],
        ),
        ("elasticache:DeleteReplicationGroup", vec!["--replication-group-id", &cache]),
        ("elasticache:TestFailover", vec!["--replication-group-id", &cache, "--node-group-id", "0001"]),
        (
            "elasticache:ModifyCacheParameterGroup",
            vec![
                "--cache-parameter-group-name",
                &lru,
                "--parameter-name-values",
                "ParameterName=timeout,ParameterValue=5",
            ],
        ),
        ("elasticache:DeleteCacheParameterGroup", vec!["--cache-parameter-group-name", &lru]),
        ("elasticache:DeleteCacheSubnetGroup", vec!["--cache-subnet-group-name", &cache]),
        ("elasticache:AddTagsToResource", vec!["--resource-name", &cache_arn, "--tags", mine]),
        ("elasticache:ListTagsForResource", vec!["--resource-name", &cache_arn]),
        ("rds:DeleteDBInstance", vec!["--db-instance-identifier", &database, "--skip-final-snapshot"]),
        ("rds:DeleteDBSubnetGroup", vec!["--db-subnet-group-name", &database]),
        ("rds:AddTagsToResource", vec!["--resource-name", &database_arn, "--tags", mine]),
        ("rds:ListTagsForResource", vec!["--resource-name", &database_arn]),
        ("iam:DeleteRole", vec!["--role-name", &app]),
        ("iam:TagRole", vec!["--role-name", &app, "--tags", mine]),
        (
            "iam:PutRolePolicy",
            vec!["--role-name", &app, "--policy-name", "more", "--policy-document", document],
        ),
        ("iam:DeleteRolePolicy", vec!["--role-name", &app, "--policy-name", "instance"]),
        ("iam:ListRolePolicies", vec!["--role-name", &app]),
        ("iam:GetRole", vec!["--role-name", &app]),
        ("iam:GetInstanceProfile", vec!["--instance-profile-name", &app]),
        ("iam:DeleteInstanceProfile", vec!["--instance-profile-name", &app]),
        ("iam:TagInstanceProfile", vec!["--instance-profile-name", &app, "--tags", mine]),
        ("iam:AddRoleToInstanceProfile", vec!["--instance-profile-name", &app, "--role-name", &app]),
        ("iam:RemoveRoleFromInstanceProfile", vec!["--instance-profile-name", &app, "--role-name", &app]),
        // Her own profile with Bea's role, with which an instance of hers would read Bea's secrets.
        ("iam:PassRole", vec!["--instance-profile-name", profile, "--role-name", &app]),
        ("ssm:GetParameter", vec!["--name", &parameter, "--with-decryption"]),
        (
            "ssm:PutParameter",
            vec!["--name", &parameter, "--value", "x", "--type", "SecureString", "--overwrite"],
        ),
        ("ssm:DeleteParameter", vec!["--name", &parameter]),
        (
            "ssm:AddTagsToResource",
            vec!["--resource-type", "Parameter", "--resource-id", &parameter, "--tags", mine],
        ),
        ("ssm:ListTagsForResource", vec!["--resource-type", "Parameter", "--resource-id", &parameter]),
        (
            "ssm:SendCommand",
            vec![
                "--document-name",
                "AWS-RunShellScript",
                "--instance-ids",
                &instance,
                "--parameters",
                "commands=id",
            ],
        ),
    ];
    for (action, arguments) in &tries {
        let (service, operation) = action.split_once(':').expect("an action");
        let operation = if operation == "PassRole" { "AddRoleToInstanceProfile" } else { operation };
        let command = kebab(operation);
        let said = home.aws(&[&[service, command.as_str()], arguments.as_slice()].concat());
        let refused = ["AccessDenied", "UnauthorizedOperation"].iter().any(|code| said.err.contains(code));
        assert!(said.code != Some(0) && refused, "{action}: {said:?}");
    }
    let tried: BTreeSet<&str> = tries.iter().map(|(action, _)| *action).collect();
    let excused: BTreeSet<&str> = NOT_TRIED.iter().map(|(action, _)| *action).collect();
    let all = actions(&policy(&home, "Ada"));
    let open: Vec<_> = all
        .iter()
        .filter(|a| !tried.contains(a.as_str()) && !excused.contains(a.as_str()))
        .filter(|a| !matches!(a.as_str(), "iam:SimulatePrincipalPolicy" | "iam:GetPolicy"))
        .collect();
    assert!(open.is_empty(), "in the policy, and neither tried nor excused: {open:?}");
    home.aws(&["iam", "delete-instance-profile", "--instance-profile-name", profile]).expect(0);

    become_owner(&home, "Bea");
    home.run(&["cleanup", "--yes"]).expect(0);
}

/// `DeleteDBInstance` as the AWS CLI spells it: `delete-db-instance`.
fn kebab(operation: &str) -> String {
    let mut words = String::new();
    let letters: Vec<char> = operation.chars().collect();
    for (index, letter) in letters.iter().enumerate() {
        let starts = letter.is_uppercase()
            && index > 0
            && (letters[index - 1].is_lowercase()
                || letters.get(index + 1).is_some_and(|next| next.is_lowercase()));
        if starts {
            words.push('-');
        }
        words.push(letter.to_ascii_lowercase());
    }
    words
}
