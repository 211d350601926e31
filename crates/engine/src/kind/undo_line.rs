//! The AWS CLI line that a person could type to undo an action. Valid for `aws` version 1 and 2.

use crate::action::Action;
use crate::cli_line::{parameters_line, sent_to};

/// The command that deletes what the action made, or puts back what it changed for a while; `id` is what the service called it. None for a setting that goes with
/// its resource. `endpoint` is given where it is not AWS's own.
pub fn undo_line(action: &Action, id: &str, endpoint: Option<&str>) -> Option<String> {
    let line = match action {
        Action::SecurityGroup { .. } => format!("aws ec2 delete-security-group --group-id {id}"),
        Action::IngressRule { group, source, port } => format!(
            "aws ec2 revoke-security-group-ingress --group-id {group} \\\n    --protocol tcp --port {port} \
             --source-group {source}"
        ),
        Action::CacheSubnetGroup { name, .. } => {
            format!("aws elasticache delete-cache-subnet-group \\\n    --cache-subnet-group-name {name}")
        }
        Action::CacheParameterGroup { name, .. } => {
            format!(
                "aws elasticache delete-cache-parameter-group \\\n    --cache-parameter-group-name {name}"
            )
        }
        Action::CacheParameters { .. } => return None,
        Action::TrialParameters { group, before, .. } => {
            return Some(parameters_line(group, before, endpoint));
        }
        Action::Secret { path, .. } | Action::Note { path, .. } => {
            format!("aws ssm delete-parameter --name {path}")
        }
        Action::ReplicationGroup { id, .. } => {
            format!("aws elasticache delete-replication-group \\\n    --replication-group-id {id}")
        }
        Action::DbSubnetGroup { name, .. } => {
            format!("aws rds delete-db-subnet-group --db-subnet-group-name {name}")
        }
        Action::DbInstance { id, .. } => format!(
            "aws rds delete-db-instance --db-instance-identifier {id} \\\n    --skip-final-snapshot \
             --delete-automated-backups"
        ),
        Action::Role { name, .. } => format!("aws iam delete-role --role-name {name}"),
        Action::RolePolicy { role, name, .. } => {
            format!("aws iam delete-role-policy --role-name {role} --policy-name {name}")
        }
        Action::InstanceProfile { name } => {
            format!("aws iam delete-instance-profile --instance-profile-name {name}")
        }
        Action::ProfileRole { profile, role } => format!(
            "aws iam remove-role-from-instance-profile \\\n    --instance-profile-name {profile} --role-name {role}"
        ),
        Action::Instance { .. } => format!("aws ec2 terminate-instances --instance-ids {id}"),
    };
    Some(sent_to(&line, endpoint))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn things_go_by_the_id_that_the_service_knows() {
        let group =
            Action::SecurityGroup { name: "rw-x-app".into(), description: "d".into(), vpc: "v".into() };
        let line = undo_line(&group, "sg-1", None).expect("a line");
        assert_eq!(line, "aws ec2 delete-security-group --group-id sg-1");
        let setting = Action::CacheParameters { group: "g".into(), values: [].into() };
        assert_eq!(undo_line(&setting, "", None), None);
    }
}
