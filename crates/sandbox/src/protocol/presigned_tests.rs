use super::encoded;
use crate::{
    model::caller::Caller,
    protocol::sigv4::{self, Claim, Fault, Key},
};
use aws_credential_types::Credentials;
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SignatureLocation, SigningSettings, sign},
    sign::v4,
};
use hyper::{Request, http::request::Parts};
use jiff::{SignedDuration, Timestamp};
use std::{fmt::Write as _, time::Duration};

const QUERY: &str = "Action=DescribeVpcs&Version=2016-11-15";

/// What is signed beside the query.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) method: &'a str,
    pub(crate) headers: &'a [(&'a str, &'a str)],
    pub(crate) body: &'a [u8],
    pub(crate) service: &'a str,
    pub(crate) region: &'a str,
    pub(crate) time: Timestamp,
    /// Seconds.
    pub(crate) expires: u64,
}

/// A query that aws-sigv4 has signed, with access key id, secret and session token.
pub(crate) fn presign(query: &str, asked: Asked<'_>, keys: (&str, &str, Option<&str>)) -> String {
    let mut settings = SigningSettings::default();
    settings.signature_location = SignatureLocation::QueryParams;
    settings.expires_in = Some(Duration::from_secs(asked.expires));
    settings.excluded_headers = Some(Vec::new());
    let identity = Credentials::new(keys.0, keys.1, keys.2.map(str::to_owned), None, "tests").into();
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(asked.region)
        .name(asked.service)
        .time(asked.time.into())
        .settings(settings)
        .build()
        .unwrap()
        .into();
    let uri = format!("http://x/?{query}");
    let headers = asked.headers.iter().copied();
    let request = SignableRequest::new(asked.method, &uri, headers, SignableBody::Bytes(asked.body)).unwrap();
    let (instructions, _) = sign(request, &params).unwrap().into_parts();
    let mut out = query.to_owned();
    for (name, value) in instructions.params() {
        let _ = write!(out, "&{name}={}", encoded(value));
    }
    out
}

fn asked(time: Timestamp) -> Asked<'static> {
    Asked {
        method: "GET",
        headers: &[("host", "127.0.0.1:9")],
        body: b"",
        service: "ec2",
        region: "us-east-1",
        time,
        expires: 900,
    }
}

fn parts(query: &str, asked: &Asked<'_>) -> Option<Parts> {
    let mut request = Request::builder().method(asked.method).uri(format!("/?{query}"));
    for (name, value) in asked.headers {
        request = request.header(*name, *value);
    }
    Some(request.body(()).ok()?.into_parts().0)
}

/// Judges a query like the front door does, for a key without a session or with one.
fn judge(query: &str, asked: &Asked<'_>, token: Option<&str>, now: Timestamp) -> Result<Caller, Fault> {
    let session = token.map(|token| (token.to_owned(), now + SignedDuration::from_hours(1)));
    let key = Key { secret: "secret".into(), session, caller: Caller::Root };
    let parts = parts(query, asked).ok_or(Fault::NoCredentials)?;
    let claim = Claim::read(&parts)?;
    let key = Some(&key).filter(|_| claim.key_id == "AKID");
    claim.check(&parts, asked.body, key, Some("ec2"), "us-east-1", now)
}

fn minutes(count: i64) -> SignedDuration {
    SignedDuration::from_mins(count)
}

/// Odd values, headers, bodies and tokens: what the library signs is taken.
#[test]
fn agrees_with_aws_sigv4_on_every_mixture() {
    const VALUES: [&str; 9] = ["x", "a%20b", "a+b", "%2F%3D%26", "%C3%BC", "", "~._-", "%E2%82%AC", "a=b"];
    let now = Timestamp::now();
    let mut taken = 0;
    for value in VALUES {
        for method in ["GET", "POST"] {
            for odd in ["v", "a  b", " a ", "a\tb"] {
                for (body, token) in [(&b""[..], None), (b"Action=x", Some("to/ken+=="))] {
                    let headers = [("host", "127.0.0.1:9"), ("x-odd", odd)];
                    let asked = Asked { method, headers: &headers, body, ..asked(now) };
                    let query = format!("{QUERY}&Odd={value}&a.1={value}&A={value}");
                    let signed = presign(&query, asked, ("AKID", "secret", token));
                    let judged = judge(&signed, &asked, token, now);
                    assert_eq!(judged, Ok(Caller::Root), "{method} {signed} {odd:?}");
                    taken += 1;
                }
            }
        }
    }
    assert_eq!(taken, 144);
}

