//! The address of an endpoint in one form, so that a place is the same place however its address was written.

use super::ConnectError;
use hyper::Uri;
use recipe_walk_engine::shown::shown;

/// The variable of the endpoint of all services.
pub(super) const VARIABLE: &str = "AWS_ENDPOINT_URL";

/// Parses an endpoint's address: `http` or `https`, a host, perhaps a port and a path. The scheme's own port and a slash at
/// the end go; `what` is where it was found.
pub(super) fn parse(what: &str, text: &str) -> Result<String, ConnectError> {
    let refused = |why| ConnectError::Endpoint { what: what.to_owned(), value: shown(text), why };
    let uri: Uri = text.parse().map_err(|_| refused("it is no address"))?;
    let (scheme, usual) = match uri.scheme_str() {
        Some("http") => ("http", 80),
        Some("https") => ("https", 443),
        Some(_) => return Err(refused("it begins with neither http:// nor https://")),
        None => return Err(refused("it does not begin with http:// or https://")),
    };
    let authority = uri.authority().ok_or_else(|| refused("it names no host"))?;
    if authority.as_str().contains('@') {
        return Err(refused("it holds a user's name, which no AWS endpoint has"));
    }
    if authority.host().is_empty() {
        return Err(refused("it names no host"));
    }
    if authority.as_str().len() > authority.host().len() && authority.port_u16().is_none() {
        return Err(refused("its port is no number"));
    }
    if uri.query().is_some() {
        return Err(refused("it has a query, which no AWS endpoint has"));
    }
    let host = authority.host().to_ascii_lowercase();
    let port = authority.port_u16().filter(|port| *port != usual);
    let port = port.map_or_else(String::new, |port| format!(":{port}"));
    Ok(format!("{scheme}://{host}{port}{}", uri.path().trim_end_matches('/')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_place_has_one_form() {
        for (text, form) in [
            ("http://127.0.0.1:4566", "http://127.0.0.1:4566"),
            ("http://127.0.0.1:4566/", "http://127.0.0.1:4566"),
            ("HTTP://LocalHost:80//", "http://localhost"),
            ("http://127.0.0.1", "http://127.0.0.1"),
            ("https://Aws.Example:443/", "https://aws.example"),
            ("https://aws.example:80/", "https://aws.example:80"),
            ("http://[::1]:4566/", "http://[::1]:4566"),
            ("http://127.0.0.1:4566/base/", "http://127.0.0.1:4566/base"),
        ] {
            assert_eq!(parse("here", text).expect(text), form);
        }
    }

    #[test]
    fn addresses_that_would_be_passed_over_are_refused() {
        for text in [
            "localhost:4566",
            "127.0.0.1",
            "ftp://x",
            "http://",
            "http:///x",
            "http://127.0.0.1:x",
            "http://127.0.0.1:",
            "http://127.0.0.1:99999",
            "http://127.0.0.1@host",
            "http://h?x=1",
            "http://a b",
            "http://h\r",
            "not-a-url",
        ] {
            let refused = parse("AWS_ENDPOINT_URL", text).expect_err(text).to_string();
            assert!(refused.starts_with("AWS_ENDPOINT_URL ") && !refused.contains('\r'), "{refused}");
        }
    }
}
