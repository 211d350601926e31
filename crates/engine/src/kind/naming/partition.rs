//! The partitions of AWS: the second part of every ARN.

/// All that the recipe's services live in.
pub const ALL: [&str; 3] = ["aws", "aws-us-gov", "aws-cn"];

/// The partition of a region.
pub fn of(region: &str) -> &'static str {
    match region.split('-').next() {
        Some("cn") => "aws-cn",
        Some("us") if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    }
}

/// The region that keeps what a partition has only once, such as IAM's quotas.
pub fn first_region(region: &str) -> &'static str {
    match of(region) {
        "aws-cn" => "cn-north-1",
        "aws-us-gov" => "us-gov-west-1",
        _ => "us-east-1",
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn regions_have_their_partition() {
        for (region, partition) in [
            ("us-east-1", "aws"),
            ("eu-central-1", "aws"),
            ("us-gov-west-1", "aws-us-gov"),
            ("cn-north-1", "aws-cn"),
        ] {
            assert_eq!(super::of(region), partition);
        }
    }
}
