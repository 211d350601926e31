//! Calls that make or delete something are made once. If the SDK repeated them by itself, the answer of its last try would
//! hide what became of the ones before: a create whose answer was lost, followed by a throttled one, would pass for
//! refused. The engine repeats them, and looks first.

use aws_config::retry::RetryConfig;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeSerializationInterceptorContextMut;
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

/// Calls that come to the same however often they arrive, and are made in passing by whoever does not repeat them: a tag
/// is set, a command cancelled; and a second promotion is refused while the first goes on. Not so a parameter's writing:
/// its versions tell whether somebody else wrote in between.
const REPEATABLE: [&str; 3] = ["CreateTags", "CancelCommand", "TestFailover"];

/// Whether a call is made once.
fn once(operation: &str) -> bool {
    !recipe_walk_engine::failure::only_looks(operation) && !REPEATABLE.contains(&operation)
}

/// Takes the SDK's own repeating from a client's calls that change something.
#[derive(Debug)]
pub(crate) struct OneTry;

impl Intercept for OneTry {
    fn name(&self) -> &'static str {
        "OneTry"
    }

    // The first hook at which the operation is known.
    fn modify_before_serialization(
        &self,
        _context: &mut BeforeSerializationInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        limit(cfg);
        Ok(())
    }
}

fn limit(cfg: &mut ConfigBag) {
    let changes = cfg.load::<Metadata>().is_some_and(|m| once(m.name()));
    let retries = cfg.load::<RetryConfig>().filter(|_| changes).cloned();
    if let Some(retries) = retries {
        cfg.interceptor_state().store_put(retries.with_max_attempts(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_smithy_types::config_bag::Layer;

    fn attempts(operation: &'static str) -> Option<u32> {
        let mut layer = Layer::new("test");
        layer.store_put(Metadata::new(operation, "test"));
        layer.store_put(RetryConfig::standard().with_max_attempts(4));
        let mut cfg = ConfigBag::of_layers(vec![layer]);
        limit(&mut cfg);
        cfg.load::<RetryConfig>().map(RetryConfig::max_attempts)
    }

    #[test]
    fn changing_calls_are_tried_once_looks_are_repeated() {
        for operation in [
            "RunInstances",
            "CreateReplicationGroup",
            "DeleteRole",
            "AuthorizeSecurityGroupIngress",
            "PutParameter",
        ] {
            assert_eq!(attempts(operation), Some(1), "{operation}");
        }
        for operation in ["DescribeInstances", "GetParameter", "ListRolePolicies", "CreateTags"] {
            assert_eq!(attempts(operation), Some(4), "{operation}");
        }
    }
}
