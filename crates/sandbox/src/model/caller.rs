//! Who makes a call.

use super::arn::arn;

/// Who signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    /// The sandbox's own key pair: may do everything.
    Root,
    /// An instance's role.
    Role {
        /// The role's name.
        role: String,
        /// The instance it works for: the session's name.
        instance: String,
    },
}

impl Caller {
    /// The ARN that AWS shows for it.
    pub(crate) fn arn(&self, account: &str) -> String {
        match self {
            Caller::Root => arn("iam", "", account, "user/sandbox"),
            Caller::Role { role, instance } => {
                arn("sts", "", account, &format!("assumed-role/{role}/{instance}"))
            }
        }
    }
}
