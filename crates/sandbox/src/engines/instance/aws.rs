//! The instance's minimal `aws`: one signed `ssm get-parameter`, which is all that the recipe asks of it.

use std::env;
use std::time::{Duration, SystemTime};

use crate::server::client::{AnyError, authority, call};
use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use http_body_util::Full;
use hyper::Request;
use hyper::body::Bytes;
use serde_json::Value;

const USAGE: &str = "the sandbox's instance carries a minimal aws: only `aws ssm get-parameter --name NAME \
    [--with-decryption] --query Parameter.Value --output text` works here";

/// What the command line asks for.
#[derive(Debug, PartialEq, Eq)]
struct Asked {
    name: String,
    decrypt: bool,
    endpoint: Option<String>,
    region: Option<String>,
}

/// Runs the minimal `aws` of an instance: the text for standard output, or the error for standard error.
pub async fn instance_aws(args: &[String]) -> Result<String, String> {
    let asked = parse(args)?;
    let variable = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
    let endpoint = asked
        .endpoint
        .clone()
        .or_else(|| variable("AWS_ENDPOINT_URL_SSM"))
        .or_else(|| variable("AWS_ENDPOINT_URL"))
        .ok_or("AWS_ENDPOINT_URL is not set")?;
    let region = asked
        .region
        .clone()
        .or_else(|| variable("AWS_REGION"))
        .or_else(|| variable("AWS_DEFAULT_REGION"))
        .ok_or(
            "You must specify a region. You can also configure your region by running \"aws configure\".",
        )?;
    let (Some(key), Some(secret)) = (variable("AWS_ACCESS_KEY_ID"), variable("AWS_SECRET_ACCESS_KEY")) else {
        return Err(
            "Unable to locate credentials. You can configure credentials by running \"aws configure\"."
                .into(),
        );
    };
    let credentials = Credentials::new(key, secret, variable("AWS_SESSION_TOKEN"), None, "environment");
    let body = serde_json::json!({ "Name": asked.name, "WithDecryption": asked.decrypt }).to_string();
    let request = signed(&endpoint, &region, credentials, &body).map_err(|error| error.to_string())?;
    let call = call(&endpoint, request);
    let (status, answer) = tokio::time::timeout(Duration::from_secs(20), call)
        .await
        .map_err(|_| format!("Connect timeout on endpoint URL: \"{endpoint}\""))?
        .map_err(|_| format!("Could not connect to the endpoint URL: \"{endpoint}\""))?;
    let answer: Value = serde_json::from_slice(&answer).map_err(|error| error.to_string())?;
    if status != 200 {
        let code = answer["__type"].as_str().unwrap_or("Unknown");
        let code = code.rsplit('#').next().unwrap_or(code);
        let text = answer["message"].as_str().or_else(|| answer["Message"].as_str()).unwrap_or_default();
        return Err(format!("An error occurred ({code}) when calling the GetParameter operation: {text}"));
    }
    answer["Parameter"]["Value"].as_str().map(str::to_owned).ok_or_else(|| "the answer has no value".into())
}

fn parse(args: &[String]) -> Result<Asked, String> {
    let mut words = args.iter().map(String::as_str);
    if words.next() != Some("ssm") || words.next() != Some("get-parameter") {
        return Err(USAGE.into());
    }
    let mut asked = Asked { name: String::new(), decrypt: false, endpoint: None, region: None };
    let (mut query, mut output) = (None, None);
    while let Some(word) = words.next() {
        let (option, inline) =
            word.split_once('=').map_or((word, None), |(option, value)| (option, Some(value)));
        if option == "--with-decryption" {
            asked.decrypt = true;
            continue;
        }
        let value = inline.or_else(|| words.next()).ok_or(USAGE)?.to_owned();
        match option {
            "--name" => asked.name = value,
            "--query" => query = Some(value),
            "--output" => output = Some(value),
            "--region" => asked.region = Some(value),
            "--endpoint-url" => asked.endpoint = Some(value),
            _ => return Err(USAGE.into()),
        }
    }
    let complete = !asked.name.is_empty()
        && query.as_deref() == Some("Parameter.Value")
        && output.as_deref() == Some("text");
    if complete { Ok(asked) } else { Err(USAGE.into()) }
}

fn signed(
    endpoint: &str,
    region: &str,
    credentials: Credentials,
    body: &str,
) -> Result<Request<Full<Bytes>>, AnyError> {
    let url = format!("{}/", endpoint.trim_end_matches('/'));
    let authority = authority(endpoint)?;
    let mut request = Request::post(&url)
        .header("host", authority)
        .header("content-type", "application/x-amz-json-1.1")
        .header("x-amz-target", "AmazonSSM.GetParameter")
        .body(Full::new(Bytes::from(body.to_owned())))?;
    let identity = credentials.into();
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name("ssm")
        .time(SystemTime::now())
        .settings(SigningSettings::default())
        .build()?
        .into();
    let headers: Vec<(String, String)> = request
        .headers()
        .iter()
        .map(|(name, value)| Ok((name.to_string(), value.to_str()?.to_owned())))
        .collect::<Result<_, AnyError>>()?;
    let signable = SignableRequest::new(
        "POST",
        &url,
        headers.iter().map(|(name, value)| (name.as_str(), value.as_str())),
        SignableBody::Bytes(body.as_bytes()),
    )?;
    let (instructions, _signature) = sign(signable, &params)?.into_parts();
    instructions.apply_to_request_http1x(&mut request);
    *request.uri_mut() = "/".parse()?;
    Ok(request)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn understands_the_one_call_and_refuses_the_rest() {
        let asked = parse(&args(
            "ssm get-parameter --name=/a/b --with-decryption --query Parameter.Value --output text --region x",
        ));
        assert_eq!(
            asked,
            Ok(Asked { name: "/a/b".into(), decrypt: true, endpoint: None, region: Some("x".into()) })
        );
        for bad in [
            "s3 ls",
            "ssm get-parameter",
            "ssm get-parameter --name a",
            "ssm get-parameter --name a --bogus b",
        ] {
            assert!(parse(&args(bad)).is_err(), "{bad}");
        }
    }
}
