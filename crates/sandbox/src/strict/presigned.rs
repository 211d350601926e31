//! Presigned requests over real connections: each protocol takes them, and nothing about them can be changed.

use super::door::{Door, request};
use super::keys::Signing;
use crate::{
    model::pace::Pace,
    server::{ctx::Departure, front::Front},
};

/// A call of each service that can be presigned, and code and status of a wrong signature.
const CALLS: [(&str, &str, &str, u16, &str); 6] = [
    ("ec2", "DescribeVpcs", "DryRun=false", 401, "AuthFailure"),
    ("rds", "DescribeDBInstances", "x=1", 403, "SignatureDoesNotMatch"),
    ("elasticache", "DescribeCacheClusters", "x=1", 403, "SignatureDoesNotMatch"),
    ("iam", "ListRoles", "MaxItems=5", 403, "SignatureDoesNotMatch"),
    ("sts", "GetCallerIdentity", "x=1", 403, "SignatureDoesNotMatch"),
    ("ssm", "DescribeParameters", r#"{"MaxResults":5}"#, 400, "InvalidSignatureException"),
];

fn presigned() -> Signing {
    Signing { how: "presigned".into(), role: None }
}

/// The text of a presigned call.
fn text(door: &Door, (service, operation, parameters): (&str, &str, &str)) -> String {
    String::from_utf8(request(&door.address, service, operation, parameters, &presigned()).0).unwrap()
}

#[tokio::test]
async fn presigned_calls_are_served_and_what_was_changed_is_not() {
    let door = Door::open(Pace::Fast).await;
    for (service, operation, parameters, status, code) in CALLS {
        let good = text(&door, (service, operation, parameters));
        assert_eq!(door.raw(good.as_bytes()).await.status, 200, "{service}");
        // While it holds it is good again: AWS keeps no list either.
        assert_eq!(door.raw(good.as_bytes()).await.status, 200, "{service}");
        let method = if good.starts_with("GET") { ("GET /", "PUT /") } else { ("POST /", "PUT /") };
        let mut changed = vec![
            ("another method", good.replacen(method.0, method.1, 1)),
            ("a parameter more", good.replacen("/?", "/?DryRun=true&", 1)),
            ("another host", good.replacen("host: 127.0.0.1", "host: 127.0.0.2", 1)),
            ("another region", good.replacen("us-east-1", "us-east-2", 1)),
            ("another key's signature", good.replacen("X-Amz-Signature=", "X-Amz-Signature=0", 1)),
            ("a longer life", good.replacen("X-Amz-Expires=900", "X-Amz-Expires=901", 1)),
        ];
        if service == "ssm" {
            changed.push(("another body", good.replacen("MaxResults\":5", "MaxResults\":6", 1)));
            changed.push(("another operation", good.replacen("DescribeParameters", "GetParameters", 1)));
        } else {
            let action = format!("Action={operation}");
            changed.push(("another action", good.replacen(&action, "Action=DeleteVpc", 1)));
            let body = good.replacen("content-length: 0", "content-length: 9", 1) + "Action=x&";
            changed.push(("a body", body));
        }
        for (what, bytes) in changed {
            assert_ne!(bytes, good, "{service}: {what}");
            let answer = door.raw(bytes.as_bytes()).await;
            assert_eq!(answer.status, status, "{service}, {what}: {}", answer.body);
            assert!(answer.body.contains(code), "{service}, {what}: {}", answer.body);
        }
    }
}

#[tokio::test]
async fn presigned_call_replayed_after_its_time_is_refused() {
    let door = Door::open(Pace::Fast).await;
    let requests =
        CALLS.map(|(service, operation, parameters, ..)| text(&door, (service, operation, parameters)));
    door.ctx.depart(Departure { clock_ahead: 16 * 60, ..Departure::default() });
    for (request, (service, ..)) in requests.iter().zip(CALLS) {
        let answer = door.raw(request.as_bytes()).await;
        assert!((400..404).contains(&answer.status), "{service}: {}", answer.body);
        let said = if service == "ec2" { "Request has expired." } else { "Signature expired: " };
        assert!(answer.body.contains(said), "{service}: {}", answer.body);
    }
}

/// A form may be posted, too: what is asked stands in the query, as AWS's own clients write it.
#[tokio::test]
async fn presigned_post_asks_in_its_query() {
    let door = Door::open(Pace::Fast).await;
    let time = jiff::Timestamp::now();
    let headers = [("host", door.address.as_str())];
    let asked = crate::protocol::presigned::tests::Asked {
        method: "POST",
        headers: &headers,
        body: b"",
        service: "ec2",
        region: "us-east-1",
        time,
        expires: 60,
    };
    let query = "Action=CreateSecurityGroup&Version=2016-11-15&GroupName=posted&GroupDescription=d";
    let query = crate::protocol::presigned::tests::presign(
        query,
        asked,
        (super::keys::KEY, super::keys::SECRET, None),
    );
    let request = format!(
        "POST /?{query} HTTP/1.1\r\nhost: {}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
        door.address
    );
    assert_eq!(door.raw(request.as_bytes()).await.status, 200);
    assert!(door.ctx.read(|world| world.ec2.groups.iter().any(|group| group.name == "posted")));
}

#[tokio::test]
async fn presigned_call_of_a_role_needs_token_and_rights() {
    let door = Door::open(Pace::Fast).await;
    let signing = Signing { how: "presigned-role".into(), role: Some(door.role().await) };
    let (bytes, _) = request(&door.address, "sts", "GetCallerIdentity", "x=1", &signing);
    let answer = door.raw(&bytes).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert!(answer.body.contains("assumed-role/app/i-1"));
    let text = String::from_utf8(bytes).unwrap();
    let spoilt = text.replacen("X-Amz-Security-Token=", "X-Amz-Security-Token=x", 1);
    let answer = door.raw(spoilt.as_bytes()).await;
    assert!(answer.body.contains("InvalidClientTokenId"), "{}", answer.body);
    let answer = door.call("ec2", "DescribeVpcs", "DryRun=false", &signing).await.0;
    assert!(answer.body.contains("UnauthorizedOperation"), "{}", answer.body);
}

/// What `aws rds generate-db-auth-token` makes, and its like for caches: somebody pastes it into a browser.
#[tokio::test]
async fn token_for_logging_in_is_told_to_be_no_request() {
    let door = Door::open(Pace::Fast).await;
    for (scope, more) in [("rds-db", "&DBUser=admin"), ("elasticache", "&User=app")] {
        let request = format!(
            "GET /?Action=connect{more}&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIA%2F20261129%2Fus-east-1%2F\
             {scope}%2Faws4_request&X-Amz-Date=20261129T000000Z&X-Amz-Expires=900&X-Amz-SignedHeaders=host&X-Amz-Signature=0 \
             HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
        );
        let answer = door.raw(request.as_bytes()).await;
        assert_eq!(answer.status, 400, "{}", answer.body);
        assert!(answer.body.contains("token for logging in"), "{}", answer.body);
    }
}

/// Ten thousand parameters and names that repeat: judged at once, and never by a key.
#[tokio::test]
async fn long_query_of_a_stranger_costs_little() {
    let door = Door::with(Pace::Fast, |_: &mut Front| {}).await;
    let names: Vec<String> = (0..10_000).map(|n| format!("&a{n}=")).collect();
    let many = names.concat();
    let begun = std::time::Instant::now();
    for query in [many.clone(), format!("{many}{many}"), "&a".repeat(20_000)] {
        let request = format!(
            "GET /?X-Amz-Algorithm=AWS4-HMAC-SHA256{query} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
        );
        let status = door.raw(request.as_bytes()).await.status;
        assert!((400..500).contains(&status), "{status}");
    }
    assert!(begun.elapsed() < std::time::Duration::from_secs(5), "{:?}", begun.elapsed());
}
