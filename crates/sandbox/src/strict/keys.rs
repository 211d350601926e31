//! The keys of a test's caller, and how a request is signed with them.

pub(super) const KEY: &str = "AKIDROOT";
pub(super) const SECRET: &str = "NobodyShouldEverSeeThis";

/// How a request is signed.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Signing {
    /// The word of `refusals.txt`; empty for a good signature.
    pub(super) how: String,
    /// Access key id, secret and session token of a role.
    pub(super) role: Option<(String, String, String)>,
}
