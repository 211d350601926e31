use super::Front;
use crate::protocol::sigv4;
use crate::{
    server::{
        ctx::Ctx,
        fault::{Fault, FaultKind},
    },
    services::{self, iam},
};
use http_body_util::{BodyExt as _, Full};
use hyper::{Request, body::Bytes};
use std::sync::Arc;

struct Sent<'a> {
    service: &'a str,
    headers: &'a [(&'a str, &'a str)],
    path: &'a str,
    body: &'a str,
    key: (&'a str, &'a str),
}

fn sent<'a>(service: &'a str, body: &'a str) -> Sent<'a> {
    Sent { service, headers: &[], path: "/", body, key: ("AKIDROOT", "secret") }
}

/// Signs and sends a request; returns status, content type and body.
async fn send(front: &Arc<Front>, sent: Sent<'_>) -> (u16, String, String) {
    let now = front.ctx.now();
    let stamp = sigv4::write_stamp(now);
    let mut headers = vec![("host", "localhost"), ("x-amz-date", stamp.as_str())];
    headers.extend(sent.headers);
    let identity = sigv4::identity(sent.key.0, sent.key.1);
    let body = sent.body.as_bytes();
    let (_, authorization) =
        sigv4::signature("POST", sent.path, &headers, body, &identity, "us-east-1", sent.service, now)
            .unwrap();
    let mut request = Request::post(sent.path).header("authorization", authorization);
    for (name, value) in headers {
        request = request.header(name, value);
    }
    let request = request.body(Full::new(Bytes::copy_from_slice(body))).unwrap();
    let answer = Box::pin(Arc::clone(front).answer(request)).await.unwrap();
    let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
    let status = answer.status().as_u16();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    (status, kind, String::from_utf8_lossy(&body).into_owned())
}

fn front() -> (tempfile::TempDir, Arc<Front>) {
    let (dir, ctx) = Ctx::for_tests();
    (dir, Front::new(ctx, services::ALL, "AKIDROOT".into(), "secret".into()))
}

#[tokio::test]
async fn every_protocol_has_its_envelope() {
    let (_dir, front) = front();
    let (status, kind, body) = send(&front, sent("ec2", "Action=DescribeVpcs&Version=2016-11-15")).await;
    assert_eq!((status, kind.as_str()), (200, "text/xml;charset=UTF-8"));
    assert!(body.contains(
        "<DescribeVpcsResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\">\n  <requestId>"
    ));
    let (_, kind, body) = send(&front, sent("sts", "Action=GetCallerIdentity&Version=2011-06-15")).await;
    assert_eq!(kind, "text/xml");
    assert!(body.contains("<GetCallerIdentityResult>") && body.contains("<ResponseMetadata>"), "{body}");
    let target = [("x-amz-target", "AmazonSSM.DescribeParameters")];
    let (_, kind, body) = send(&front, Sent { headers: &target, ..sent("ssm", "{}") }).await;
    assert_eq!((kind.as_str(), body.as_str()), ("application/x-amz-json-1.1", "{\"Parameters\":[]}"));
    let cbor = Sent {
        headers: &[("smithy-protocol", "rpc-v2-cbor"), ("content-type", "application/cbor")],
        path: "/service/ResourceGroupsTaggingAPI_20170126/operation/GetResources",
        ..sent("tagging", "")
    };
    let (status, kind, _) = send(&front, cbor).await;
    assert_eq!((status, kind.as_str()), (200, "application/cbor"));
}

#[tokio::test]
async fn a_role_may_do_only_what_its_policy_says() {
    let (_dir, front) = front();
    let root = |body: &'static str| send(&front, sent("iam", body));
    let trust = "%7B%22Statement%22%3A%7B%22Effect%22%3A%22Allow%22%2C%22Principal%22%3A%7B%22Service%22%3A%22\
                 ec2.amazonaws.com%22%7D%2C%22Action%22%3A%22sts%3AAssumeRole%22%7D%7D";
    let create =
        format!("Action=CreateRole&Version=2010-05-08&RoleName=app&AssumeRolePolicyDocument={trust}");
    assert_eq!(send(&front, sent("iam", &create)).await.0, 200);
    let policy = "%7B%22Statement%22%3A%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22ssm%3AGetParameter%22%2C\
                  %22Resource%22%3A%22arn%3Aaws%3Assm%3A*%3A*%3Aparameter%2Fmine%2F*%22%7D%7D";
    let put =
        format!("Action=PutRolePolicy&Version=2010-05-08&RoleName=app&PolicyName=p&PolicyDocument={policy}");
    assert_eq!(send(&front, sent("iam", &put)).await.0, 200);
    assert_eq!(root("Action=CreateInstanceProfile&Version=2010-05-08&InstanceProfileName=app").await.0, 200);
    let add = "Action=AddRoleToInstanceProfile&Version=2010-05-08&InstanceProfileName=app&RoleName=app";
    assert_eq!(root(add).await.0, 200);
    let keys = iam::keys_for(&front.ctx, "i-1", Some("app")).unwrap().unwrap();
    let key = (keys.access_key_id.as_str(), keys.secret_access_key.as_str());
    let ask = async |name: &str| {
        let headers =
            [("x-amz-target", "AmazonSSM.GetParameter"), ("x-amz-security-token", keys.token.as_str())];
        let body = format!("{{\"Name\":\"{name}\"}}");
        send(&front, Sent { headers: &headers, key, ..sent("ssm", &body) }).await.2
    };
    assert_eq!(ask("/mine/x").await, "{\"__type\":\"ParameterNotFound\"}");
    let denied = ask("/other/x").await;
    assert!(denied.contains("AccessDeniedException"), "{denied}");
    assert!(
        denied.contains("User: arn:aws:sts::123456789012:assumed-role/app/i-1 is not authorized to perform: ssm:GetParameter on resource: arn:aws:ssm:us-east-1:123456789012:parameter/other/x because no identity-based policy allows the ssm:GetParameter action"),
        "{denied}"
    );
    let headers = [("x-amz-security-token", keys.token.as_str())];
    let body = "Action=RunInstances&Version=2016-11-15";
    let (status, _, text) = send(&front, Sent { headers: &headers, key, ..sent("ec2", body) }).await;
    assert_eq!(status, 403);
    assert!(text.contains("UnauthorizedOperation"), "{text}");
}

#[tokio::test]
async fn faults_speak_cbor_too() {
    let (_dir, front) = front();
    front.ctx.faults.add(Fault::new("read:*", FaultKind::Throttle), &front.ctx.parts).unwrap();
    let cbor = || Sent {
        headers: &[("smithy-protocol", "rpc-v2-cbor"), ("content-type", "application/cbor")],
        path: "/service/ResourceGroupsTaggingAPI_20170126/operation/GetResources",
        ..sent("tagging", "")
    };
    let (status, kind, body) = send(&front, cbor()).await;
    assert_eq!((status, kind.as_str()), (400, "application/cbor"));
    assert!(body.contains("ThrottledException") && body.contains("Rate exceeded"), "{body}");
    assert_eq!(send(&front, cbor()).await.0, 200);
}
