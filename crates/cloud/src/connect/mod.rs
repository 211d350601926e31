//! The one place that builds the SDK's configuration: endpoint, credentials, retries, time-outs, application name.

mod ca;
mod clock;
mod endpoint;
pub(crate) mod failure;
mod first_keys;
mod guard;
mod limit;
mod one_try;
mod surroundings;

pub use ca::fetch_ca;
pub(crate) use clock::ClockWatch;
pub use guard::Guard;

use crate::AwsCloud;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{AppName, BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials as _, SharedCredentialsProvider};
use aws_types::service_config::ServiceConfigKey;
use guard::Guarded;
use one_try::OneTry;
use secrecy::{ExposeSecret as _, SecretString};
use std::path::PathBuf;
use std::time::Duration;
use surroundings::Surroundings;

/// Where to connect to.
#[derive(Debug, Default)]
pub struct Target {
    /// Profile of the AWS configuration files.
    pub profile: Option<String>,
    /// Region; otherwise the usual environment and files decide.
    pub region: Option<String>,
    /// A fixed endpoint with its own keys, instead of all of the above.
    pub fixed: Option<Fixed>,
}

/// A fixed endpoint.
#[derive(Debug)]
pub struct Fixed {
    /// URL.
    pub endpoint: String,
    /// Region.
    pub region: String,
    /// Key id.
    pub access_key_id: String,
    /// Secret key.
    pub secret_access_key: SecretString,
    /// What it is looked at with before each request.
    pub guard: Guard,
}

/// Why there is no connection to speak of.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// No region is configured anywhere.
    #[error("no AWS region is configured")]
    NoRegion,
    /// There is no such region.
    #[error("there is no AWS region '{0}'")]
    UnknownRegion(String),
    /// The files have no such profile.
    #[error("there is no AWS profile {profile}")]
    UnknownProfile {
        /// The name, made visible.
        profile: String,
        /// The name that was probably meant.
        meant: Option<String>,
    },
    /// A file of AWS's tools cannot be read.
    #[error("{}: {why}", file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// The cause.
        why: String,
    },
    /// A value from outside has characters that no request can have.
    #[error("{what} has a blank, a control character or a letter that cannot be sent: {value}")]
    Unusable {
        /// The variable, or what it is.
        what: String,
        /// The value, made visible, unless it is secret.
        value: String,
    },
    /// What should be an endpoint's address is none; the SDK would ask AWS itself then.
    #[error("{what} is no endpoint's address: {value}: {why}")]
    Endpoint {
        /// Where it was found.
        what: String,
        /// The value, made visible.
        value: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// One service would be asked somewhere else than the others.
    #[error("{service} has an endpoint of its own, {endpoint}")]
    Split {
        /// The service, as its settings name it.
        service: &'static str,
        /// Its endpoint.
        endpoint: String,
    },
    /// There is no root certificate to verify AWS with.
    #[error(
        "this machine has no TLS root certificates, so AWS cannot be verified (Debian's package is ca-certificates)"
    )]
    NoRoots,
    /// No usable credentials; why not, in one line.
    #[error("no AWS credentials: {0}")]
    NoCredentials(String),
}

