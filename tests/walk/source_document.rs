//! The source document's own commands, corrected, by the ordinary AWS CLI against the sandbox; and each of the document's
//! mistakes with the error that AWS gives for it (docs/aws.md, "Corrections of the source document";
//! docs/aws-errors.md).

use crate::support::aws_resources::{
    CACHE, TRUST, cache, cache_subnets, database, db_subnets, launch, network, parameters, security_group,
    text,
};
use crate::support::{Home, until};

#[test]
fn the_corrected_commands_run_from_create_to_delete() {
    let home = Home::new();
    home.serve(&[]);
    let password = home
        .aws(&["secretsmanager", "get-random-password", "--exclude-punctuation", "--password-length", "20"])
        .expect(0)
        .json();
    let password = text(&password, "/RandomPassword");
    let account = home.aws(&["sts", "get-caller-identity"]).expect(0).json();
    assert_eq!(text(&account, "/Account").len(), 12);
    let (vpc, subnets) = network(&home);

    let [app, inner, db] =
        ["doc-app", "doc-cache", "doc-db"].map(|name| security_group(&home, name, &["--vpc-id", &vpc]));
    for (group, port) in [(&inner, "6379"), (&db, "3306")] {
        let rule = ["ec2", "authorize-security-group-ingress", "--group-id", group, "--protocol", "tcp"];
        home.aws(&[&rule[..], &["--port", port, "--source-group", &app]].concat()).expect(0);
    }

    let all: Vec<&str> = subnets.iter().map(String::as_str).collect();
    cache_subnets(&home, "doc-subnets", &all, &[]);
    parameters(&home, "doc-params", &[]);
    let modify =
        ["elasticache", "modify-cache-parameter-group", "--cache-parameter-group-name", "doc-params"];
    let value = "ParameterName=maxmemory-policy,ParameterValue=allkeys-lru";
    home.aws(&[&modify[..], &["--parameter-name-values", value]].concat()).expect(0);

    let token = "abcdefghijklmnopqrstuvwxyz012345";
    let wishes =
        ["--automatic-failover-enabled", "--multi-az-enabled", "--cache-parameter-group-name", "doc-params"];
    let network = ["--security-group-ids", &inner, "--port", "6379"];
    let secrets = ["--transit-encryption-enabled", "--at-rest-encryption-enabled", "--auth-token", token];
    cache(&home, "doc-cache", "2", "doc-subnets", &[&wishes[..], &network, &secrets].concat());

    db_subnets(&home, "doc-db", &all, &[]);
    database(&home, "doc-db", &password, "doc-db", &db, &["--db-name", "testdb"]);

    let trust = ["iam", "create-role", "--role-name", "doc-role", "--assume-role-policy-document", TRUST];
    home.aws(&trust).expect(0);
    let core = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore";
    home.aws(&["iam", "attach-role-policy", "--role-name", "doc-role", "--policy-arn", core]).expect(0);
    home.aws(&["iam", "create-instance-profile", "--instance-profile-name", "doc-role"]).expect(0);
    let add = ["iam", "add-role-to-instance-profile", "--instance-profile-name", "doc-role"];
    home.aws(&[&add[..], &["--role-name", "doc-role"]].concat()).expect(0);
    let options = ["--iam-instance-profile", "Name=doc-role", "--metadata-options", "HttpTokens=required"];
    let instance = launch(&home, &subnets[0], &app, &options);

    // The document uses the CLI's own waiters.
    home.aws(&["elasticache", "wait", "replication-group-available", "--replication-group-id", "doc-cache"])
        .expect(0);
    home.aws(&["rds", "wait", "db-instance-available", "--db-instance-identifier", "doc-db"]).expect(0);
    home.aws(&["ec2", "wait", "instance-running", "--instance-ids", &instance]).expect(0);
    let groups = home
        .aws(&["elasticache", "describe-replication-groups", "--replication-group-id", "doc-cache"])
        .expect(0)
        .json();
    assert_eq!(text(&groups, "/ReplicationGroups/0/Status"), "available");
    let host = text(&groups, "/ReplicationGroups/0/NodeGroups/0/PrimaryEndpoint/Address");
    let databases =
        home.aws(&["rds", "describe-db-instances", "--db-instance-identifier", "doc-db"]).expect(0).json();
    let db_host = text(&databases, "/DBInstances/0/Endpoint/Address");
    assert!(host.starts_with("127.") && db_host.starts_with("127.") && host != db_host, "{host} {db_host}");

    until("the instance is online", || {
        let online = home.aws(&["ssm", "describe-instance-information"]).expect(0).json();
        online["InstanceInformationList"].as_array().is_some_and(|l| !l.is_empty())
    });
    let send = ["ssm", "send-command", "--document-name", "AWS-RunShellScript", "--instance-ids", &instance];
    let sent =
        home.aws(&[&send[..], &["--parameters", "commands=echo hello from $HOME"]].concat()).expect(0).json();
    let command = text(&sent, "/Command/CommandId");
    let wait = ["ssm", "wait", "command-executed", "--command-id", &command, "--instance-id", &instance];
    home.aws(&wait).expect(0);
    let look = ["ssm", "get-command-invocation", "--command-id", &command, "--instance-id", &instance];
    let said = home.aws(&look).expect(0).json();
    assert!(text(&said, "/StandardOutputContent").starts_with("hello from /"), "{said}");

    home.aws(&["elasticache", "delete-replication-group", "--replication-group-id", "doc-cache"]).expect(0);
    let delete = ["rds", "delete-db-instance", "--db-instance-identifier", "doc-db", "--skip-final-snapshot"];
    home.aws(&delete).expect(0);
    home.aws(&["ec2", "terminate-instances", "--instance-ids", &instance]).expect(0);
    home.aws(&["rds", "wait", "db-instance-deleted", "--db-instance-identifier", "doc-db"]).expect(0);
    home.aws(&["ec2", "wait", "instance-terminated", "--instance-ids", &instance]).expect(0);
    home.aws(&["elasticache", "wait", "replication-group-deleted", "--replication-group-id", "doc-cache"])
        .expect(0);
    home.aws(&["rds", "delete-db-subnet-group", "--db-subnet-group-name", "doc-db"]).expect(0);
    let delete = ["elasticache", "delete-cache-subnet-group", "--cache-subnet-group-name", "doc-subnets"];
    home.aws(&delete).expect(0);
    let delete =
        ["elasticache", "delete-cache-parameter-group", "--cache-parameter-group-name", "doc-params"];
    home.aws(&delete).expect(0);
    for id in [&inner, &db, &app] {
        home.aws(&["ec2", "delete-security-group", "--group-id", id]).expect(0);
    }
    let remove = ["iam", "remove-role-from-instance-profile", "--instance-profile-name", "doc-role"];
    home.aws(&[&remove[..], &["--role-name", "doc-role"]].concat()).expect(0);
    home.aws(&["iam", "delete-instance-profile", "--instance-profile-name", "doc-role"]).expect(0);
    home.aws(&["iam", "detach-role-policy", "--role-name", "doc-role", "--policy-arn", core]).expect(0);
    home.aws(&["iam", "delete-role", "--role-name", "doc-role"]).expect(0);
    let status = home.run(&["sandbox", "status", "--json"]).expect(0).json();
    assert_eq!(status["engines"], serde_json::json!([]), "{status}");
}

