use super::*;
use hyper::{HeaderMap, Request};

const BODY: &[u8] = b"Action=DescribeVpcs&Version=2016-11-15";

fn key() -> Key {
    Key { secret: "secret".into(), session: None, caller: Caller::Root }
}

/// A request that aws-sigv4 itself signed, with or without a session token.
fn signed(time: Timestamp, token: Option<&str>, region: &str, service: &str) -> Parts {
    let mut headers = HeaderMap::new();
    headers.insert("host", "127.0.0.1:9999".parse().unwrap());
    headers.insert("content-type", "application/x-www-form-urlencoded; charset=utf-8".parse().unwrap());
    headers.insert("x-amz-date", write_stamp(time).parse().unwrap());
    if let Some(token) = token {
        headers.insert("x-amz-security-token", token.parse().unwrap());
    }
    let pairs: Vec<(&str, &str)> = headers.iter().map(|(n, v)| (n.as_str(), v.to_str().unwrap())).collect();
    let identity = identity("AKIDEXAMPLE", "secret");
    let (_, authorization) = signature("POST", "/", &pairs, BODY, &identity, region, service, time).unwrap();
    headers.insert("authorization", authorization.parse().unwrap());
    let (mut parts, ()) = Request::post("/").body(()).unwrap().into_parts();
    parts.headers = headers;
    parts
}

fn check(parts: &Parts, body: &[u8], key: Option<&Key>, now: Timestamp) -> Result<Caller, Fault> {
    let claim = Claim::read(parts)?;
    let key = key.filter(|_| claim.key_id == "AKIDEXAMPLE");
    claim.check(parts, body, key, Some("ec2"), "us-east-1", now)
}

#[test]
fn accepts_a_true_signature() {
    let now = Timestamp::now();
    assert_eq!(check(&signed(now, None, "us-east-1", "ec2"), BODY, Some(&key()), now), Ok(Caller::Root));
}

#[test]
fn refuses_what_was_changed_after_signing() {
    let now = Timestamp::now();
    let good = signed(now, None, "us-east-1", "ec2");
    assert_eq!(check(&good, b"Action=DescribeSubnets", Some(&key()), now), Err(Fault::Mismatch));
    let other = Key { secret: "other".into(), ..key() };
    assert_eq!(check(&good, BODY, Some(&other), now), Err(Fault::Mismatch));
    assert_eq!(check(&good, BODY, None, now), Err(Fault::UnknownKey));
    let mut host = good.clone();
    host.headers.insert("host", "example.com".parse().unwrap());
    assert_eq!(check(&host, BODY, Some(&key()), now), Err(Fault::Mismatch));
    let mut path = good.clone();
    path.uri = "/other".parse().unwrap();
    assert_eq!(check(&path, BODY, Some(&key()), now), Err(Fault::Mismatch));
    let mut target = good;
    target.headers.insert("x-amz-target", "AmazonSSM.PutParameter".parse().unwrap());
    assert_eq!(
        check(&target, BODY, Some(&key()), now),
        Err(Fault::Mismatch),
        "an unsigned target counts for nothing"
    );
}

/// Every letter and digit of what is signed and of the signature, in the other case and as another one.
#[test]
fn refuses_every_change_of_one_letter() {
    let now = Timestamp::now();
    let good = signed(now, None, "us-east-1", "ec2");
    let mut changes = 0;
    for name in ["authorization", "content-type", "host", "x-amz-date"] {
        let text = good.headers[name].to_str().unwrap();
        for (at, old) in text.char_indices().filter(|(_, c)| c.is_ascii_alphanumeric()) {
            let other_case =
                if old.is_ascii_lowercase() { old.to_ascii_uppercase() } else { old.to_ascii_lowercase() };
            let another = if old == '7' { '3' } else { '7' };
            for new in [other_case, another].into_iter().filter(|new| *new != old) {
                let mut changed = text.to_owned();
                changed.replace_range(at..=at, &new.to_string());
                let mut parts = good.clone();
                parts.headers.insert(name, changed.parse().unwrap());
                assert!(check(&parts, BODY, Some(&key()), now).is_err(), "{name}: {changed}");
                changes += 1;
            }
        }
    }
    assert!(changes > 350, "{changes}");
}

#[test]
fn refuses_old_and_future_dates() {
    let now = Timestamp::now();
    let minutes = SignedDuration::from_mins;
    let old = check(&signed(now - minutes(16), None, "us-east-1", "ec2"), BODY, Some(&key()), now);
    assert!(matches!(&old, Err(Fault::TooOld(text)) if text.starts_with("Signature expired: ")), "{old:?}");
    let new = check(&signed(now + minutes(16), None, "us-east-1", "ec2"), BODY, Some(&key()), now);
    assert!(matches!(new, Err(Fault::TooNew(_))));
    assert!(check(&signed(now - minutes(14), None, "us-east-1", "ec2"), BODY, Some(&key()), now).is_ok());
}

#[test]
fn refuses_another_region_or_service() {
    let now = Timestamp::now();
    for (region, service) in [("eu-west-1", "ec2"), ("us-east-1", "rds")] {
        let fault = check(&signed(now, None, region, service), BODY, Some(&key()), now);
        assert!(matches!(fault, Err(Fault::Unfit(_))), "{region} {service}");
    }
}

#[test]
fn session_tokens_must_come_along_and_last() {
    let now = Timestamp::now();
    let role = |ends| Key {
        session: Some(("token".into(), ends)),
        caller: Caller::Role { role: "app".into(), instance: "i-1".into() },
        ..key()
    };
    let later = now + SignedDuration::from_hours(1);
    let with = signed(now, Some("token"), "us-east-1", "ec2");
    assert!(matches!(check(&with, BODY, Some(&role(later)), now), Ok(Caller::Role { .. })));
    assert_eq!(check(&with, BODY, Some(&role(now)), now), Err(Fault::ExpiredToken));
    let without = signed(now, None, "us-east-1", "ec2");
    assert_eq!(check(&without, BODY, Some(&role(later)), now), Err(Fault::UnknownKey));
}

#[test]
fn says_what_is_missing_in_the_header() {
    let (mut parts, ()) = Request::post("/").body(()).unwrap().into_parts();
    assert_eq!(Claim::read(&parts).unwrap_err(), Fault::NoCredentials);
    parts.headers.insert("authorization", "AWS4-HMAC-SHA256 Credential=a".parse().unwrap());
    let Fault::Malformed(text) = Claim::read(&parts).unwrap_err() else { panic!("not malformed") };
    assert_eq!(
        text,
        "Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' \
         parameter. Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. \
         Authorization=AWS4-HMAC-SHA256 Credential=a"
    );
    for bad in [
        "Bearer x",
        "AWS4-HMAC-SHA256 nonsense",
        "AWS4-HMAC-SHA256 Credential=a/b,Signature=x,SignedHeaders=h",
    ] {
        parts.headers.insert("authorization", bad.parse().unwrap());
        parts.headers.insert("x-amz-date", "x".parse().unwrap());
        assert!(matches!(Claim::read(&parts), Err(Fault::Malformed(_))), "{bad}");
    }
}
