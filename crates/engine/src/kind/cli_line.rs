//! The AWS CLI line that a person could type instead of an action. Valid for `aws` version 1 and 2.

use crate::action::{Action, Planned};
use std::collections::BTreeMap;

/// Builds one command, wrapped with backslashes so that it fits 80 columns and can be copied.
struct Line(Vec<String>);

impl Line {
    fn new(service: &str, operation: &str) -> Self {
        Self(vec![format!("aws {service} {operation}")])
    }
    fn arg(mut self, name: &str, value: impl AsRef<str>) -> Self {
        self.0.push(format!("--{name} {}", quote(value.as_ref())));
        self
    }
    /// A value that the shell must expand.
    fn raw(mut self, name: &str, value: &str) -> Self {
        self.0.push(format!("--{name} {value}"));
        self
    }
    fn flag(mut self, name: &str) -> Self {
        self.0.push(format!("--{name}"));
        self
    }
    fn tags(self, planned: &Planned, name: &str) -> Self {
        let list: Vec<_> =
            planned.tags.pairs().iter().map(|(k, v)| quote(&format!("Key={k},Value={v}"))).collect();
        self.raw(name, &list.join(" \\\n      "))
    }
    fn ec2_tags(self, planned: &Planned, kind: &str, name: Option<&str>) -> Self {
        let mut list: Vec<_> =
            planned.tags.pairs().iter().map(|(k, v)| format!("{{Key={k},Value={v}}}")).collect();
        list.extend(name.map(|n| format!("{{Key=Name,Value={n}}}")));
        let value = format!("ResourceType={kind},Tags=[{}]", list.join(","));
        self.arg("tag-specifications", value)
    }
    fn end(self, endpoint: Option<&str>) -> String {
        sent_to(&self.0.join(" \\\n    "), endpoint)
    }
}

/// The command, sent to another endpoint where one is given: an URL, or the shell's variable for one.
pub fn sent_to(command: &str, endpoint: Option<&str>) -> String {
    match endpoint {
        // CLI version 1 ignores AWS_ENDPOINT_URL for some services (AWS-FACTS section 12).
        Some(url) => format!("{command} \\\n    --endpoint-url {}", quote(url)),
        None => command.to_owned(),
    }
}

/// A command of one line, with a line for each of its options, as all that are printed have it.
pub fn folded(command: &str) -> String {
    command.replace(" --", " \\\n    --")
}

/// Quotes for a POSIX shell where it is needed; a value that begins with `$` is a variable and stays one.
pub fn quote(value: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,@+".contains(c);
    if value.starts_with('$') {
        format!("\"{value}\"")
    } else if !value.is_empty() && value.chars().all(plain) {
        value.to_owned()
    } else {
        format!("'{}'", value.replace('\'', "'\\''"))
    }
}

fn secret(path: &str, endpoint: Option<&str>) -> String {
    let look = format!(
        "aws ssm get-parameter --with-decryption \\\n    --name {path} --query Parameter.Value --output text"
    );
    // It stands within a command: further in.
    format!("\"$({})\"", sent_to(&look, endpoint).replace("\n    ", "\n        "))
}

/// The command for the action. `endpoint` is given where it is not AWS's own.
pub fn cli_line(planned: &Planned, endpoint: Option<&str>) -> String {
    let line = match &planned.action {
        Action::SecurityGroup { name, description, vpc } => Line::new("ec2", "create-security-group")
            .arg("group-name", name)
            .arg("description", description)
            .arg("vpc-id", vpc)
            .ec2_tags(planned, "security-group", None),
        Action::IngressRule { group, source, port } => Line::new("ec2", "authorize-security-group-ingress")
            .arg("group-id", group)
            .arg("protocol", "tcp")
            .arg("port", port.to_string())
            .arg("source-group", source),
        Action::CacheSubnetGroup { name, description, subnets } => {
            Line::new("elasticache", "create-cache-subnet-group")
                .arg("cache-subnet-group-name", name)
                .arg("cache-subnet-group-description", description)
                .raw("subnet-ids", &subnets.join(" "))
                .tags(planned, "tags")
        }
        Action::CacheParameterGroup { name, description, family } => {
            Line::new("elasticache", "create-cache-parameter-group")
                .arg("cache-parameter-group-name", name)
                .arg("cache-parameter-group-family", family)
                .arg("description", description)
                .tags(planned, "tags")
        }
        Action::CacheParameters { group, values } | Action::TrialParameters { group, values, .. } => {
            return parameters_line(group, values, endpoint);
        }
        Action::Secret { path, description, length } => Line::new("ssm", "put-parameter")
            .arg("name", path)
            .arg("type", "SecureString")
            .arg("description", description)
            .raw("value", &format!("\"$(LC_ALL=C tr -dc A-Za-z0-9 < /dev/urandom | head -c {length})\""))
            .tags(planned, "tags"),
        Action::Note { path, description, text } => Line::new("ssm", "put-parameter")
            .arg("name", path)
            .arg("type", "String")
            .arg("description", description)
            .arg("value", text)
            .tags(planned, "tags"),
        Action::ReplicationGroup { .. } => replication_group(planned, endpoint),
        Action::DbSubnetGroup { name, description, subnets } => Line::new("rds", "create-db-subnet-group")
            .arg("db-subnet-group-name", name)
            .arg("db-subnet-group-description", description)
            .raw("subnet-ids", &subnets.join(" "))
            .tags(planned, "tags"),
        Action::DbInstance { .. } => db_instance(planned, endpoint),
        Action::Role { name, description } => Line::new("iam", "create-role")
            .arg("role-name", name)
            .arg("description", description)
            .arg("assume-role-policy-document", crate::plan::trust_policy())
            .tags(planned, "tags"),
        Action::RolePolicy { role, name, document } => Line::new("iam", "put-role-policy")
            .arg("role-name", role)
            .arg("policy-name", name)
            .arg("policy-document", document),
        Action::InstanceProfile { name } => Line::new("iam", "create-instance-profile")
            .arg("instance-profile-name", name)
            .tags(planned, "tags"),
        Action::ProfileRole { profile, role } => Line::new("iam", "add-role-to-instance-profile")
            .arg("instance-profile-name", profile)
            .arg("role-name", role),
        Action::Instance { .. } => instance(planned),
    };
    line.end(endpoint)
}