/// Connects. Makes no call to a service; credentials are looked up, so that their absence is told here.
pub async fn connect(target: &Target) -> Result<AwsCloud, ConnectError> {
    // Reading the roots takes a while, and a plain loopback endpoint has no use for them.
    let plain = target.fixed.as_ref().is_some_and(|f| f.endpoint.starts_with("http://"));
    let around = if target.fixed.is_some() {
        Surroundings::default()
    } else {
        surroundings::look(target, |name| std::env::var(name).ok())?
    };
    let roots =
        !plain && (around.ca_bundle.is_some() || !rustls_native_certs::load_native_certs().certs.is_empty());
    let mut config = configuration(target, &around, roots).await?;
    let region = config.region().map(ToString::to_string).ok_or(ConnectError::NoRegion)?;
    let endpoint = config.endpoint_url().map(|own| endpoint::parse("the endpoint", own)).transpose()?;
    if target.fixed.is_none() {
        one_place(&config, endpoint.as_deref(), around.endpoint_is_blank)?;
    }
    if !roots && !endpoint.as_deref().is_some_and(|e| e.starts_with("http://")) {
        return Err(ConnectError::NoRoots);
    }
    if !region_shaped(&region) || (endpoint.is_none() && !region_resolves(&region).await) {
        return Err(ConnectError::UnknownRegion(region));
    }
    let provider = config
        .credentials_provider()
        .ok_or_else(|| ConnectError::NoCredentials("no source is configured".into()))?;
    let credentials =
        provider.provide_credentials().await.map_err(|e| ConnectError::NoCredentials(one_line(&e)))?;
    surroundings::check(&credentials)?;
    // A program or a service that gave them may have asked the person something: it is not asked again at once.
    let kept = first_keys::FirstKeys::new(credentials.clone(), provider);
    config = config.into_builder().credentials_provider(SharedCredentialsProvider::new(kept)).build();
    let clock = ClockWatch::default();
    let sts = aws_sdk_sts::config::Builder::from(&config).interceptor(clock.clone()).build();
    Ok(AwsCloud {
        free_tier: aws_sdk_freetier::Client::new(&config),
        quotas: aws_sdk_servicequotas::Client::new(&config),
        credentials_end: end_of(&credentials),
        temporary: credentials.session_token().is_some(),
        clock,
        trying: aws_sdk_ec2::Client::new(&config),
        ec2: aws_sdk_ec2::Client::from_conf(
            aws_sdk_ec2::config::Builder::from(&config).interceptor(OneTry).build(),
        ),
        elasticache: aws_sdk_elasticache::Client::from_conf(
            aws_sdk_elasticache::config::Builder::from(&config).interceptor(OneTry).build(),
        ),
        iam: aws_sdk_iam::Client::from_conf(
            aws_sdk_iam::config::Builder::from(&config).interceptor(OneTry).build(),
        ),
        rds: aws_sdk_rds::Client::from_conf(
            aws_sdk_rds::config::Builder::from(&config).interceptor(OneTry).build(),
        ),
        ssm: aws_sdk_ssm::Client::from_conf(
            aws_sdk_ssm::config::Builder::from(&config).interceptor(OneTry).build(),
        ),
        sts: aws_sdk_sts::Client::from_conf(sts),
        tagging: aws_sdk_resourcegroupstagging::Client::new(&config),
        region,
        endpoint,
    })
}

/// The services of a walk, as their own settings name them.
const SERVICES: [&str; 9] = [
    "EC2",
    "ElastiCache",
    "RDS",
    "SSM",
    "IAM",
    "STS",
    "Resource Groups Tagging API",
    "FreeTier",
    "Service Quotas",
];

/// A session is pinned to one place. Endpoints of single services, from the environment or the profile, would be two:
/// without one of them, what was made there would seem to be gone, and would be made elsewhere.
fn one_place(config: &SdkConfig, endpoint: Option<&str>, blank: bool) -> Result<(), ConnectError> {
    let Some(settings) = config.service_config() else { return Ok(()) };
    // A variable that is set to nothing says nothing, and would hide what the profile says.
    let variable = if blank { "AWS_ENDPOINT_URL_UNSET" } else { endpoint::VARIABLE };
    for service in SERVICES {
        let key =
            ServiceConfigKey::builder().service_id(service).env(variable).profile("endpoint_url").build();
        let own = key.ok().and_then(|key| settings.load_config(key)).filter(|own| !own.trim().is_empty());
        let own = own.map(|own| endpoint::parse("the profile's endpoint_url", &own)).transpose()?;
        if let Some(own) = own.filter(|own| Some(own.as_str()) != endpoint) {
            return Err(ConnectError::Split { service, endpoint: own });
        }
    }
    Ok(())
}

