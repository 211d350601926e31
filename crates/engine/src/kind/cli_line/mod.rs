//! Commands of the AWS CLI, word by word: they are quoted once, when they are written out.

use crate::redact;
use crate::shell::shortest_word;
use crate::tags::Tags;
use std::borrow::Cow;
use std::fmt::Write as _;

/// Stands for the account's number in commands that go to others.
const ACCOUNT: &str = "\"$ACCOUNT_ID\"";

/// What the AWS CLI reads in place of a value that begins so: a file, or a page.
const READ: [&str; 4] = ["file://", "fileb://", "http://", "https://"];

/// One command. Written out, it has a line for each of its options, so that it fits 80 columns and can be copied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    head: String,
    options: Vec<(&'static str, Vec<Word>)>,
}

/// What comes after an option.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Word {
    /// Anybody's value.
    Value(String),
    /// A part of a list that has a line of its own.
    Row(String),
    /// Words of ours that the shell expands.
    Ours(String),
    /// What another command answers.
    Answer(Box<Line>),
}

/// For whom a command is written out.
#[derive(Debug, Clone, Copy, Default)]
pub struct Copied<'a> {
    /// Where it is sent, if not to AWS's own endpoint: an URL, or the shell's variable for one.
    pub endpoint: Option<&'a str>,
    /// For others than its owner: without secrets, and with a variable in place of this account's number.
    pub without: Option<&'a str>,
}

impl Line {
    /// A command without options: `ec2`, `wait instance-running`.
    pub fn new(service: &'static str, operation: &'static str) -> Self {
        Self { head: format!("aws {service} {operation}"), options: Vec::new() }
    }
    /// With an option, whatever its value holds.
    #[must_use]
    pub fn arg(self, name: &'static str, value: impl Into<String>) -> Self {
        self.option(name, vec![Word::Value(value.into())])
    }
    /// With a list of values.
    #[must_use]
    pub fn list(self, name: &'static str, values: &[String]) -> Self {
        if values.iter().any(|value| is_special(value) || value.starts_with(['-', '[', '{'])) {
            return self.arg(name, serde_json::json!(values).to_string());
        }
        self.option(name, values.iter().cloned().map(Word::Value).collect())
    }
    /// With a list of structures, each of its fields with their values: in the CLI's short form where that can hold them.
    #[must_use]
    pub fn rows(self, name: &'static str, rows: &[Vec<(&str, &str)>]) -> Self {
        if rows.iter().flatten().all(|(_, value)| is_short(value)) {
            return self.option(name, rows.iter().map(|row| Word::Row(short(row))).collect());
        }
        let rows: Vec<serde_json::Map<_, _>> = rows
            .iter()
            .map(|row| row.iter().map(|(key, value)| ((*key).to_owned(), (*value).into())).collect())
            .collect();
        self.arg(name, serde_json::json!(rows).to_string())
    }
    /// With one structure of one field.
    #[must_use]
    pub fn field(self, name: &'static str, key: &str, value: &str) -> Self {
        let short = is_short(value).then(|| short(&[(key, value)]));
        self.arg(name, short.unwrap_or_else(|| serde_json::json!({key: value}).to_string()))
    }
    /// With filters, each of a name and a value.
    #[must_use]
    pub fn filters(self, filters: &[(&str, &str)]) -> Self {
        if filters.iter().all(|(_, value)| is_short(value)) {
            let rows = filters.iter().map(|(name, value)| short(&[("Name", name), ("Values", value)]));
            return self.option("filters", rows.map(Word::Row).collect());
        }
        let filter = |(name, value): &(&str, &str)| serde_json::json!({"Name": name, "Values": [value]});
        self.arg("filters", filters.iter().map(filter).collect::<serde_json::Value>().to_string())
    }
    /// With an option that has no value.
    #[must_use]
    pub fn flag(self, name: &'static str) -> Self {
        self.option(name, Vec::new())
    }
    /// With the text of what another command answers.
    #[must_use]
    pub fn answer(self, name: &'static str, of: Self) -> Self {
        self.option(name, vec![Word::Answer(Box::new(of.arg("output", "text")))])
    }
    /// With a secret, looked up when the command runs.
    #[must_use]
    pub(crate) fn secret(self, name: &'static str, path: &str) -> Self {
        let look = Self::new("ssm", "get-parameter").arg("name", path).flag("with-decryption");
        self.answer(name, look.arg("query", "Parameter.Value"))
    }
    /// With what stands in a file of this machine, read by the CLI when the command runs.
    #[must_use]
    pub(crate) fn file(self, name: &'static str, path: &str) -> Self {
        self.option(name, vec![Word::Ours(shortest_word(&format!("file://{path}")))])
    }
    /// With random letters and digits, made when the command runs.
    #[must_use]
    pub(crate) fn random(self, name: &'static str, length: usize) -> Self {
        let look = format!("\"$(LC_ALL=C tr -dc A-Za-z0-9 < /dev/urandom | head -c {length})\"");
        self.option(name, vec![Word::Ours(look)])
    }
    /// With tags.
    #[must_use]
    pub(crate) fn tags(self, tags: &Tags) -> Self {
        let pairs = tags.pairs();
        let rows: Vec<_> = pairs.iter().map(|(k, v)| vec![("Key", *k), ("Value", v.as_str())]).collect();
        self.rows("tags", &rows)
    }
    /// Tags as EC2 takes them at creation, with a `Name` where there is one.
    #[must_use]
    pub(crate) fn ec2_tags(self, tags: &Tags, resource_types: &[&str], name: Option<&str>) -> Self {
        let mut pairs = tags.pairs();
        pairs.extend(name.map(|n| ("Name", n.to_owned())));
        if pairs.iter().all(|(_, value)| is_short(value)) {
            let list: Vec<_> = pairs.iter().map(|(k, v)| format!("{{Key={k},Value={v}}}")).collect();
            let list = list.join(",");
            let each = resource_types.iter().map(|kind| format!("ResourceType={kind},Tags=[{list}]"));
            return self.list("tag-specifications", &each.collect::<Vec<_>>());
        }
        let list: Vec<_> = pairs.iter().map(|(k, v)| serde_json::json!({"Key": k, "Value": v})).collect();
        let each = resource_types.iter().map(|kind| serde_json::json!({"ResourceType": kind, "Tags": list}));
        self.arg("tag-specifications", each.collect::<serde_json::Value>().to_string())
    }

