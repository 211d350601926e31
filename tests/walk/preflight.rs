//! The preflight against variations of an account: each problem is told with its reason and a command that mends it,
//! and nothing is made.

use crate::support::{Home, Said, run};
use serde_json::Value;

fn doctor(home: &Home, arguments: &[&str], environment: &[(&str, &str)]) -> Said {
    let mut command = home.recipe_walk(&[&["doctor", "--json"], arguments].concat());
    command.envs(home.sandbox_env()).envs(environment.iter().copied());
    run(&mut command)
}

/// The preflight's finding about this subject.
#[track_caller]
fn about(report: &Value, what: &str) -> Value {
    let all = ["machine", "account"].into_iter().flat_map(|part| report[part].as_array().expect("findings"));
    let found = all.into_iter().find(|f| f["what"] == what);
    found.unwrap_or_else(|| panic!("nothing is said about {what}: {report}")).clone()
}

/// Asserts that the finding is blocking, says why, and has a command that contains the words.
#[track_caller]
fn blocks(report: &Value, what: &str, mend: &str) {
    let finding = about(report, what);
    assert_eq!(finding["weight"], "blocking", "{finding}");
    assert!(finding["why"].as_str().is_some_and(|why| why.len() > 20), "{finding}");
    assert!(finding["mend"].to_string().contains(mend), "{finding}");
    assert_eq!(report["aws_ready"], false, "{report}");
}

fn first(json: &Value, path: &str) -> String {
    json.pointer(path).and_then(Value::as_str).unwrap_or_else(|| panic!("no {path} in {json}")).to_owned()
}

/// Runs a walk that must stop at its first step, and returns what it said.
#[track_caller]
fn stopped_walk(home: &Home, words: &[&str]) {
    let said = home.run(&["--sandbox", "--yes"]).expect(10);
    for word in words {
        assert!(said.err.contains(word), "'{word}' is missing in: {}", said.err);
    }
    assert!(said.err.contains("next: "), "{}", said.err);
    let status = home.run(&["sandbox", "status", "--json"]).expect(0).json();
    let made = status["resources"].as_array().expect("resources");
    assert!(made.iter().all(|r| r["type"] == "ssm:parameter"), "{made:?}");
}

#[test]
fn unfit_network_is_told_and_the_shown_command_mends_it() {
    let home = Home::new().without_engines();
    let ready = doctor(&home, &["--aws"], &[]).expect(0).json();
    assert_eq!(ready["aws_ready"], true, "{ready}");
    let tables = home.aws(&["ec2", "describe-route-tables"]).expect(0).json();
    let table = first(&tables, "/RouteTables/0/RouteTableId");
    let gateway = first(&tables, "/RouteTables/0/Routes/1/GatewayId");
    let out = ["--route-table-id", &table, "--destination-cidr-block", "0.0.0.0/0"];
    home.aws(&[&["ec2", "delete-route"], &out[..]].concat()).expect(0);
    blocks(
        &doctor(&home, &["--aws"], &[]).expect(10).json(),
        "Way out",
        &format!("create-route --route-table-id {table}"),
    );
    stopped_walk(&home, &["no route to the internet", "create-route"]);
    home.aws(&[&["ec2", "create-route", "--gateway-id", &gateway], &out[..]].concat()).expect(0);
    doctor(&home, &["--aws"], &[]).expect(0);

    let subnets = home.aws(&["ec2", "describe-subnets"]).expect(0).json();
    let ids: Vec<String> = (0..3).map(|n| first(&subnets, &format!("/Subnets/{n}/SubnetId"))).collect();
    for id in &ids[1..] {
        home.aws(&["ec2", "delete-subnet", "--subnet-id", id]).expect(0);
    }
    blocks(&doctor(&home, &["--aws"], &[]).expect(10).json(), "Zones", "create-default-subnet");
    stopped_walk(&home, &["two zones"]);

    let vpc = first(&subnets, "/Subnets/0/VpcId");
    home.aws(&["ec2", "detach-internet-gateway", "--internet-gateway-id", &gateway, "--vpc-id", &vpc])
        .expect(0);
    blocks(&doctor(&home, &["--aws"], &[]).expect(10).json(), "Way out", "create-route");
    home.aws(&["ec2", "delete-subnet", "--subnet-id", &ids[0]]).expect(0);
    home.aws(&["ec2", "delete-vpc", "--vpc-id", &vpc]).expect(0);
    blocks(
        &doctor(&home, &["--aws"], &[]).expect(10).json(),
        "Default VPC",
        "aws ec2 create-default-vpc --region us-east-1",
    );
    stopped_walk(&home, &["Default VPC", "create-default-vpc"]);
    home.aws(&["ec2", "create-default-vpc", "--region", "us-east-1"]).expect(0);
    doctor(&home, &["--aws"], &[]).expect(0);
    home.run(&["--sandbox", "--yes"]).expect(0);
}

