//! `policy`: the permissions that a walk needs, as IAM takes them.

use crate::embedded;
use crate::error::{CommandError, Kind};
use crate::ui;
use clap::Args;
use recipe_walk_engine::action::Action;
use recipe_walk_engine::partition;
use recipe_walk_engine::plan;
use recipe_walk_engine::policy::{BOUNDARY, LEARNER, of_owner};
use recipe_walk_engine::tags::TagValue;

pub(crate) const EXAMPLES: &str = "\
Examples:
  recipe-walk policy > recipe-walk-policy.json
  recipe-walk policy --account 123456789012 --region us-east-1
  recipe-walk policy --owner ana > ana.json
  recipe-walk policy --boundary > boundary.json
  recipe-walk policy --instance";

/// Options of `policy`.
#[derive(Debug, Clone, Args)]
pub(crate) struct PolicyArgs {
    /// The policy of the instance's role instead of the person's
    #[arg(long)]
    pub(crate) instance: bool,
    /// The policy recipe-walk-boundary: what an instance may do at most, made once by whoever administers the account
    #[arg(long, conflicts_with = "instance")]
    pub(crate) boundary: bool,
    /// The policy of one attendee: what walks with other names for --owner made is denied
    #[arg(long, value_name = "NAME", conflicts_with_all = ["instance", "boundary"])]
    pub(crate) owner: Option<TagValue>,
    /// Fill in this account number
    #[arg(long, value_name = "A", value_parser = account_number)]
    pub(crate) account: Option<String>,
    /// Fill in this region
    #[arg(long, value_name = "R")]
    pub(crate) region: Option<String>,
    /// AWS partition: aws, aws-us-gov or aws-cn; without it: the region's
    #[arg(long, value_name = "P")]
    pub(crate) partition: Option<String>,
}

fn account_number(text: &str) -> Result<String, String> {
    if text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit()) {
        Ok(text.to_owned())
    } else {
        Err("an account number has twelve digits".into())
    }
}

/// Prints the person's policy, or that of the instance's role.
pub(crate) fn run(args: &PolicyArgs) -> Result<(), CommandError> {
    let text = if args.instance {
        let any = |value: &Option<String>| value.clone().unwrap_or_else(|| "*".to_owned());
        let (region, account) = (any(&args.region), any(&args.account));
        let value = |name: &str| {
            Ok(match name {
                "session" => "rw-*".to_owned(),
                "region" => region.clone(),
                "account" => account.clone(),
                "partition" => partition::of(&region).to_owned(),
                _ => "*".to_owned(),
            })
        };
        let recipe = embedded::recipe(None)?;
        let document =
            recipe.steps.iter().flat_map(|step| &step.makes).find_map(|make| {
                match plan::request(make, &value).ok()? {
                    Action::RolePolicy(policy) => serde_json::from_str(&policy.document).ok(),
                    _ => None,
                }
            });
        let document: serde_json::Value = document.unwrap_or_default();
        serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
    } else if args.boundary {
        BOUNDARY.to_owned()
    } else {
        args.owner.as_deref().map_or_else(|| LEARNER.to_owned(), of_owner)
    };
    let partition = match &args.partition {
        Some(name) => partition::ALL.into_iter().find(|known| known == name).ok_or_else(|| {
            CommandError::new(Kind::Usage, format!("there is no partition '{name}'"))
                .means(format!("There are {}.", partition::ALL.join(", ")))
                .next("recipe-walk policy --partition aws")
        })?,
        None => args.region.as_deref().map_or("aws", partition::of),
    };
    ui::print(&fitting(filled(&text, partition, args.region.as_deref(), args.account.as_deref())));
    Ok(())
}

/// The document with what is known in place of its stars.
pub(crate) fn filled(text: &str, partition: &str, region: Option<&str>, account: Option<&str>) -> String {
    let mut text = text.to_owned();
    for known in partition::ALL {
        text = text.replace(&format!("\"arn:{known}:"), "\"arn:%:");
    }
    let (region, account) = (region.unwrap_or("*"), account.unwrap_or("*"));
    text.replace(":*:*:", &format!(":{region}:{account}:"))
        .replace(":iam::*:", &format!(":iam::{account}:"))
        .replace(":*::", &format!(":{region}::"))
        .replace("arn:%:", &format!("arn:{partition}:"))
}

/// Characters of a managed policy, white space not counted.
const MOST: usize = 6144;

fn size(text: &str) -> usize {
    text.chars().filter(|c| !c.is_whitespace()).count()
}

/// The document without the names of its statements where they would make it too long for one managed policy.
fn fitting(text: String) -> String {
    if size(&text) <= MOST {
        return text;
    }
    let Ok(mut document) = serde_json::from_str::<serde_json::Value>(&text) else { return text };
    for statement in document["Statement"].as_array_mut().into_iter().flatten() {
        if let Some(statement) = statement.as_object_mut() {
            statement.remove("Sid");
        }
    }
    serde_json::to_string_pretty(&document).map_or(text, |json| json + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn resources(text: &str) -> Vec<String> {
        let document: Value = serde_json::from_str(text).expect("JSON");
        let statements = document["Statement"].as_array().expect("statements");
        let lists = statements.iter().map(|s| &s["Resource"]);
        lists
            .flat_map(|r| r.as_array().cloned().unwrap_or_else(|| vec![r.clone()]))
            .map(|r| r.as_str().expect("text").to_owned())
            .collect()
    }

    #[test]
    fn everything_that_is_known_is_filled_in() {
        let text = filled(LEARNER, "aws-us-gov", Some("us-gov-west-1"), Some("123456789012"));
        for arn in resources(&text).iter().filter(|r| *r != "*") {
            let parts: Vec<&str> = arn.splitn(6, ':').collect();
            assert_eq!(parts[1], "aws-us-gov", "{arn}");
            assert!(matches!(parts[3], "us-gov-west-1" | ""), "{arn}");
            assert!(matches!(parts[4], "123456789012" | ""), "{arn}");
        }
        assert_eq!(filled(LEARNER, "aws", None, None), LEARNER);
    }

    #[test]
    fn the_policy_fits_into_one_managed_policy() {
        for (partition, region) in
            [("aws", "ap-southeast-1"), ("aws-us-gov", "us-gov-west-1"), ("aws-cn", "cn-northwest-1")]
        {
            let text = fitting(filled(LEARNER, partition, Some(region), Some("123456789012")));
            assert!(size(&text) <= MOST, "{region}: {}", size(&text));
            assert_eq!(resources(&text).len(), resources(LEARNER).len());
        }
        let text = fitting(filled(&of_owner("ana"), "aws", Some("ap-southeast-1"), Some("123456789012")));
        assert!(size(&text) <= MOST, "{}", size(&text));
    }
}
