//! Takes out of a text what must not be passed on: secrets of every shape that we know, and account numbers. For
//! reports, transcripts and logs. Nothing of ours writes secrets there; this is the second net.

use regex_lite::{Captures, Regex};
use std::borrow::Cow;
use std::sync::LazyLock;

/// Stands where something was taken out.
pub const MASK: &str = "[redacted]";

/// A value: what stands between quotes, plain or written in JSON or XML, to the quote that closes it; else all up to a blank,
/// for a secret may have any other character.
const VALUE: &str =
    r#"(?:\\"(?:[^"\\]|\\[^"])*\\"|"(?:[^"\\]|\\.)*"|'[^']*'|&quot;[^&]*(?:&[^q][^&]*)*&quot;|\S+)"#;
/// A value after the name of a secret: `"password":"x"`, `AUTH_TOKEN=x`, `secret_access_key = x`.
static NAMED: LazyLock<Regex> = LazyLock::new(|| {
    let kinds = "password|passwd|passphrase|secret|(?:auth|session|security|metadata)[_-]?token|access[_-]?key|authorization|credential";
    compile(&format!(
        r#"(?i)((?:[a-z0-9_-]*(?:{kinds})[a-z0-9_-]*|[a-z0-9_-]+_(?:pwd|auth)|\btoken)(?:\\?["']|&quot;)?\s*(?:[:=]|%3d)\s*)({VALUE})"#
    ))
});
/// The same after an option: `--password x`.
static OPTION: LazyLock<Regex> = LazyLock::new(|| {
    compile(&format!(
        r"(--(?:[a-z-]*(?:password|passwd|passphrase|secret)|auth-token|token-code)\s+)({VALUE})"
    ))
});
/// The path of a secret, a command that reads it, a variable's name, and what stands for a value are no secrets; nor is the
/// option after one that takes no value. A value that only begins like one of them is a secret.
static HARMLESS: LazyLock<Regex> = LazyLock::new(|| {
    compile(
        r"^(?:/recipe-walk/rw-[a-z0-9]+/[a-z0-9-]+|\$\(aws(?: [^;|&`$()<>]*\))?|\$\{?[A-Z_][A-Z0-9_]*\}?|`aws|--[a-z-]+|\[redacted\].*)$",
    )
});
/// A signature header with its parts.
static SIGNATURE: LazyLock<Regex> =
    LazyLock::new(|| compile(r"(AWS4-HMAC-SHA256\s+|Bearer\s+|Basic\s+)[A-Za-z0-9+/=_.,:\s-]+"));
/// User and password in a URL: a password that holds `/` or `@` ends at the last of them.
static IN_URL: LazyLock<Regex> =
    LazyLock::new(|| compile(r#"(?i)([a-z][a-z0-9+.-]*://[^/\s:@]*:)[^\s"'<>]+@"#));
/// A private key.
static PRIVATE_KEY: LazyLock<Regex> = LazyLock::new(|| {
    compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)")
});
/// An access key id.
static KEY_ID: LazyLock<Regex> =
    LazyLock::new(|| compile(r"\b(AKIA|ASIA|AROA|AIDA|AGPA|ANPA|ABIA|ACCA)[A-Z0-9]{12,}\b"));

fn compile(pattern: &str) -> Regex {
    // The tests below use every one of them.
    Regex::new(pattern).expect("the pattern is sound")
}

/// The text without secrets.
pub fn secrets(text: &str) -> Cow<'_, str> {
    let mut text = Cow::Borrowed(text);
    let masked = format!("${{1}}{MASK}");
    replace(&mut text, &PRIVATE_KEY, MASK);
    replace(&mut text, &SIGNATURE, masked.as_str());
    replace(&mut text, &IN_URL, format!("${{1}}{MASK}@").as_str());
    replace(&mut text, &KEY_ID, masked.as_str());
    for pattern in [&NAMED, &OPTION] {
        if pattern.is_match(&text) {
            let named = pattern.replace_all(&text, |found: &Captures<'_>| {
                let (quotes, value) = unquoted(&found[2]);
                if HARMLESS.is_match(value) {
                    found[0].to_owned()
                } else {
                    format!("{}{quotes}{MASK}{quotes}", &found[1])
                }
            });
            text = Cow::Owned(named.into_owned());
        }
    }
    text
}

/// A value's quotes, where it has any, and what is between them.
fn unquoted(value: &str) -> (&str, &str) {
    for quote in ["\\\"", "&quot;", "\"", "'"] {
        if let Some(inner) = value.strip_prefix(quote) {
            return (quote, inner.strip_suffix(quote).unwrap_or(inner));
        }
    }
    ("", value)
}

fn replace(text: &mut Cow<'_, str>, pattern: &Regex, with: &str) {
    if pattern.is_match(text) {
        *text = Cow::Owned(pattern.replace_all(text, with).into_owned());
    }
}

