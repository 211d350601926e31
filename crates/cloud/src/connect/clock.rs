//! The difference between this machine's clock and the service's, read from the `Date` of its answers.

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::DateTime;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::date_time::Format;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::SystemTime;

/// Nothing was answered yet.
const NOT_MEASURED: i64 = i64::MIN;

/// Watches the answers of a client.
#[derive(Debug, Clone)]
pub(crate) struct ClockWatch(Arc<AtomicI64>);

impl Default for ClockWatch {
    fn default() -> Self {
        Self(Arc::new(AtomicI64::new(NOT_MEASURED)))
    }
}

impl ClockWatch {
    /// Seconds by which the service's clock is ahead of this machine's, once something was answered.
    pub(crate) fn ahead(&self) -> Option<i64> {
        Some(self.0.load(Ordering::Relaxed)).filter(|seconds| *seconds != NOT_MEASURED)
    }
}

impl Intercept for ClockWatch {
    fn name(&self) -> &'static str {
        "ClockWatch"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(date) = context.response().headers().get("date")
            && let Ok(theirs) = DateTime::from_str(date, Format::HttpDate)
            && let Ok(ours) = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)
        {
            let ours = i64::try_from(ours.as_secs()).unwrap_or(0);
            self.0.store(theirs.secs() - ours, Ordering::Relaxed);
        }
        Ok(())
    }
}
