//! A look at an endpoint right before each request, from outside: a place that somebody else may have taken meanwhile is
//! not spoken to.

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;

/// Whether anybody listens at an endpoint; the error says why it is not to be spoken to.
pub type Guard = fn(&str) -> Result<bool, String>;

/// The endpoint was taken by somebody else; nothing was sent.
#[derive(Debug, thiserror::Error)]
#[error("{0}; nothing was sent")]
pub(crate) struct Taken(String);

/// An HTTP client that looks first.
#[derive(Debug)]
pub(crate) struct Guarded {
    pub(crate) client: SharedHttpClient,
    pub(crate) endpoint: String,
    pub(crate) guard: Guard,
}

impl HttpClient for Guarded {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(Looking {
            connector: self.client.http_connector(settings, components),
            endpoint: self.endpoint.clone(),
            guard: self.guard,
        })
    }
}

#[derive(Debug)]
struct Looking {
    connector: SharedHttpConnector,
    endpoint: String,
    guard: Guard,
}

impl HttpConnector for Looking {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        match (self.guard)(&self.endpoint) {
            Ok(true) => self.connector.call(request),
            // As if it had been tried: who listens a moment later was not looked at.
            Ok(false) => {
                let refused = std::io::Error::from(std::io::ErrorKind::ConnectionRefused);
                HttpConnectorFuture::ready(Err(ConnectorError::io(Box::new(refused))))
            }
            Err(why) => HttpConnectorFuture::ready(Err(ConnectorError::user(Box::new(Taken(why))))),
        }
    }
}
