//! What a person makes by hand, with the ordinary AWS CLI: the source document's resources, and the things of others.

use super::home::Home;
use serde_json::Value;

/// Lets EC2 instances take a role.
pub(crate) const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;

/// A text in an answer.
#[track_caller]
pub(crate) fn text(value: &Value, pointer: &str) -> String {
    let found = value.pointer(pointer).and_then(Value::as_str);
    found.unwrap_or_else(|| panic!("{pointer} in {value}")).to_owned()
}

/// One call, with more of its arguments.
#[track_caller]
pub(crate) fn call(home: &Home, arguments: &[&str], more: &[&str]) -> Value {
    let said = home.aws(&[arguments, more].concat()).expect(0);
    if said.out.trim().is_empty() { Value::Null } else { said.json() }
}

/// The default VPC and its subnets.
pub(crate) fn network(home: &Home) -> (String, Vec<String>) {
    let vpcs = call(home, &["ec2", "describe-vpcs", "--filters", "Name=is-default,Values=true"], &[]);
    let vpc = text(&vpcs, "/Vpcs/0/VpcId");
    let filter = format!("Name=vpc-id,Values={vpc}");
    let subnets = call(home, &["ec2", "describe-subnets", "--filters", &filter], &[]);
    let ids = subnets["Subnets"].as_array().expect("subnets").iter().map(|s| text(s, "/SubnetId")).collect();
    (vpc, ids)
}

/// The image of Amazon Linux 2023.
pub(crate) fn image(home: &Home) -> String {
    let name = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64";
    text(&call(home, &["ssm", "get-parameter", "--name", name], &[]), "/Parameter/Value")
}

/// Makes a security group; answers its id.
pub(crate) fn security_group(home: &Home, name: &str, more: &[&str]) -> String {
    let create = ["ec2", "create-security-group", "--group-name", name, "--description", name];
    text(&call(home, &create, more), "/GroupId")
}

/// Makes a cache's subnet group.
pub(crate) fn cache_subnets(home: &Home, name: &str, subnets: &[&str], more: &[&str]) {
    let create = ["elasticache", "create-cache-subnet-group", "--cache-subnet-group-name", name];
    let create = [&create[..], &["--cache-subnet-group-description", "x", "--subnet-ids"], subnets].concat();
    call(home, &create, more);
}

/// Makes a cache's parameter group.
pub(crate) fn parameters(home: &Home, name: &str, more: &[&str]) {
    let create = ["elasticache", "create-cache-parameter-group", "--cache-parameter-group-name", name];
    let family = ["--cache-parameter-group-family", "redis7", "--description", "x"];
    call(home, &[&create[..], &family].concat(), more);
}

/// What every replication group here has.
pub(crate) const CACHE: [&str; 8] = [
    "elasticache",
    "create-replication-group",
    "--replication-group-description",
    "x",
    "--engine",
    "redis",
    "--cache-node-type",
    "cache.t3.micro",
];

/// Makes a replication group.
pub(crate) fn cache(home: &Home, id: &str, nodes: &str, subnet_group: &str, more: &[&str]) {
    let own = ["--replication-group-id", id, "--num-cache-clusters", nodes];
    let own = [&own[..], &["--cache-subnet-group-name", subnet_group]].concat();
    call(home, &[&CACHE[..], &own].concat(), more);
}

/// Makes a database's subnet group.
pub(crate) fn db_subnets(home: &Home, name: &str, subnets: &[&str], more: &[&str]) {
    let create = ["rds", "create-db-subnet-group", "--db-subnet-group-name", name];
    let create = [&create[..], &["--db-subnet-group-description", "x", "--subnet-ids"], subnets].concat();
    call(home, &create, more);
}

/// Makes a private database, of the least that there is.
pub(crate) fn database(
    home: &Home,
    id: &str,
    password: &str,
    subnet_group: &str,
    group: &str,
    more: &[&str],
) {
    let create = ["rds", "create-db-instance", "--db-instance-identifier", id, "--engine", "mysql"];
    let size = ["--engine-version", "8.4", "--db-instance-class", "db.t3.micro", "--allocated-storage", "20"];
    let keys = ["--master-username", "admin", "--master-user-password", password];
    let place = ["--db-subnet-group-name", subnet_group, "--vpc-security-group-ids", group];
    let plain = ["--backup-retention-period", "0", "--no-multi-az", "--no-publicly-accessible"];
    call(home, &[&create[..], &size, &keys, &place, &plain].concat(), more);
}

/// Launches an instance; answers its id.
pub(crate) fn launch(home: &Home, subnet: &str, group: &str, more: &[&str]) -> String {
    let image = image(home);
    let launch = ["ec2", "run-instances", "--image-id", &image, "--instance-type", "t3.micro"];
    let place = ["--subnet-id", subnet, "--security-group-ids", group];
    text(&call(home, &[&launch[..], &place].concat(), more), "/Instances/0/InstanceId")
}