#[test]
fn refuses_every_change_of_one_letter_in_the_query() {
    let now = Timestamp::now();
    let asked = asked(now);
    let good = presign(QUERY, asked, ("AKID", "secret", None));
    assert!(judge(&good, &asked, None, now).is_ok());
    let mut changes = 0;
    for (at, old) in good.char_indices().filter(|(_, c)| c.is_ascii_alphanumeric()) {
        let case = if old.is_ascii_lowercase() { old.to_ascii_uppercase() } else { old.to_ascii_lowercase() };
        for new in [case, if old == '7' { '3' } else { '7' }].into_iter().filter(|new| *new != old) {
            let mut changed = good.clone();
            changed.replace_range(at..=at, &new.to_string());
            // `%2F` and `%2f` are one slash.
            let same = changed.eq_ignore_ascii_case(&good) && good[..at].ends_with("%2");
            assert_eq!(judge(&changed, &asked, None, now).is_ok(), same, "{changed}");
            changes += 1;
        }
    }
    assert!(changes > 350, "{changes}");
}

#[test]
fn refuses_another_method_body_host_or_parameter() {
    let now = Timestamp::now();
    let asked = asked(now);
    let good = presign(QUERY, asked, ("AKID", "secret", None));
    let other = |asked: Asked<'_>, query: &str| judge(query, &asked, None, now);
    assert_eq!(other(Asked { method: "POST", ..asked }, &good), Err(Fault::Mismatch));
    assert_eq!(other(Asked { body: b"DryRun=true", ..asked }, &good), Err(Fault::Mismatch));
    assert_eq!(other(Asked { headers: &[("host", "example.com")], ..asked }, &good), Err(Fault::Mismatch));
    assert_eq!(other(Asked { headers: &[], ..asked }, &good), Err(Fault::Mismatch));
    for target in [("x-amz-target", "AmazonSSM.GetParameter"), ("x-amz-date", "20261129T000000Z")] {
        let headers = [("host", "127.0.0.1:9"), target];
        assert_eq!(other(Asked { headers: &headers, ..asked }, &good), Err(Fault::Mismatch), "{target:?}");
    }
    assert_eq!(other(asked, &format!("{good}&DryRun=true")), Err(Fault::Mismatch));
    assert_eq!(other(asked, &good.replace("&Version=2016-11-15", "")), Err(Fault::Mismatch));
    let twice = other(asked, &format!("{good}&Action=DescribeSubnets"));
    assert_eq!(twice, Err(Fault::Malformed("'Action' stands twice in the query string.".into())));
    // The order of parameters is not signed, for it means nothing.
    let (first, rest) = good.split_once('&').unwrap();
    assert!(other(asked, &format!("{rest}&{first}")).is_ok());
}

#[test]
fn holds_as_long_as_it_says_up_to_fifteen_minutes() {
    let now = Timestamp::now();
    let seconds = SignedDuration::from_secs;
    for (expires, age, holds) in [
        (60, seconds(59), true),
        (60, seconds(61), false),
        (1, seconds(2), false),
        (900, minutes(14), true),
        (3600, minutes(14), true),
        (3600, minutes(16), false),
        (604_800, minutes(16), false),
    ] {
        let asked = Asked { expires, ..asked(now - age) };
        let signed = presign(QUERY, asked, ("AKID", "secret", None));
        let judged = judge(&signed, &asked, None, now);
        assert_eq!(judged.is_ok(), holds, "{expires} {age:?}: {judged:?}");
        let limit = if expires < 900 { format!(" - {expires} sec.)") } else { " - 15 min.)".into() };
        assert!(holds || matches!(judged, Err(Fault::TooOld(text)) if text.ends_with(&limit)));
    }
    let early = asked(now + minutes(16));
    let signed = presign(QUERY, early, ("AKID", "secret", None));
    assert!(matches!(judge(&signed, &early, None, now), Err(Fault::TooNew(_))));
}

