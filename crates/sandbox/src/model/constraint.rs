//! The framework behind IAM, STS and SSM reports every broken constraint of a request in one message
//! (docs/aws-errors.md, "Common errors").

use crate::model::error::ApiError;
use std::borrow::Cow;

/// The constraints that a request breaks, in the order in which they were found.
#[derive(Debug, Default)]
pub(crate) struct Broken(Vec<String>);

impl Broken {
    /// Notes one: `value` as the service shows it (with a space in front, or nothing), a field's name, and the rule.
    pub(crate) fn note(&mut self, value: &str, field: &str, rule: &str) {
        self.0.push(format!("Value{value} at '{field}' failed to satisfy constraint: Member must {rule}"));
    }

    /// Notes that a member is not there.
    pub(crate) fn absent(&mut self, name: &str) {
        self.note(" null", &field(name), "not be null");
    }

    /// Refuses the request if it breaks any.
    pub(crate) fn refuse(self, code: impl Into<Cow<'static, str>>) -> Result<(), ApiError> {
        let count = self.0.len();
        let plural = if count == 1 { "" } else { "s" };
        match count {
            0 => Ok(()),
            _ => Err(ApiError::bad(
                code,
                format!("{count} validation error{plural} detected: {}", self.0.join("; ")),
            )),
        }
    }
}

/// A parameter's name as messages carry it: with a small first letter.
pub(crate) fn field(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map_or_else(String::new, |c| c.to_ascii_lowercase().to_string() + chars.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_broken_constraints_make_one_counted_text() {
        assert_eq!(Broken::default().refuse("X"), Ok(()));
        let mut broken = Broken::default();
        broken.absent("RoleName");
        broken.note("", "policyName", "have length less than or equal to 128");
        let error = broken.refuse("ValidationError").unwrap_err();
        assert_eq!(
            error.message.unwrap(),
            "2 validation errors detected: Value null at 'roleName' failed to satisfy constraint: Member must not be \
             null; Value at 'policyName' failed to satisfy constraint: Member must have length less than or equal to 128"
        );
    }
}
