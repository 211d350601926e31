//! A quota of an account, as Service Quotas names it.

/// A quota.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// Service code.
    pub service: &'static str,
    /// Quota code.
    pub code: &'static str,
    /// What a person calls it.
    pub what: &'static str,
}

/// IAM has one set of quotas for all regions.
pub const IAM: &str = "iam";