/// AWS's own documentation of the parameters does not list it.
#[test]
fn needs_no_word_of_its_life() {
    let now = Timestamp::now();
    for (age, holds) in [(minutes(14), true), (minutes(16), false)] {
        let asked = asked(now - age);
        let with = presign(QUERY, asked, ("AKID", "secret", None));
        let without: Vec<&str> = with
            .split('&')
            .filter(|pair| !pair.starts_with("X-Amz-Expires") && !pair.starts_with("X-Amz-Signature"))
            .collect();
        let without = without.join("&");
        let signing = super::Presigned::read(&format!("{without}&X-Amz-Signature=x")).unwrap();
        let date = sigv4::write_stamp(asked.time)[..8].to_owned();
        let scope = super::Scope { secret: "secret", date: &date, region: "us-east-1", service: "ec2" };
        let unsigned = parts(&without, &asked).unwrap();
        let signature = signing.sign_again(&unsigned, b"", &["host".into()], scope).unwrap();
        let query = format!("{without}&X-Amz-Signature={signature}");
        assert_eq!(judge(&query, &asked, None, now).is_ok(), holds, "{age:?}");
        assert!(judge(&with.replace("&X-Amz-Expires=900", ""), &asked, None, now).is_err(), "signed with it");
    }
}

#[test]
fn session_token_is_part_of_the_query() {
    let now = Timestamp::now();
    let asked = asked(now);
    let signed = presign(QUERY, asked, ("AKID", "secret", Some("token")));
    assert!(judge(&signed, &asked, Some("token"), now).is_ok());
    assert_eq!(judge(&signed, &asked, Some("another"), now), Err(Fault::UnknownKey));
    assert_eq!(judge(&signed, &asked, None, now), Err(Fault::UnknownKey));
    let without = presign(QUERY, asked, ("AKID", "secret", None));
    assert_eq!(judge(&without, &asked, Some("token"), now), Err(Fault::UnknownKey));
}

#[test]
fn says_what_is_wrong_with_a_query() {
    let now = Timestamp::now();
    let asked = asked(now);
    let good = presign(QUERY, asked, ("AKID", "secret", None));
    let said = |query: &str| match judge(query, &asked, None, now) {
        Err(Fault::Malformed(text)) => text,
        other => panic!("{query}: {other:?}"),
    };
    let must = |name: &str| format!("AWS query-string parameters must include '{name}'. ");
    let all = ["X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date"].map(must).concat();
    let examine = "Re-examine the query-string parameters.";
    assert_eq!(said("X-Amz-Algorithm=AWS4-HMAC-SHA256"), format!("{all}{examine}"));
    assert_eq!(said("X-Amz-Algorithm"), format!("{}{all}{examine}", must("X-Amz-Algorithm")));
    assert_eq!(
        said(&good.replace("HMAC-SHA256", "HMAC-SHA1")),
        "Unsupported AWS 'algorithm': 'AWS4-HMAC-SHA1' (only AWS4-HMAC-SHA256 for now). "
    );
    assert!(said(&good.replace("%2Faws4_request", "")).starts_with("Credential must have exactly 5 slash-"));
    for (expires, text) in [
        (
            "604801",
            "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be \
                    less than 604800 seconds",
        ),
        ("0", "X-Amz-Expires must be at least one second"),
        ("-1", "X-Amz-Expires must be at least one second"),
        ("", "X-Amz-Expires should be a number"),
        ("0900", "X-Amz-Expires should be a number"),
        ("9e2", "X-Amz-Expires should be a number"),
        ("99999999999999999999", "X-Amz-Expires should be a number"),
    ] {
        assert_eq!(said(&good.replace("Expires=900", &format!("Expires={expires}"))), text, "{expires}");
    }
    let date = format!("X-Amz-Date={}", sigv4::write_stamp(now));
    assert!(said(&good.replace(&date, "X-Amz-Date=today")).starts_with("Date must be in ISO-8601"));
    // A query that says nothing of signing is unsigned.
    assert_eq!(judge("X-Amz-Signature=x", &asked, None, now), Err(Fault::NoCredentials));
}
