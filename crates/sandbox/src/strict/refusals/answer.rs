//! The answers: their envelopes, and what an entry expects of them.

use super::stage::Stage;
use crate::{
    protocol::Protocol,
    services::service::{Service, Wire},
    strict::door::{Answer, tag},
};

/// SSM's exceptions whose text is called `Message` (docs/aws-errors.md, "Envelopes and headers").
const CAPITAL: [&str; 6] = [
    "InvalidDocument",
    "InvalidInstanceId",
    "InvalidParameters",
    "MaxDocumentSizeExceeded",
    "InternalServerError",
    "ThrottlingException",
];

/// Code and text of a refusal, after a look at the envelope and the headers around them.
fn refusal(service: &Service, answer: &Answer) -> (String, Option<String>) {
    let id =
        answer.head.lines().find_map(|line| line.strip_prefix("x-amzn-requestid: ")).expect("a request id");
    let kind = |wanted: &str| {
        assert!(answer.head.contains(&format!("content-type: {wanted}\r\n")), "{}", answer.head);
    };
    assert!(answer.head.contains("date: "), "{}", answer.head);
    let body = answer.body.as_str();
    match &service.wire {
        Wire::Form(form) if form.protocol == Protocol::Ec2 => {
            kind("text/xml;charset=utf-8");
            assert!(answer.head.contains("server: amazonec2"), "{}", answer.head);
            let start = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response>\n  <Errors>\n    <Error>\n      <Code>";
            assert!(body.starts_with(start) && !body.contains("<Type>"), "{body}");
            assert_eq!(tag(body, "RequestID").as_deref(), Some(id));
            (tag(body, "Code").unwrap(), tag(body, "Message"))
        }
        Wire::Form(form) => {
            kind("text/xml");
            let code = tag(body, "Code").unwrap();
            let namespace = if code == "InvalidAction" {
                "http://webservices.amazon.com/AWSFault/2005-15-09"
            } else {
                form.namespace
            };
            // Where nothing says whose signature it is, no service is known yet.
            let unsigned = code == "MissingAuthenticationToken"
                || code == "IncompleteSignature"
                || body.contains("<Message>Found both ");
            assert!(body.contains(&format!("<ErrorResponse xmlns=\"{namespace}\">")) || unsigned, "{body}");
            let side = if answer.status >= 500 { "Receiver" } else { "Sender" };
            assert_eq!(tag(body, "Type").as_deref(), Some(side), "{body}");
            assert_eq!(tag(body, "RequestId").as_deref(), Some(id));
            (code, tag(body, "Message"))
        }
        Wire::Json(_) => {
            kind("application/x-amz-json-1.1");
            let value: serde_json::Value = serde_json::from_str(body).expect(body);
            let code = value["__type"].as_str().expect(body).to_owned();
            let member = if CAPITAL.contains(&code.as_str()) || code == "ValidationException" {
                "Message"
            } else {
                "message"
            };
            assert_eq!(value.as_object().unwrap().len(), 1 + usize::from(!value[member].is_null()), "{body}");
            (code, value[member].as_str().map(str::to_owned))
        }
    }
}

/// Compares an answer with a `<` line.
pub(super) fn check(name: &str, stage: &Stage<'_>, service: &Service, answer: &Answer, expected: &str) {
    let mut words = expected.splitn(3, ' ');
    let status: u16 = words.next().unwrap().parse().unwrap();
    assert_eq!(answer.status, status, "{name}: {}", answer.body);
    if status == 200 {
        let wanted = stage.filled(expected.split_once(' ').unwrap().1);
        match wanted.strip_prefix('!') {
            Some(absent) => assert!(!answer.body.contains(absent), "{name}: {}", answer.body),
            None => assert!(answer.body.contains(&wanted), "{name}: {}", answer.body),
        }
        return;
    }
    let (code, message) = refusal(service, answer);
    assert_eq!(code, words.next().unwrap(), "{name}: {}", answer.body);
    match words.next() {
        None => {}
        Some("-") => assert_eq!(message, None, "{name}"),
        Some(wanted) => {
            let (wanted, message) = (stage.filled(wanted), message.unwrap_or_default());
            match wanted.strip_prefix('~') {
                Some(part) => assert!(message.contains(part), "{name}: {message}"),
                None => assert_eq!(message, wanted, "{name}"),
            }
        }
    }
}
