//! The engine's cloud port over the AWS SDK. The only crate that names `aws-sdk-*`; its futures are boxed at its edge,
//! so that the SDK's state machines are generated here and nowhere else. Nothing in it knows which server it talks to.

mod account;
mod connect;
mod kind;
mod look;
mod port;
#[cfg(test)]
mod second_opinion;

pub use connect::{ConnectError, Fixed, Guard, Target, connect, fetch_ca};

/// One client per service, all built from one configuration.
#[derive(Debug)]
pub struct AwsCloud {
    ec2: aws_sdk_ec2::Client,
    /// For calls that are only tried: they may be repeated.
    trying: aws_sdk_ec2::Client,
    elasticache: aws_sdk_elasticache::Client,
    free_tier: aws_sdk_freetier::Client,
    iam: aws_sdk_iam::Client,
    quotas: aws_sdk_servicequotas::Client,
    rds: aws_sdk_rds::Client,
    ssm: aws_sdk_ssm::Client,
    sts: aws_sdk_sts::Client,
    tagging: aws_sdk_resourcegroupstagging::Client,
    region: String,
    endpoint: Option<String>,
    /// When the present credentials end, where that is known.
    credentials_end: Option<jiff::Timestamp>,
    /// Whether they are temporary.
    temporary: bool,
    clock: connect::ClockWatch,
}

impl AwsCloud {
    /// The endpoint URL, where it is not AWS's own.
    pub fn endpoint(&self) -> Option<&str> {
        self.endpoint.as_deref()
    }

    /// Seconds by which the service's clock is ahead of this machine's, once it has answered.
    pub fn clock_ahead(&self) -> Option<i64> {
        self.clock.ahead()
    }

    /// The region.
    pub fn region(&self) -> &str {
        &self.region
    }
}
