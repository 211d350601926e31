use super::*;
use crate::id::SessionId;
use crate::shell::HOSTILE;

fn one(value: &str) -> String {
    Line::new("x", "y").arg("v", value).end(None)
}

#[test]
fn values_are_quoted_only_where_a_shell_needs_it() {
    let of = |value: &str| one(value).replace("aws x y \\\n    --v", "");
    assert_eq!(of("cache.t3.micro"), " cache.t3.micro");
    assert_eq!(of("it's here"), " 'it'\\''s here'");
    assert_eq!(of("$APP_GROUP_ID"), " \"$APP_GROUP_ID\"");
    assert_eq!(of(""), " ''");
    assert_eq!(of("-1"), "=-1", "never an option");
    for value in ["x;rm -rf $HOME", "$(id)", "$HOME", "$AWS_ACCESS_KEY_ID", "$_ID", "$A-B_ID", "$a_ID"] {
        assert_eq!(of(value), format!(" '{value}'"), "no variable of a person's own");
    }
}

#[test]
fn a_command_goes_to_the_endpoint_that_is_given() {
    let line = Line::new("ec2", "describe-vpcs").arg("vpc-ids", "v").answer("x", Line::new("a", "b"));
    let own = line.end(Some("http://127.0.0.1:1"));
    assert_eq!(
        own,
        "aws ec2 describe-vpcs \\\n    --vpc-ids v \\\n    --x \"$(aws a b \\\n        --output text \\\n        \
         --endpoint-url http://127.0.0.1:1)\" \\\n    --endpoint-url http://127.0.0.1:1"
    );
    assert_eq!(
        line.end(Some("$AWS_ENDPOINT_URL")).matches("--endpoint-url \"$AWS_ENDPOINT_URL\"").count(),
        2
    );
    assert!(line.end(Some("$HOME;id")).contains("'$HOME;id'"));
}

#[test]
fn no_value_is_read_from_a_file_or_page() {
    for value in ["file:///etc/passwd", "fileb://x", "http://169.254.169.254/", "https://x"] {
        assert_eq!(one(value), format!("aws x y \\\n    --v ' {value}'"));
    }
    let list = Line::new("x", "y").list("v", &["file:///etc/passwd".into()]).end(None);
    assert_eq!(list, "aws x y \\\n    --v '[\"file:///etc/passwd\"]'");
}

#[test]
fn a_value_begins_no_other_field_of_a_structure() {
    let line = |value: &str| Line::new("x", "y").rows("t", &[vec![("Key", "k"), ("Value", value)]]).end(None);
    assert_eq!(line("a b.c"), "aws x y \\\n    --t 'Key=k,Value=a b.c'");
    for value in ["a,Value@=file:///etc/passwd", "a=b", "[x]", "'", "", " a", "\n", "𝒳"] {
        let wanted = serde_json::json!([{"Key": "k", "Value": value}]).to_string();
        assert_eq!(line(value), format!("aws x y \\\n    --t {}", shortest_word(&wanted)));
    }
    let filter = Line::new("x", "y").filters(&[("name", "a,b")]).end(None);
    assert_eq!(filter, "aws x y \\\n    --filters '[{\"Name\":\"name\",\"Values\":[\"a,b\"]}]'");
    let field = Line::new("x", "y").field("p", "Name", "a,Arn=b").end(None);
    assert_eq!(field, "aws x y \\\n    --p '{\"Name\":\"a,Arn=b\"}'");
}

#[test]
fn others_get_no_secrets_no_account_and_no_open_quote() {
    let others = |value: &str| {
        let line = Line::new("x", "y").arg("v", value).arg("w", "z z");
        line.copied(Copied { endpoint: None, without: Some("123456789012") })
    };
    assert_eq!(others("a-123456789012"), "aws x y \\\n    --v a-\"$ACCOUNT_ID\" \\\n    --w 'z z'");
    let key = others("it's -----BEGIN RSA PRIVATE KEY-----\nMIIE");
    assert_eq!(key, "aws x y \\\n    --v 'it'\\''s [redacted]' \\\n    --w 'z z'");
    assert_eq!(others("password=x'y"), "aws x y \\\n    --v 'password=[redacted]' \\\n    --w 'z z'");
}

