//! Conditions of policy statements.

use super::pattern::{many, matches, texts};
use crate::model::permission::Context;
use serde_json::Value;

/// Whether all parts of a condition hold; `None` if one uses an operator that is not known here.
pub(super) fn holds(condition: &Value, context: &Context) -> Option<bool> {
    let Value::Object(operators) = condition else { return Some(true) };
    let mut all = true;
    for (operator, keys) in operators {
        let (operator, if_exists) = match operator.strip_suffix("IfExists") {
            Some(operator) => (operator, true),
            None => (operator.as_str(), false),
        };
        for (key, values) in keys.as_object()? {
            all &= match context.get(key) {
                None if operator == "Null" => texts_of(values).iter().any(|v| v == "true"),
                Some(_) if operator == "Null" => texts_of(values).iter().any(|v| v == "false"),
                // A negated comparison with a missing key holds, every other one does not.
                None => if_exists || operator.contains("Not"),
                Some(found) => compare(operator, found, &texts_of(values))?,
            };
        }
    }
    Some(all)
}

/// The values of a condition; Booleans and numbers count as their text.
fn texts_of(values: &Value) -> Vec<String> {
    let one = |v: &Value| v.as_str().map_or_else(|| v.to_string(), str::to_owned);
    many(values).map(one).collect()
}

fn compare(operator: &str, found: &str, wanted: &[String]) -> Option<bool> {
    let any = |same: &dyn Fn(&str) -> bool| wanted.iter().any(|w| same(w));
    Some(match operator {
        "StringEquals" => any(&|w| w == found),
        "StringNotEquals" => !any(&|w| w == found),
        "StringEqualsIgnoreCase" | "Bool" => any(&|w| w.eq_ignore_ascii_case(found)),
        "StringLike" | "ArnLike" | "ArnEquals" => any(&|w| matches(w, found, false)),
        "StringNotLike" | "ArnNotLike" | "ArnNotEquals" => !any(&|w| matches(w, found, false)),
        _ => return None,
    })
}

/// Whether a statement's list under `yes`, or else the one under `no`, covers a text.
pub(super) fn covers(statement: &Value, yes: &str, no: &str, text: &str, fold: bool) -> bool {
    match (&statement[yes], &statement[no]) {
        (Value::Null, Value::Null) => false,
        (Value::Null, not) => !texts(not).any(|pattern| matches(pattern, text, fold)),
        (list, _) => texts(list).any(|pattern| matches(pattern, text, fold)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn conditions_hold_as_iam_says() {
        let context = Context::default()
            .with("aws:RequestTag/recipe-walk:session", "rw-abcdefgh")
            .with("iam:PassedToService", "ec2.amazonaws.com");
        for (condition, expected) in [
            (json!(null), Some(true)),
            (json!({"StringLike": {"AWS:requesttag/recipe-walk:session": "rw-*"}}), Some(true)),
            (json!({"StringLike": {"aws:RequestTag/recipe-walk:session": ["x*", "rw-*"]}}), Some(true)),
            (json!({"StringEquals": {"aws:RequestTag/recipe-walk:session": "rw-*"}}), Some(false)),
            (json!({"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}), Some(true)),
            (json!({"StringEquals": {"iam:PassedToService": ["rds.amazonaws.com"]}}), Some(false)),
            (json!({"StringEquals": {"ec2:CreateAction": "RunInstances"}}), Some(false)),
            (json!({"StringEqualsIfExists": {"ec2:CreateAction": "RunInstances"}}), Some(true)),
            (json!({"StringNotEquals": {"ec2:CreateAction": "RunInstances"}}), Some(true)),
            (json!({"Null": {"ec2:CreateAction": "true"}}), Some(true)),
            (json!({"Null": {"iam:PassedToService": true}}), Some(false)),
            (json!({"IpAddress": {"iam:PassedToService": "10.0.0.0/8"}}), None),
        ] {
            assert_eq!(holds(&condition, &context), expected, "{condition}");
        }
        // All operators and keys must hold.
        let both = json!({"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com", "aws:x": "y"}});
        assert_eq!(holds(&both, &context), Some(false));
    }
}
