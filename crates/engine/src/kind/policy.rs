//! The learner's IAM policy: what a walk needs, and how to ask whether somebody has it.

use crate::action::Action;
use crate::kind::Role;
use crate::tags::OWNER;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The policy, as it is handed to IAM.
pub const LEARNER: &str = include_str!("../../../../assets/iam-policy.json");

/// What the role of an instance may do at most, whoever writes its policies: the account has it as a policy of this name.
pub const BOUNDARY: &str = include_str!("../../../../assets/boundary-policy.json");

/// The name of that policy.
pub const BOUNDARY_NAME: &str = "recipe-walk-boundary";

/// The policy of one owner, in whose sessions nobody else has a hand: what carries another owner's tag is denied, and roles
/// are the owner's by their path.
pub fn of_owner(owner: &str) -> String {
    let text = LEARNER.replace(":role/recipe-walk/*\"", &format!(":role{}*\"", Role::path(owner)));
    let Ok(mut document) = serde_json::from_str::<Value>(&text) else { return text };
    if let Some(statements) = document["Statement"].as_array_mut() {
        for (sid, tag) in [
            ("NothingOfOthers", "aws:ResourceTag"),
            ("NoInstanceOfOthers", "ssm:resourceTag"),
            ("NothingForOthers", "aws:RequestTag"),
        ] {
            let key = format!("{tag}/{OWNER}");
            statements.push(json!({
                "Sid": sid,
                "Effect": "Deny",
                "Action": "*",
                "Resource": "*",
                "Condition": { "StringNotEquals": { key.as_str(): owner }, "Null": { key.as_str(): "false" } }
            }));
        }
    }
    serde_json::to_string_pretty(&document).map_or(text, |json| json + "\n")
}

/// One question to the policy simulator: these actions on this resource, in these circumstances.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Actions that are asked together.
    pub actions: Vec<String>,
    /// A resource such as the walk's own, or `*`.
    pub resource: String,
    /// Condition keys and values, as the walk's calls carry them.
    pub context: Vec<(String, String)>,
}

/// The questions that the policy answers with yes, one or more for each statement.
pub fn questions(policy: &str, partition: &str, region: &str, account: &str) -> Vec<Question> {
    let document: Value = serde_json::from_str(policy).unwrap_or_default();
    let statements = document["Statement"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut questions = Vec::new();
    for statement in statements.iter().filter(|statement| statement["Effect"] == "Allow") {
        let actions = texts(&statement["Action"]);
        let conditions = statement["Condition"].as_object().into_iter().flat_map(|c| c.values());
        let context: Vec<(String, String)> = conditions
            .filter_map(Value::as_object)
            .flatten()
            .filter_map(|(key, values)| {
                let value = texts(values).into_iter().next()?;
                let arn = value.starts_with("arn:");
                let value = if arn { concrete(&value, partition, region, account) } else { example(&value) };
                Some((key.clone(), value))
            })
            .collect();
        for resource in texts(&statement["Resource"]).iter().flat_map(|resource| each_type(resource)) {
            let actions: Vec<String> =
                actions.iter().filter(|action| concerns(action, &resource)).cloned().collect();
            if !actions.is_empty() {
                let resource = concrete(&resource, partition, region, account);
                questions.push(Question { actions, resource, context: context.clone() });
            }
        }
    }
    questions
}

/// What a pattern for resources of every type of a service stands for: one of each kind there.
fn each_type(resource: &str) -> Vec<String> {
    let parts: Vec<&str> = resource.splitn(6, ':').collect();
    let [arn, partition, service, region, account, rest] = parts[..] else {
        return vec![resource.to_owned()];
    };
    let Some(name) = rest.strip_prefix("*:") else { return vec![resource.to_owned()] };
    let types: BTreeSet<&str> =
        Action::arns().filter(|known| known.service == service).map(|known| known.resource).collect();
    let of_type = |kind| [arn, partition, service, region, account, kind, name].join(":");
    types.into_iter().map(of_type).collect()
}

/// Whether an action of a statement is about a resource of that statement: a statement lists several sorts of both.
fn concerns(action: &str, resource: &str) -> bool {
    let parts: Vec<&str> = resource.splitn(6, ':').collect();
    let [_, _, service, _, _, rest] = parts[..] else { return true };
    let named = rest.split([':', '/']).next().unwrap_or_default();
    let name = action.split_once(':').map_or("", |(_, name)| name);
    if service == "iam" && named == "user" {
        return name == "SimulatePrincipalPolicy";
    }
    // What no kind is called is something that kinds are made with, such as a subnet: any action may be about it.
    let mut known = Action::arns().filter(|arn| arn.service == service && arn.resource == named).peekable();
    known.peek().is_none() || known.any(|arn| (arn.concerns)(name))
}

/// A value that a pattern of the policy matches.
fn example(pattern: &str) -> String {
    pattern.replace('*', "preflight")
}

fn concrete(pattern: &str, partition: &str, region: &str, account: &str) -> String {
    if pattern == "*" {
        return pattern.to_owned();
    }
    let mut parts: Vec<String> = pattern.splitn(6, ':').map(str::to_owned).collect();
    if let [_, own, _, its_region, its_account, rest] = parts.as_mut_slice() {
        partition.clone_into(own);
        for (part, value) in [(its_region, region), (its_account, account)] {
            if part == "*" {
                value.clone_into(part);
            }
        }
        *rest = example(rest);
    }
    parts.join(":")
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(one) => vec![one.clone()],
        Value::Array(all) => all.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_is_asked_about_on_something_of_its_kind() {
        let document: Value = serde_json::from_str(LEARNER).expect("JSON");
        let all: BTreeSet<String> = document["Statement"]
            .as_array()
            .expect("statements")
            .iter()
            .flat_map(|s| texts(&s["Action"]))
            .collect();
        let questions = questions(LEARNER, "aws", "us-east-1", "123456789012");
        let asked: BTreeSet<String> = questions.iter().flat_map(|q| q.actions.clone()).collect();
        assert_eq!(asked, all);
        for question in &questions {
            assert!(question.resource == "*" || !question.resource.contains('*'), "{question:?}");
            assert!(question.context.iter().all(|(_, value)| !value.contains('*')), "{question:?}");
        }
        let launch = questions.iter().find(|q| q.resource.contains(":instance/")).expect("a launch");
        assert!(launch.resource.starts_with("arn:aws:ec2:us-east-1:123456789012:instance/"), "{launch:?}");
    }

    #[test]
    fn no_action_is_a_pattern() {
        // A pattern would hide what is not needed.
        assert!(
            questions(LEARNER, "aws", "r", "a").iter().flat_map(|q| &q.actions).all(|a| !a.contains('*'))
        );
    }
}