/// The words of commands, as a shell sees them; nothing else may run.
#[cfg(unix)]
fn words(shell: &str, commands: &[String]) -> Vec<Vec<String>> {
    let dir = tempfile::tempdir().expect("a directory");
    let stub = "n=0\nACCOUNT_ID=123456789012\naws() { n=$((n + 1)); printf '%s\\0' \"$@\" > out.$n; }\n";
    std::fs::write(dir.path().join("script"), format!("{stub}{}\n", commands.join("\n"))).expect("written");
    let said =
        std::process::Command::new(shell).arg("script").current_dir(dir.path()).output().expect("it runs");
    assert!(said.status.success() && said.stderr.is_empty(), "{shell}: {commands:?}\n{said:?}");
    assert!(!dir.path().join("canary").exists(), "{shell}: something ran\n{commands:?}");
    let read = |n: usize| std::fs::read(dir.path().join(format!("out.{n}"))).expect("it ran");
    let split = |out: Vec<u8>| {
        String::from_utf8(out).expect("text").split_terminator('\0').map(str::to_owned).collect()
    };
    (1..=commands.len()).map(|n| split(read(n))).collect()
}

/// The words that a command should have. What it looks up is nothing here, and words of ours are any.
#[cfg(unix)]
fn meant(line: &Line) -> Vec<Option<String>> {
    let mut words: Vec<_> = line.head.split(' ').skip(1).map(|word| Some(word.to_owned())).collect();
    for (name, values) in &line.options {
        words.push(Some(format!("--{name}")));
        for value in values {
            match value {
                Word::Value(value) | Word::Row(value) if values.len() == 1 && value.starts_with('-') => {
                    words.pop();
                    words.push(Some(format!("--{name}={value}")));
                }
                Word::Value(value) | Word::Row(value) => words.push(Some(value.clone())),
                Word::Answer(_) => words.push(Some(String::new())),
                Word::Ours(_) => words.push(None),
            }
        }
    }
    words
}

#[cfg(unix)]
#[test]
fn commands_of_every_kind_are_words_and_run_nothing() {
    use crate::action::{Action, Planned};
    for hostile in HOSTILE.into_iter().chain(["--dry-run", "a' --x 'b", "-----BEGIN PRIVATE KEY-----'"]) {
        let text = serde_json::Value::from(hostile);
        let field = |field: &serde_json::Value| match field["type"].as_str() {
            Some("string") => text.clone(),
            Some("array") => serde_json::json!([text, text]),
            Some("object") => serde_json::json!({"p": text}),
            _ => 7.into(),
        };
        let mut lines = Vec::new();
        for kind in Action::KINDS {
            let schema = Action::schema(kind).expect("a kind");
            let fields = schema.get("properties").and_then(serde_json::Value::as_object).expect("fields");
            let mut request: serde_json::Map<_, _> =
                fields.iter().map(|(name, schema)| (name.clone(), field(schema))).collect();
            request.insert("kind".into(), (*kind).into());
            let session = SessionId::from_bytes([1; 8]);
            let [step, owner, cohort] = [(); 3].map(|()| hostile.to_owned());
            let tags = Tags { session, step, owner, cohort, expires_at: jiff::Timestamp::UNIX_EPOCH };
            let action: Action = serde_json::from_value(request.into()).expect("a request");
            let planned = Planned::new("n", action, tags);
            lines.extend(std::iter::once(planned.line()).chain(planned.action.undo_line(hostile)));
        }
        let own: Vec<String> = lines.iter().map(|line| line.end(None)).collect();
        let others = Copied { endpoint: Some("http://x"), without: Some("123456789012") };
        let others: Vec<String> = lines.iter().map(|line| line.copied(others)).collect();
        for shell in ["sh", "bash", "dash"] {
            for ((line, command), said) in lines.iter().zip(&own).zip(words(shell, &own)) {
                let meant = meant(line);
                assert_eq!(said.len(), meant.len(), "{shell}\n{command}");
                for (said, meant) in said.iter().zip(meant) {
                    assert!(meant.is_none_or(|meant| meant == *said), "{shell}: {said:?}\n{command}");
                }
            }
            for (line, said) in lines.iter().zip(words(shell, &others)) {
                assert!(said.len() >= meant(line).len(), "{said:?}");
                assert_eq!(&said[said.len() - 2..], ["--endpoint-url", "http://x"]);
            }
        }
    }
}
