//! The bytes of a presigned call, signed by aws-sigv4 and spoilt in the way that is asked for.

use super::keys::{KEY, SECRET, Signing};
use crate::{
    protocol::{
        presigned::tests::{Asked, presign},
        sigv4,
    },
    services::{ALL, service::Wire},
};
use jiff::SignedDuration;
use std::fmt::Write as _;

/// The bytes of a call, and its date: a form by GET, JSON by POST.
pub(super) fn request(
    address: &str,
    service: &str,
    operation: &str,
    parameters: &str,
    signing: &Signing,
) -> (Vec<u8>, String) {
    let how = signing.how.trim_start_matches("presigned").trim_start_matches('-');
    let (expires, age) = if how == "old" { (60, 61) } else { (900, 0) };
    let time = jiff::Timestamp::now() - SignedDuration::from_secs(age);
    let (method, query, body, headers) = asked(address, service, operation, parameters);
    let pairs: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let asked =
        Asked { method, headers: &pairs, body: body.as_bytes(), service, region: "us-east-1", time, expires };
    let keys = match &signing.role {
        Some((id, secret, token)) if how == "role" => (id.as_str(), secret.as_str(), Some(token.as_str())),
        _ => (KEY, if how == "wrong" { "another" } else { SECRET }, None),
    };
    let query = spoilt(how, presign(&query, asked, keys));
    let mut request = format!("{method} /?{query} HTTP/1.1\r\n");
    for (name, value) in &headers {
        let _ = write!(request, "{name}: {value}\r\n");
    }
    if how == "twice" {
        request += "authorization: AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request\r\n";
    }
    let _ = write!(request, "content-length: {}\r\nconnection: close\r\n\r\n{body}", body.len());
    (request.into_bytes(), sigv4::write_stamp(time))
}

type Unsigned = (&'static str, String, String, Vec<(&'static str, String)>);

/// Method, query, body and headers before they are signed.
fn asked(address: &str, service: &str, operation: &str, parameters: &str) -> Unsigned {
    let host = ("host", address.to_owned());
    match &ALL.by_name(service).unwrap().wire {
        Wire::Form(form) => {
            let query = format!("Action={operation}&Version={}&{parameters}", form.version);
            ("GET", query, String::new(), vec![host])
        }
        Wire::Json(json) => {
            let target = ("x-amz-target", format!("{}.{operation}", json.target));
            let kind = ("content-type", "application/x-amz-json-1.1".to_owned());
            ("POST", String::new(), parameters.to_owned(), vec![kind, host, target])
        }
    }
}

fn spoilt(how: &str, query: String) -> String {
    let without = |name: &str| {
        let kept: Vec<&str> = query.split('&').filter(|pair| !pair.starts_with(name)).collect();
        kept.join("&")
    };
    match how {
        "week" => query.replace("X-Amz-Expires=900", "X-Amz-Expires=604801"),
        "algorithm" => query.replace("HMAC-SHA256", "HMAC-SHA1"),
        "nothing" => without("X-Amz-D"),
        "added" => format!("{query}&DryRun=true"),
        _ => query,
    }
}