/// An account's number, all but its last four digits.
pub fn masked_account(number: &str) -> String {
    let digits = number.chars().count();
    number.chars().enumerate().map(|(i, c)| if i + 4 < digits { 'x' } else { c }).collect()
}

/// The text without secrets and with the account's number masked.
pub fn for_others(text: &str, account: &str) -> String {
    let text = secrets(text);
    if account.len() < 6 { text.into_owned() } else { text.replace(account, &masked_account(account)) }
}

/// The same for every text in a JSON value.
pub fn value_for_others(value: &mut serde_json::Value, account: &str) {
    match value {
        serde_json::Value::String(text) => *text = for_others(text, account),
        serde_json::Value::Array(list) => {
            for v in list {
                value_for_others(v, account);
            }
        }
        serde_json::Value::Object(map) => {
            for v in map.values_mut() {
                value_for_others(v, account);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_of_every_shape_are_taken_out() {
        for (text, gone) in [
            (r#"{"password":"hunter2hunter2"}"#, "hunter2"),
            ("AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG next", "wJalrXUtn"),
            ("secret_access_key = abc/def+ghi", "abc/def"),
            ("auth_token: s3cr3t", "s3cr3t"),
            ("X-Amz-Security-Token=FwoGZXIvYXdzE&x=1", "FwoGZX"),
            ("scheme://admin:pa55word@127.0.0.1:3306/x", "pa55word"),
            ("key AKIAIOSFODNN7EXAMPLE used", "IOSFODNN7"),
            (
                "authorization: AWS4-HMAC-SHA256 Credential=AKIA/x, SignedHeaders=host, Signature=fe5f80f7",
                "fe5f80f7",
            ),
            ("AWS_SECRET_ACCESS_KEY=/wJalrXUtnFEMI/K7MDENG", "wJalrXUtn"),
            ("password=/recipe-walk/but-not-a-path!", "but-not"),
            ("password: $ecret-of-mine", "ecret-of"),
            ("db_password='`id`-is-in-it'", "is-in-it"),
            ("auth_token=[abcdef]", "abcdef"),
            ("password=ab,HUNTER", "HUNTER"),
            ("password=a}HUNTER", "HUNTER"),
            ("password=a&HUNTER;x", "HUNTER"),
            ("password=,HUNTER", "HUNTER"),
            ("password='it HUNTER'", "HUNTER"),
            ("password=\"two HUNTER\"", "HUNTER"),
            ("password=&quot;two &lt;HUNTER&quot;", "HUNTER"),
            (r#"{"password":"a\"HUNTER"}"#, "HUNTER"),
            (r#"{\"password\":\"two HUNTER\"}"#, "HUNTER"),
            ("password%3DHUNTER", "HUNTER"),
            ("client --password HUNTER", "HUNTER"),
            ("--auth-token HUNTER", "HUNTER"),
            ("DB_PWD=HUNTER CLIENT_AUTH=HUNTER", "HUNTER"),
            ("token=HUNTER", "HUNTER"),
            ("passphrase: HUNTER", "HUNTER"),
            ("\"x-aws-ec2-metadata-token\": \"HUNTER\"", "HUNTER"),
            ("scheme://u:a/HUNTER@h/x", "HUNTER"),
            ("HTTP://u:HUNTER@h", "HUNTER"),
            ("http://u:a@HUNTER@h", "HUNTER"),
            ("-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----", "MIIEow"),
        ] {
            let said = secrets(text);
            assert!(!said.contains(gone) && said.contains(MASK), "{said}");
        }
    }

    #[test]
    fn names_paths_and_commands_of_secrets_stay() {
        for text in [
            "--auth-token \"$(aws ssm get-parameter --name /recipe-walk/rw-x/auth-token)\"",
            "db-password=/recipe-walk/rw-abcdefgh/db-password",
            "export AWS_SECRET_ACCESS_KEY=$KEY",
            "secret /recipe-walk/rw-abcdefgh/auth-token",
            "12 requests/s, p99 3.2 ms",
            "--auth-token \"$(aws ssm get-parameter --name '/recipe-walk/rw-x/a' --query 'Parameter.Value')\" --port 6379",
            "--master-user-password \"$(aws ssm get-parameter --with-decryption)\"",
            "--auth-token-update-strategy SET",
            "--manage-master-user-password --port 3306",
            "http://127.0.0.1:4566/x",
        ] {
            assert_eq!(secrets(text), text);
        }
    }

    #[test]
    fn an_account_keeps_its_last_four_digits() {
        let text = "arn:aws:ssm:us-east-1:123456789012:parameter/x";
        assert_eq!(for_others(text, "123456789012"), "arn:aws:ssm:us-east-1:xxxxxxxx9012:parameter/x");
        assert_eq!(for_others("nothing", ""), "nothing");
        let mut value = serde_json::json!({"a": ["123456789012", 1], "b": {"c": "password=x"}});
        value_for_others(&mut value, "123456789012");
        assert_eq!(value, serde_json::json!({"a": ["xxxxxxxx9012", 1], "b": {"c": "password=[redacted]"}}));
    }
}