#[test]
fn class_beyond_the_quotas_is_told_in_advance() {
    let home = Home::new().without_engines();
    doctor(&home, &["--aws", "--attendees", "30"], &[]).expect(0);
    let report = doctor(&home, &["--aws", "--attendees", "45"], &[]).expect(10).json();
    blocks(&report, "Quota: EC2 vCPUs (on-demand standard)", "--quota-code L-1216C47A --desired-value 90");
    blocks(&report, "Quota: RDS DB instances", "--desired-value 45");
    for enough in ["Quota: ElastiCache nodes", "Quota: IAM roles", "Quota: IAM instance profiles"] {
        assert_eq!(about(&report, enough)["weight"], "good", "{report}");
    }
    let report = doctor(&home, &["--aws", "--attendees", "1001"], &[]).expect(10).json();
    blocks(
        &report,
        "Quota: IAM roles",
        "--service-code iam --quota-code L-FE177D64 --desired-value 1001 --region us-east-1",
    );
    blocks(&report, "Quota: IAM instance profiles", "--quota-code L-6E65F664 --desired-value 1001");
}

#[test]
fn missing_permissions_show_in_dry_run_and_policy_simulator() {
    let home = Home::new();
    let file = home.path().join("policy.json");
    let text = std::fs::read_to_string(crate::support::checkout::policy_file()).expect("the policy");
    let less = text
        .replace("\"ec2:RunInstances\"", "\"ec2:Nothing\"")
        .replace("rds:CreateDBInstance", "rds:Nothing");
    std::fs::write(&file, less).expect("the policy");
    home.serve_under(&file, &["--no-engines"]);
    let report = doctor(&home, &["--aws"], &[]).expect(10).json();
    blocks(&report, "May launch an instance", "recipe-walk policy");
    assert!(
        about(&report, "May launch an instance")["found"]
            .as_str()
            .expect("text")
            .contains("ec2:RunInstances")
    );
    let simulated = about(&report, "Permissions");
    assert!(
        simulated["weight"] == "note" && simulated["found"].to_string().contains("rds:CreateDBInstance"),
        "{simulated}"
    );
    stopped_walk(&home, &["ec2:RunInstances"]);
}

#[test]
fn missing_boundary_is_told_before_anything_is_made() {
    let home = Home::new();
    let policy = crate::support::checkout::policy_file().display().to_string();
    home.serve(&["--no-engines", "--policy", &policy]);
    let report = doctor(&home, &["--aws"], &[]).expect(10).json();
    blocks(&report, "Permissions boundary", "recipe-walk policy --boundary > boundary.json");
    stopped_walk(&home, &["recipe-walk-boundary", "aws iam create-policy"]);
}

#[test]
fn clocks_credentials_plans_and_cloudshell_are_told() {
    let home = Home::new();
    home.serve(&["--no-engines", "--clock-ahead", "420", "--free-plan"]);
    let soon = (jiff::Timestamp::now() + jiff::SignedDuration::from_mins(12)).to_string();
    let environment = [("AWS_CREDENTIAL_EXPIRATION", soon.as_str()), ("AWS_EXECUTION_ENV", "CloudShell")];
    let report = doctor(&home, &["--aws"], &environment).expect(0).json();
    for (what, words) in [
        ("Clock", "7 minutes behind"),
        ("Credentials", "more minutes"),
        ("Account plan", "100.00 USD of credit left"),
        ("AWS CloudShell", "this is one"),
    ] {
        let finding = about(&report, what);
        assert_eq!(finding["weight"], "note", "{finding}");
        assert!(finding["found"].as_str().expect("text").contains(words), "{finding}");
    }
    home.run(&["sandbox", "stop"]).expect(0);
    // This is further off than AWS accepts in a signature.
    home.serve(&["--no-engines", "--clock-ahead", "-3600"]);
    let said = doctor(&home, &["--aws"], &[]);
    let told = [said.out.as_str(), said.err.as_str()].concat();
    assert!(told.contains("60 minutes") || told.contains("59 minutes"), "{told}");
    assert!(told.contains("timedatectl"), "{told}");
}

#[test]
fn without_an_account_only_the_sandbox_is_ready() {
    let home = Home::new();
    let said = home.run(&["doctor", "--json"]).expect(0).json();
    assert_eq!((&said["sandbox_ready"], &said["aws_ready"]), (&true.into(), &false.into()), "{said}");
    assert!(home.run(&["doctor", "--aws"]).expect(10).err.contains("AWS credentials and region"));
}

#[test]
fn quota_without_a_value_of_its_own_has_the_default() {
    let home = Home::new().without_engines();
    let report = doctor(&home, &["--aws"], &[]).expect(0).json();
    for (quota, default) in [("VPC security groups", 2500), ("RDS DB instances", 40)] {
        let finding = about(&report, &format!("Quota: {quota}"));
        let found = finding["found"].as_str().expect("a text");
        assert!(finding["weight"] == "good" && found.contains(&format!(" of {default} used")), "{finding}");
    }
}
