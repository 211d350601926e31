//! Commands of the AWS CLI, piece by piece: what those of all kinds share.

use crate::shell::shortest_word;
use crate::tags::Tags;

/// Builds one command, wrapped with backslashes so that it fits 80 columns and can be copied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line(Vec<String>);

impl Line {
    pub(crate) fn new(service: &str, operation: &str) -> Self {
        Self(vec![format!("aws {service} {operation}")])
    }
    pub(crate) fn arg(self, name: &str, value: impl AsRef<str>) -> Self {
        self.raw(name, &quote(value.as_ref()))
    }
    /// A value that the shell must expand.
    pub(crate) fn raw(mut self, name: &str, value: &str) -> Self {
        self.0.push(format!("--{name} {value}"));
        self
    }
    pub(crate) fn list(self, name: &str, values: &[String]) -> Self {
        let quoted: Vec<_> = values.iter().map(|value| quote(value)).collect();
        self.raw(name, &quoted.join(" "))
    }
    pub(crate) fn flag(mut self, name: &str) -> Self {
        self.0.push(format!("--{name}"));
        self
    }
    pub(crate) fn tags(self, tags: &Tags) -> Self {
        self.raw("tags", &listed(tags))
    }
    /// Tags as EC2 takes them at creation, with a `Name` where there is one.
    pub(crate) fn ec2_tags(self, tags: &Tags, resource_types: &[&str], name: Option<&str>) -> Self {
        let mut list: Vec<_> = tags.pairs().iter().map(|(k, v)| format!("{{Key={k},Value={v}}}")).collect();
        list.extend(name.map(|n| format!("{{Key=Name,Value={n}}}")));
        let list = list.join(",");
        let each = resource_types.iter().map(|kind| quote(&format!("ResourceType={kind},Tags=[{list}]")));
        self.raw("tag-specifications", &each.collect::<Vec<_>>().join(" "))
    }
    pub(crate) fn end(self, endpoint: Option<&str>) -> String {
        sent_to(&self.0.join(" \\\n    "), endpoint)
    }
}

/// The command, sent to another endpoint where one is given: an URL, or the shell's variable for one.
pub fn sent_to(command: &str, endpoint: Option<&str>) -> String {
    match endpoint {
        // CLI version 1 ignores AWS_ENDPOINT_URL for some services (docs/aws.md, "Measured on one machine").
        Some(url) => format!("{command} \\\n    --endpoint-url {}", quote(url)),
        None => command.to_owned(),
    }
}

/// A command of one line, with a line for each of its options, as all that are printed have it.
pub fn folded(command: &str) -> String {
    command.replace(" --", " \\\n    --")
}

/// Whether a value is the name of a shell variable, as an id that is not known yet is shown.
pub(crate) fn is_variable(value: &str) -> bool {
    let name = value.strip_prefix('$').unwrap_or_default();
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
}

/// Quotes for a POSIX shell where it is needed; a variable stays one.
pub fn quote(value: &str) -> String {
    if is_variable(value) { format!("\"{value}\"") } else { shortest_word(value) }
}

/// The shell's words for a secret, looked up when the command runs.
pub(crate) fn secret(path: &str, endpoint: Option<&str>) -> String {
    let look = format!(
        "aws ssm get-parameter --with-decryption \\\n    --name {} --query Parameter.Value --output text",
        quote(path)
    );
    // It stands within a command: further in.
    format!("\"$({})\"", sent_to(&look, endpoint).replace("\n    ", "\n        "))
}

/// The shell's words for what a command answers, in text.
pub(crate) fn answer_of(look: &str, endpoint: Option<&str>) -> String {
    format!("\"$({})\"", sent_to(&format!("{look} --output text"), endpoint))
}

/// A command with the session's tags.
pub(crate) fn with_tags(command: &str, tags: &Tags, endpoint: Option<&str>) -> String {
    sent_to(&format!("{command} \\\n    --tags {}", listed(tags)), endpoint)
}

fn listed(tags: &Tags) -> String {
    let list: Vec<_> = tags.pairs().iter().map(|(k, v)| quote(&format!("Key={k},Value={v}"))).collect();
    list.join(" \\\n      ")
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
        assert_eq!(quote("$(id)"), "'$(id)'");
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