    fn option(mut self, name: &'static str, words: Vec<Word>) -> Self {
        self.options.push((name, words));
        self
    }

    /// The command as its owner types it. `endpoint` is given where it is not AWS's own.
    pub fn end(&self, endpoint: Option<&str>) -> String {
        self.copied(Copied { endpoint, without: None })
    }

    /// The command as it is copied.
    pub fn copied(&self, by: Copied<'_>) -> String {
        self.written(by, "    ")
    }

    fn written(&self, by: Copied<'_>, indent: &str) -> String {
        let mut out = self.head.clone();
        for (name, words) in &self.options {
            let _ = write!(out, " \\\n{indent}--{name}");
            let alone = words.len() == 1;
            for (index, word) in words.iter().enumerate() {
                match word {
                    Word::Value(value) | Word::Row(value) => {
                        let value = safe(value);
                        let row = index > 0 && matches!(word, Word::Row(_));
                        let word = quoted(&value, by);
                        let _ = match (row, alone && value.starts_with('-')) {
                            (true, _) => write!(out, " \\\n{indent}  {word}"),
                            (_, true) => write!(out, "={word}"),
                            (..) => write!(out, " {word}"),
                        };
                    }
                    Word::Ours(text) => _ = write!(out, " {text}"),
                    Word::Answer(line) => {
                        _ = write!(out, " \"$({})\"", line.written(by, &format!("{indent}    ")));
                    }
                }
            }
        }
        if let Some(url) = by.endpoint {
            // CLI version 1 ignores AWS_ENDPOINT_URL for some services (docs/aws.md, "Measured on one machine").
            let _ = write!(out, " \\\n{indent}--endpoint-url {}", endpoint(url));
        }
        out
    }
}

/// Our own variable stays one.
fn endpoint(url: &str) -> String {
    if url == "$AWS_ENDPOINT_URL" { format!("\"{url}\"") } else { shortest_word(url) }
}

/// A value as a word. What is written for others loses its secrets before it is quoted: afterwards, a quote could go too.
fn quoted(value: &str, by: Copied<'_>) -> String {
    if is_variable(value) {
        return format!("\"{value}\"");
    }
    let Some(account) = by.without else { return shortest_word(value) };
    let value = redact::secrets(value);
    if account.len() < 6 || !value.contains(account) {
        return shortest_word(&value);
    }
    let pieces =
        value.split(account).map(|piece| if piece.is_empty() { String::new() } else { shortest_word(piece) });
    pieces.collect::<Vec<_>>().join(ACCOUNT)
}

/// Whether the AWS CLI would take the value for the place of one. Plans have no such values ([`crate::action::Action`]); what
/// comes from a service may.
pub(crate) fn is_special(value: &str) -> bool {
    READ.iter().any(|start| value.starts_with(start))
}

/// A value that the CLI takes for nothing but a value: with a blank before it, the service refuses it.
fn safe(value: &str) -> Cow<'_, str> {
    if is_special(value) { Cow::Owned(format!(" {value}")) } else { Cow::Borrowed(value) }
}

/// Whether a value may stand in the CLI's short form for structures, where it could otherwise begin another field.
fn is_short(value: &str) -> bool {
    let plain = |c: char| (c.is_alphanumeric() && c <= '\u{ffff}') || " _.:/+-@".contains(c);
    !value.is_empty() && value.trim() == value && value.chars().all(plain)
}

fn short(fields: &[(&str, &str)]) -> String {
    fields.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(",")
}

/// Whether a value is the name of a shell variable, as an id that is not known yet is shown. No other variable of a person's
/// shell is ever taken for one.
pub(crate) fn is_variable(value: &str) -> bool {
    let name = value.strip_prefix('$').and_then(|name| name.strip_suffix("_ID")).unwrap_or_default();
    let plain = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_';
    name.starts_with(|c: char| c.is_ascii_uppercase()) && !name.starts_with("AWS") && name.bytes().all(plain)
}

#[cfg(test)]
mod tests;
