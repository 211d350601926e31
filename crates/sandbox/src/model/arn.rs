//! Amazon resource names.

/// `arn:aws:{service}:{region}:{account}:{resource}`; pass an empty region or account where the service has none.
pub(crate) fn arn(service: &str, region: &str, account: &str, resource: &str) -> String {
    format!("arn:aws:{service}:{region}:{account}:{resource}")
}