/// The command that sets values in a cache parameter group.
pub(crate) fn parameters_line(
    group: &str,
    values: &BTreeMap<String, String>,
    endpoint: Option<&str>,
) -> String {
    let list: Vec<_> = values.iter().map(|(k, v)| format!("ParameterName={k},ParameterValue={v}")).collect();
    Line::new("elasticache", "modify-cache-parameter-group")
        .arg("cache-parameter-group-name", group)
        .raw("parameter-name-values", &list.join(" "))
        .end(endpoint)
}

fn replication_group(planned: &Planned, endpoint: Option<&str>) -> Line {
    let Action::ReplicationGroup {
        id,
        description,
        engine,
        engine_version,
        node_type,
        nodes,
        parameter_group,
        subnet_group,
        security_group,
        auth_token,
        port,
    } = &planned.action
    else {
        return Line(Vec::new());
    };
    Line::new("elasticache", "create-replication-group")
        .arg("replication-group-id", id)
        .arg("replication-group-description", description)
        .arg("engine", engine)
        .arg("engine-version", engine_version)
        .arg("cache-node-type", node_type)
        .arg("num-cache-clusters", nodes.to_string())
        .flag("automatic-failover-enabled")
        .flag("multi-az-enabled")
        .flag("transit-encryption-enabled")
        .flag("at-rest-encryption-enabled")
        .raw("auth-token", &secret(auth_token, endpoint))
        .arg("cache-parameter-group-name", parameter_group)
        .arg("cache-subnet-group-name", subnet_group)
        .arg("security-group-ids", security_group)
        .arg("port", port.to_string())
        .tags(planned, "tags")
}

fn db_instance(planned: &Planned, endpoint: Option<&str>) -> Line {
    let Action::DbInstance {
        id,
        class,
        engine_version,
        database,
        user,
        password,
        subnet_group,
        security_group,
        storage_gb,
    } = &planned.action
    else {
        return Line(Vec::new());
    };
    Line::new("rds", "create-db-instance")
        .arg("db-instance-identifier", id)
        .arg("db-instance-class", class)
        .arg("engine", "mysql")
        .arg("engine-version", engine_version)
        .arg("engine-lifecycle-support", "open-source-rds-extended-support-disabled")
        .arg("db-name", database)
        .arg("master-username", user)
        .raw("master-user-password", &secret(password, endpoint))
        .arg("allocated-storage", storage_gb.to_string())
        .arg("storage-type", "gp3")
        .flag("storage-encrypted")
        .arg("db-subnet-group-name", subnet_group)
        .arg("vpc-security-group-ids", security_group)
        .arg("backup-retention-period", "0")
        .flag("no-multi-az")
        .flag("no-publicly-accessible")
        .tags(planned, "tags")
}

fn instance(planned: &Planned) -> Line {
    let Action::Instance { name, token, image, instance_type, subnet, security_group, profile, user_data } =
        &planned.action
    else {
        return Line(Vec::new());
    };
    let line = Line::new("ec2", "run-instances")
        .arg("image-id", image)
        .arg("instance-type", instance_type)
        .arg("client-token", token)
        .arg("subnet-id", subnet)
        .arg("security-group-ids", security_group)
        .arg("iam-instance-profile", format!("Name={profile}"))
        .arg("metadata-options", "HttpTokens=required,HttpEndpoint=enabled")
        .arg("instance-initiated-shutdown-behavior", "terminate")
        .arg("user-data", user_data);
    let line = if instance_type.starts_with('t') {
        line.arg("credit-specification", "CpuCredits=standard")
    } else {
        line
    };
    line.ec2_tags(planned, "instance", Some(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_quoted_only_where_a_shell_needs_it() {
        assert_eq!(quote("cache.t3.micro"), "cache.t3.micro");
        assert_eq!(quote("it's here"), "'it'\\''s here'");
        assert_eq!(quote("$APP_GROUP_ID"), "\"$APP_GROUP_ID\"");
        assert_eq!(quote("x;rm -rf $HOME"), "'x;rm -rf $HOME'");
        assert_eq!(quote(""), "''");
    }

    #[test]
    fn a_command_goes_to_the_endpoint_that_is_given() {
        let line = folded("aws ec2 describe-vpcs --vpc-ids v --output text");
        assert_eq!(line, "aws ec2 describe-vpcs \\\n    --vpc-ids v \\\n    --output text");
        assert_eq!(sent_to("aws x y", None), "aws x y");
        assert!(
            sent_to("aws x y", Some("http://127.0.0.1:1"))
                .ends_with("\n    --endpoint-url http://127.0.0.1:1")
        );
        assert!(
            sent_to("aws x y", Some("$AWS_ENDPOINT_URL")).ends_with("--endpoint-url \"$AWS_ENDPOINT_URL\"")
        );
    }
}
