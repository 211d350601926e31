//! Options of the commands about a machine and an account.

use clap::Args;

/// Options of `doctor`.
#[derive(Debug, Clone, Args)]
pub(crate) struct DoctorArgs {
    /// Say in short where this machine can walk, and leave nothing behind
    #[arg(long, conflicts_with_all = ["aws", "region", "attendees", "json"])]
    pub(crate) fresh: bool,
    /// Fail unless a walk in the AWS account can begin
    #[arg(long)]
    pub(crate) aws: bool,
    /// AWS profile
    #[arg(long, value_name = "P")]
    pub(crate) profile: Option<String>,
    /// AWS region
    #[arg(long, value_name = "R")]
    pub(crate) region: Option<String>,
    /// Look whether the quotas have room for so many people at once
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) attendees: u32,
    /// JSON instead of lines
    #[arg(long)]
    pub(crate) json: bool,
    /// Plain lines: no colour, no box drawing
    #[arg(long)]
    pub(crate) plain: bool,
}

/// Options of `policy`.
#[derive(Debug, Clone, Args)]
pub(crate) struct PolicyArgs {
    /// The policy of the instance's role instead of the person's
    #[arg(long)]
    pub(crate) instance: bool,
    /// Fill in this account number
    #[arg(long, value_name = "A", value_parser = account_number)]
    pub(crate) account: Option<String>,
    /// Fill in this region
    #[arg(long, value_name = "R")]
    pub(crate) region: Option<String>,
    /// AWS partition: aws, aws-us-gov or aws-cn; without it: the region's
    #[arg(long, value_name = "P")]
    pub(crate) partition: Option<String>,
}

fn account_number(text: &str) -> Result<String, String> {
    if text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit()) {
        Ok(text.to_owned())
    } else {
        Err("an account number has twelve digits".into())
    }
}
