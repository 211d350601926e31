//! The envelopes and headers of answers (docs/aws-errors.md, "Envelopes and headers").

use super::Protocol;
use super::sigv4::Fault;
use crate::{
    model::{error::ApiError, node::Node},
    protocol::{cbor, xml},
    system::ids,
};
use http_body_util::Full;
use hyper::{Response, StatusCode, body::Bytes};
use serde_json::{Value, json};

/// An answer, complete in memory.
pub(crate) type Answer = Response<Full<Bytes>>;

/// The namespace of errors raised before a service is chosen.
const FAULT_NAMESPACE: &str = "http://webservices.amazon.com/AWSFault/2005-15-09";

/// A successful answer of a query service: the children of `<{action}Result>`, or of `<{action}Response>` for EC2.
pub(crate) fn success(protocol: Protocol, namespace: &'static str, action: &str, result: Node) -> Answer {
    let request_id = ids::uuid();
    let root = Node::new(format!("{action}Response"));
    let document = if protocol == Protocol::Ec2 {
        root.leaf("requestId", &request_id).children(result.into_children())
    } else {
        root.child(result.renamed(format!("{action}Result")))
            .child(Node::new("ResponseMetadata").leaf("RequestId", &request_id))
    };
    respond(protocol, 200, xml::document(&document, namespace).into_bytes(), &request_id)
}

/// A successful answer of a JSON service.
pub(crate) fn success_value(protocol: Protocol, value: &Value) -> Answer {
    respond(protocol, 200, encode(protocol, value), &ids::uuid())
}

/// What a refusal's envelope takes from its service.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Own {
    /// Of its XML answers; empty where there are none.
    pub(crate) namespace: &'static str,
    /// The exceptions whose text is called `Message`; all others say `message`.
    pub(crate) capital: &'static [&'static str],
}

/// A refusal.
pub(crate) fn refusal(protocol: Protocol, own: Own, error: &ApiError) -> Answer {
    let request_id = ids::uuid();
    let message = error.message.as_deref().unwrap_or_default();
    // The sandbox's own failures go by the name that each kind of service has for its own.
    let code = match (error.code.as_ref(), protocol) {
        ("InternalFailure", Protocol::Ec2) => "InternalError",
        ("InternalFailure", Protocol::Json | Protocol::Cbor) => "InternalServerError",
        (code, _) => code,
    };
    let body = match protocol {
        Protocol::Ec2 => {
            let error = Node::new("Error").leaf("Code", code).leaf("Message", message);
            let document =
                Node::new("Response").child(Node::new("Errors").child(error)).leaf("RequestID", &request_id);
            xml::document(&document, "").into_bytes()
        }
        Protocol::Query => {
            let kind = if error.status >= 500 { "Receiver" } else { "Sender" };
            let known = !own.namespace.is_empty() && error.code != "InvalidAction";
            let document = Node::new("ErrorResponse")
                .child(Node::new("Error").leaf("Type", kind).leaf("Code", code).leaf("Message", message))
                .leaf("RequestId", &request_id);
            xml::document(&document, if known { own.namespace } else { FAULT_NAMESPACE }).into_bytes()
        }
        Protocol::Json | Protocol::Cbor => {
            let mut body = json!({"__type": code});
            if let Some(message) = &error.message {
                let capital = own.capital.contains(&code);
                body[if capital { "Message" } else { "message" }] = json!(message);
            }
            encode(protocol, &body)
        }
    };
    respond(protocol, error.status, body, &request_id)
}

fn encode(protocol: Protocol, value: &Value) -> Vec<u8> {
    if protocol == Protocol::Cbor { cbor::write(value) } else { value.to_string().into_bytes() }
}

fn respond(protocol: Protocol, status: u16, body: Vec<u8>, request_id: &str) -> Answer {
    let content_type = match protocol {
        Protocol::Ec2 => "text/xml;charset=UTF-8",
        Protocol::Query => "text/xml",
        Protocol::Json => "application/x-amz-json-1.1",
        Protocol::Cbor => "application/cbor",
    };
    let mut answer = Response::new(Full::new(Bytes::from(body)));
    *answer.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = answer.headers_mut();
    headers.insert("content-type", hyper::header::HeaderValue::from_static(content_type));
    if let Ok(value) = request_id.parse() {
        headers.insert("x-amzn-requestid", value);
    }
    if protocol == Protocol::Ec2 {
        headers.insert("server", hyper::header::HeaderValue::from_static("AmazonEC2"));
    }
    if protocol == Protocol::Cbor {
        headers.insert("smithy-protocol", hyper::header::HeaderValue::from_static("rpc-v2-cbor"));
    }
    answer
}

/// The words and status for a bad signature (docs/aws-errors.md, "Common errors").
pub(crate) fn signature_refusal(protocol: Protocol, fault: Fault) -> ApiError {
    match protocol {
        Protocol::Ec2 => ec2(&fault),
        Protocol::Query => query(fault),
        Protocol::Json | Protocol::Cbor => json_code(query(fault)),
    }
}

fn ec2(fault: &Fault) -> ApiError {
    match fault {
        Fault::NoCredentials => {
            ApiError::new("MissingAuthenticationToken", 403, "Request is missing Authentication Token")
        }
        Fault::TooOld(_) | Fault::ExpiredToken => ApiError::bad("RequestExpired", "Request has expired."),
        _ => {
            ApiError::new("AuthFailure", 401, "AWS was not able to validate the provided access credentials")
        }
    }
}

fn query(fault: Fault) -> ApiError {
    let invalid = |text: String| ApiError::new("SignatureDoesNotMatch", 403, text);
    match fault {
        Fault::NoCredentials => {
            ApiError::new("MissingAuthenticationToken", 403, "Request is missing Authentication Token")
        }
        Fault::Malformed(text) => ApiError::bad("IncompleteSignature", text),
        Fault::UnknownKey => ApiError::new(
            "InvalidClientTokenId",
            403,
            "The security token included in the request is invalid.",
        ),
        Fault::ExpiredToken => {
            ApiError::new("ExpiredToken", 403, "The security token included in the request is expired")
        }
        Fault::TooOld(text) | Fault::TooNew(text) | Fault::Unfit(text) => invalid(text),
        Fault::Mismatch => invalid(
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret \
             Access Key and signing method. Consult the service documentation for details."
                .into(),
        ),
    }
}

/// JSON services use other codes, always with status 400.
fn json_code(error: ApiError) -> ApiError {
    let (code, message) = match error.code.as_ref() {
        "MissingAuthenticationToken" => {
            ("MissingAuthenticationTokenException", Some("Missing Authentication Token".to_owned()))
        }
        "IncompleteSignature" => ("IncompleteSignatureException", error.message),
        "InvalidClientTokenId" => ("UnrecognizedClientException", error.message),
        "ExpiredToken" => ("ExpiredTokenException", error.message),
        _ => ("InvalidSignatureException", error.message),
    };
    ApiError { code: code.into(), status: 400, message }
}