/// When credentials end. Those of the environment do not say it, but what exports them there often does.
fn end_of(credentials: &Credentials) -> Option<jiff::Timestamp> {
    if let Some(end) = credentials.expiry() {
        return jiff::Timestamp::try_from(end).ok();
    }
    let from_environment =
        std::env::var("AWS_ACCESS_KEY_ID").is_ok_and(|id| id == credentials.access_key_id());
    let said = std::env::var("AWS_CREDENTIAL_EXPIRATION").ok().filter(|_| from_environment)?;
    said.parse().ok()
}

async fn configuration(
    target: &Target,
    around: &Surroundings,
    roots: bool,
) -> Result<SdkConfig, ConnectError> {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(5))
        .read_timeout(Duration::from_secs(30))
        .operation_attempt_timeout(Duration::from_secs(40))
        .operation_timeout(Duration::from_mins(2))
        .build();
    let retries = RetryConfig::standard().with_max_attempts(4);
    let app = AppName::new("recipe-walk").ok();
    let trusted = around.ca_bundle.as_deref().map(ca::trusting).transpose()?;
    let client = limit::client(roots, trusted);
    if let Some(fixed) = &target.fixed {
        // A place of our own takes nothing from the person's environment or files: whatever they say, calls stay there.
        let mut config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .retry_config(retries)
            .timeout_config(timeouts)
            .endpoint_url(&fixed.endpoint)
            .region(Region::new(fixed.region.clone()))
            .credentials_provider(SharedCredentialsProvider::new(Credentials::new(
                &fixed.access_key_id,
                fixed.secret_access_key.expose_secret(),
                None,
                None,
                "fixed",
            )));
        config.set_app_name(app);
        let guarded = Guarded { client, endpoint: fixed.endpoint.clone(), guard: fixed.guard };
        return Ok(config.http_client(guarded).build());
    }
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .retry_config(retries)
        .timeout_config(timeouts)
        .http_client(client);
    if let Some(name) = app {
        loader = loader.app_name(name);
    }
    if let Some(endpoint) = &around.endpoint {
        loader = loader.endpoint_url(endpoint);
    }
    if let Some(profile) = &around.profile {
        loader = loader.profile_name(profile);
    }
    if let Some(region) = &around.region {
        loader = loader.region(Region::new(region.clone()));
    }
    Ok(loader.load().await)
}

/// `us-east-1`, `us-gov-west-1`, …
fn region_shaped(region: &str) -> bool {
    let parts: Vec<&str> = region.split('-').collect();
    parts.len() >= 3
        && parts
            .iter()
            .all(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()))
        && parts.last().is_some_and(|p| p.bytes().all(|b| b.is_ascii_digit()))
}

/// A region exists if its STS endpoint has an address. Without any name service nothing is said against the region:
/// the first call will tell what is wrong.
async fn region_resolves(region: &str) -> bool {
    let resolves = async |name: String| tokio::net::lookup_host((name, 443)).await.is_ok();
    resolves(format!("sts.{region}.amazonaws.com")).await
        || !resolves("sts.us-east-1.amazonaws.com".into()).await
}

/// Characters of a cause that are shown.
const LONGEST: usize = 240;

/// An error with its causes, in one line.
pub(crate) fn one_line(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let said = cause.to_string();
        if !text.contains(&said) {
            text = format!("{text}: {said}");
        }
        source = cause.source();
    }
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    // The SDK's chains go down to its own insides: the beginning says what a person can mend.
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_are_recognised_by_their_shape() {
        for good in ["us-east-1", "eu-central-2", "us-gov-west-1", "ap-southeast-5"] {
            assert!(region_shaped(good), "{good}");
        }
        for bad in ["", "useast1", "us-east", "US-EAST-1", "us--1", "moon"] {
            assert!(!region_shaped(bad), "{bad}");
        }
    }
}
