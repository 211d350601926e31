//! An endpoint may be anybody's: its answers have an end, and of its words no more is kept than anybody reads.

use aws_smithy_http_client::tls::{self, TlsContext};
use aws_smithy_http_client::{Connector, proxy::ProxyConfig};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use http_body_util::Limited;
use recipe_walk_engine::shown::one_line;

/// Bytes of an answer; the longest that a walk asks for, a page of a list, has a hundredth.
const LONGEST: usize = 8 * 1024 * 1024;

/// Characters of a service's message that are kept.
const KEPT: usize = 1000;

/// The HTTP client of everything: of the services' calls, and of whoever is asked for credentials. It ends answers after
/// so many bytes, before the SDK reads them. Without `roots` there is no TLS: a loopback endpoint needs none, and the
/// SDK's own client would panic where there are no certificates. Otherwise it is the one that the SDK takes by default, which
/// trusts the system's certificates, or those that are `trusted` and no others.
pub(crate) fn client(roots: bool, trusted: Option<TlsContext>) -> SharedHttpClient {
    let builder = aws_smithy_http_client::Builder::new();
    let client = if roots {
        builder.build_with_connector_fn(move |settings, components| {
            let rustls = tls::Provider::Rustls(tls::rustls_provider::CryptoMode::AwsLc);
            let mut connector =
                Connector::builder().tls_provider(rustls).proxy_config(ProxyConfig::from_env());
            connector.set_connector_settings(settings.cloned());
            if let Some(trusted) = &trusted {
                connector.set_tls_context(trusted.clone());
            }
            if let Some(components) = components {
                connector.set_sleep_impl(components.sleep_impl());
            }
            connector.build()
        })
    } else {
        builder.build_http()
    };
    SharedHttpClient::new(LimitedClient(client))
}

/// An HTTP client whose answers end.
#[derive(Debug)]
struct LimitedClient(SharedHttpClient);

impl HttpClient for LimitedClient {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(LimitedConnector(self.0.http_connector(settings, components)))
    }
}

#[derive(Debug)]
struct LimitedConnector(SharedHttpConnector);

impl HttpConnector for LimitedConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let answer = self.0.call(request);
        HttpConnectorFuture::new(async {
            let mut answer = answer.await?;
            let body = std::mem::replace(answer.body_mut(), SdkBody::taken());
            *answer.body_mut() = SdkBody::from_body_1_x(Limited::new(body, LONGEST));
            Ok(answer)
        })
    }
}

/// What a service says, as it is shown and recorded: one line of it, and where the rest is.
pub(crate) fn words(operation: &str, said: &str) -> String {
    let kept = one_line(said, KEPT);
    if said.chars().nth(KEPT).is_none() {
        return kept;
    }
    tracing::warn!(operation, said, "a long message");
    format!("{kept} (of {} bytes; --log FILE keeps all of them)", said.len())
}

#[cfg(test)]
mod tests {
    use crate::{AwsCloud, Fixed, Target, connect};
    use recipe_walk_engine::failure::Failure;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    /// A place that answers each request with this head and so many letters.
    async fn place(head: &'static str, letters: usize, end: &'static str) -> AwsCloud {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let _ = stream.read(&mut [0; 16 * 1024]).await;
                    let _ = stream.write_all(head.as_bytes()).await;
                    let piece = vec![b'x'; 64 * 1024];
                    let mut left = letters;
                    while left > 0 && stream.write_all(&piece[..left.min(piece.len())]).await.is_ok() {
                        left = left.saturating_sub(piece.len());
                    }
                    let _ = stream.write_all(end.as_bytes()).await;
                });
            }
        });
        let fixed = Fixed {
            endpoint,
            region: "us-east-1".into(),
            access_key_id: "A".into(),
            secret_access_key: "s".to_owned().into(),
            guard: |_| Ok(true),
        };
        connect(&Target { fixed: Some(fixed), ..Target::default() }).await.expect("connected")
    }

    async fn answer(cloud: &AwsCloud) -> Failure {
        use crate::connect::failure::Named as _;
        let call = cloud.ssm.put_parameter().name("n").value("v").send().await;
        call.named("ssm:PutParameter").expect_err("refused")
    }

    #[tokio::test]
    async fn an_answer_without_end_is_left() {
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/x-amz-json-1.1\r\ncontent-length: 100000000\r\n\r\n";
        let cloud = place(head, 100_000_000, "").await;
        let failure = answer(&cloud).await.to_string();
        assert!(failure.contains("length limit exceeded"), "{failure}");
    }

    #[tokio::test]
    async fn a_message_of_megabytes_is_cut_and_shown_visibly() {
        let head = "HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-type: application/x-amz-json-1.1\r\n\r\n\
                    {\"__type\":\"AccessDenied\",\"message\":\"\\u001b]52;c;aWQ=\\u0007\\nnext: ";
        let cloud = place(head, 5_000_000, "\"}").await;
        let failure = answer(&cloud).await;
        let text = failure.to_string();
        assert!(text.contains("AccessDenied") && text.len() < 1500, "{} bytes", text.len());
        assert!(text.contains(r"\u{1b}]52;c;aWQ=\u{7} next: xxx") && text.contains("--log FILE"), "{text}");
    }
}
