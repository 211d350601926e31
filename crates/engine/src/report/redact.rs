//! Takes out of a text what must not be passed on: secrets of every shape that we know, and account numbers. For
//! reports, transcripts and logs. Nothing of ours writes secrets there; this is the second net.

use regex_lite::{Captures, Regex};
use std::borrow::Cow;
use std::sync::LazyLock;

/// Stands where something was taken out.
pub const MASK: &str = "[redacted]";

/// A value after the name of a secret: `"password":"x"`, `AUTH_TOKEN=x`, `secret_access_key = x`.
static NAMED: LazyLock<Regex> = LazyLock::new(|| {
    compile(
        r#"(?i)([a-z0-9_-]*(?:password|passwd|secret|auth[_-]?token|session[_-]?token|security[_-]?token|access[_-]?key|authorization|credential)[a-z0-9_-]*["']?\s*[:=]\s*["']?)([^\s"',;&}]+)"#,
    )
});
/// The path of a secret, a command that reads it, a variable's name, and what stands for a value are no secrets. A value
/// that only begins like one of them is.
static HARMLESS: LazyLock<Regex> = LazyLock::new(|| {
    compile(
        r#"^(?:/recipe-walk/rw-[a-z0-9]+/[a-z0-9-]+$|(?:\\")?\$\(aws$|\$\{?[A-Z_][A-Z0-9_]*\}?$|`aws$|\[redacted\])"#,
    )
});
/// A signature header with its parts.
static SIGNATURE: LazyLock<Regex> =
    LazyLock::new(|| compile(r"(AWS4-HMAC-SHA256\s+|Bearer\s+|Basic\s+)[A-Za-z0-9+/=_.,:\s-]+"));
/// User and password in a URL.
static IN_URL: LazyLock<Regex> = LazyLock::new(|| compile(r"([a-z][a-z0-9+.-]*://[^/\s:@]*:)[^@\s/]+@"));
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
    if NAMED.is_match(&text) {
        let named = NAMED.replace_all(&text, |found: &Captures<'_>| {
            let value = &found[2];
            let harmless = HARMLESS.is_match(value);
            format!("{}{}", &found[1], if harmless { value } else { MASK })
        });
        text = Cow::Owned(named.into_owned());
    }
    text
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