/// The CLI's exit codes 252 to 254 are its own "bad usage" and "refused by the service"; version 1 uses 255 and 254.
#[track_caller]
fn refused(home: &Home, arguments: &[&str], code: &str, message: &str) {
    let said = home.aws(arguments);
    assert_ne!(said.code, Some(0), "{arguments:?} was accepted");
    assert!(said.err.contains(&format!("({code})")), "{code} is not in: {}", said.err);
    assert!(said.err.contains(message), "'{message}' is not in: {}", said.err);
}

#[test]
fn each_mistake_of_the_document_fails_as_on_aws() {
    let home = Home::new().without_engines();
    let (vpc, subnets) = network(&home);
    let ec = "elasticache";

    // The family redis7.x does not exist.
    let family =
        [ec, "create-cache-parameter-group", "--cache-parameter-group-name", "p", "--description", "x"];
    let invalid = "CacheParameterGroupFamily redis7.x is not a valid parameter group family.";
    let wrong = [&family[..], &["--cache-parameter-group-family", "redis7.x"]].concat();
    refused(&home, &wrong, "InvalidParameterValue", invalid);
    home.aws(&[&family[..], &["--cache-parameter-group-family", "redis6.x"]].concat()).expect(0);

    // A parameter group of another family; failover with one node; AUTH without TLS.
    let with = |more: &[&'static str]| [&CACHE[..], &["--replication-group-id", "g"], more].concat();
    refused(
        &home,
        &with(&["--engine-version", "7.1", "--num-cache-clusters", "2", "--cache-parameter-group-name", "p"]),
        "InvalidParameterCombination",
        "Expected a parameter group of family redis7 but found one of family redis6.x",
    );
    refused(
        &home,
        &with(&["--num-cache-clusters", "1", "--automatic-failover-enabled"]),
        "InvalidParameterCombination",
        "When using automatic failover, there must be at least 2 cache clusters in the replication group.",
    );
    refused(
        &home,
        &with(&["--num-cache-clusters", "2", "--auth-token", "abcdefghijklmnopqrstuvwxyz"]),
        "InvalidParameterCombination",
        "The AUTH token is only supported when encryption-in-transit is enabled",
    );

    // The subnet group of a database in one zone only.
    let one = ["rds", "create-db-subnet-group", "--db-subnet-group-name", "d"];
    let one = [&one[..], &["--db-subnet-group-description", "x", "--subnet-ids", &subnets[0]]].concat();
    refused(&home, &one, "DBSubnetGroupDoesNotCoverEnoughAZs", "Add subnets to cover at least 2 AZs.");

    // The filter isDefault: the documented name is is-default.
    let filter = ["ec2", "describe-vpcs", "--filters", "Name=isDefault,Values=true"];
    let said = home.aws(&filter);
    assert!(said.code == Some(0) || said.err.contains("The filter 'isDefault' is invalid"), "{said:?}");

    // Without an instance profile Systems Manager never sees the instance.
    let group = security_group(&home, "doc-app", &["--vpc-id", &vpc]);
    let instance = launch(&home, &subnets[0], &group, &[]);
    home.aws(&["ec2", "wait", "instance-running", "--instance-ids", &instance]).expect(0);
    let online = home.aws(&["ssm", "describe-instance-information"]).expect(0).json();
    assert_eq!(online["InstanceInformationList"], serde_json::json!([]), "{online}");
    let send = ["ssm", "send-command", "--document-name", "AWS-RunShellScript", "--instance-ids", &instance];
    let send = [&send[..], &["--parameters", "commands=true"]].concat();
    refused(&home, &send, "InvalidInstanceId", "not in a valid state for account");

    // Deleting in the wrong order.
    let delete = ["ec2", "delete-security-group", "--group-id", &group];
    refused(&home, &delete, "DependencyViolation", "has a dependent object");
    home.aws(&["ec2", "terminate-instances", "--instance-ids", &instance]).expect(0);
    home.aws(&["ec2", "wait", "instance-terminated", "--instance-ids", &instance]).expect(0);
    home.aws(&delete).expect(0);
    let delete =
        ["rds", "delete-db-instance", "--db-instance-identifier", "nothing", "--skip-final-snapshot"];
    refused(&home, &delete, "DBInstanceNotFound", "DBInstance nothing not found.");
}

#[test]
fn replication_group_has_no_redisendpoint_and_mysql_needs_a_rule() {
    let home = Home::new().without_engines();
    let (_, subnets) = network(&home);
    cache_subnets(&home, "s", &[&subnets[0], &subnets[1]], &[]);
    cache(&home, "g", "2", "s", &["--automatic-failover-enabled"]);
    home.aws(&["elasticache", "wait", "replication-group-available", "--replication-group-id", "g"])
        .expect(0);
    let described = home.aws(&["elasticache", "describe-replication-groups"]).expect(0).json();
    let group = &described["ReplicationGroups"][0];
    assert!(group["RedisEndpoint"].is_null() && group["ConfigurationEndpoint"].is_null(), "{group}");
    assert!(group["NodeGroups"][0]["PrimaryEndpoint"]["Address"].is_string(), "{group}");
}
