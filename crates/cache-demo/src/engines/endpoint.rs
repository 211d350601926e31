//! `redis://`, `rediss://` and `mysql://` URLs, as far as this program takes them. Passwords are refused: a URL is
//! on the command line, which every user of the machine can read.

use crate::error::Failure;

/// The parts of an engine's URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// `redis`, `rediss`, `mysql` or `mysqls`.
    pub scheme: String,
    /// The user before the `@`.
    pub user: Option<String>,
    /// A host name, an IPv4 address, or an IPv6 address without brackets.
    pub host: String,
    /// The TCP port, where the URL names one.
    pub port: Option<u16>,
    /// What follows the first slash.
    pub path: Option<String>,
}

/// Parses `scheme://[user@]host[:port][/path]`. `option` names the option in messages.
pub fn parse(option: &str, url: &str) -> Result<Endpoint, Failure> {
    // The URL itself is never repeated in a message: it may hold the password that we refuse.
    let wrong = |what: &str, hint: &str| Failure::usage(format!("{option}: {what}."), hint);
    let (scheme, rest) =
        url.split_once("://").ok_or_else(|| wrong("this is not a URL", "Write it as scheme://host:port."))?;
    let (authority, path) = match rest.split_once('/') {
        Some((authority, path)) => (authority, Some(path).filter(|path| !path.is_empty())),
        None => (rest, None),
    };
    let (user, address) = match authority.rsplit_once('@') {
        Some((user, address)) => (Some(user), address),
        None => (None, authority),
    };
    if user.is_some_and(|user| user.contains(':')) {
        return Err(wrong(
            "a password inside a URL is refused, because other users can read the command line",
            "Put it into the environment (REDIS_PASSWORD, MYSQL_PASSWORD) or into a --config file.",
        ));
    }
    let (host, port) = if let Some(rest) = address.strip_prefix('[') {
        let (host, after) = rest
            .split_once(']')
            .ok_or_else(|| wrong("the bracket of an IPv6 address is not closed", "Write [::1]:6379."))?;
        (host, after.strip_prefix(':'))
    } else {
        match address.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (address, None),
        }
    };
    if host.is_empty() {
        return Err(wrong("the host is missing", "Write it as scheme://host:port."));
    }
    let port = port
        .map(|port| {
            port.parse::<u16>()
                .ok()
                .filter(|port| *port > 0)
                .ok_or_else(|| wrong("the port is not a number from 1 to 65535", "Write host:port."))
        })
        .transpose()?;
    Ok(Endpoint {
        scheme: scheme.to_ascii_lowercase(),
        user: user.filter(|user| !user.is_empty()).map(str::to_owned),
        host: host.to_owned(),
        port,
        path: path.map(str::to_owned),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_the_usual_forms() {
        let full = parse("--mysql-url", "mysql://admin@db.example:3307/shop").expect("valid");
        assert_eq!((full.user.as_deref(), full.host.as_str()), (Some("admin"), "db.example"));
        assert_eq!((full.port, full.path.as_deref()), (Some(3307), Some("shop")));
        let short = parse("--redis-url", "rediss://127.1.2.3").expect("valid");
        assert_eq!((short.scheme.as_str(), short.port), ("rediss", None));
        let six = parse("--redis-url", "redis://[::1]:7/").expect("valid");
        assert_eq!((six.host.as_str(), six.port, six.path), ("::1", Some(7), None));
    }

    #[test]
    fn refuses_a_password_and_does_not_repeat_it() {
        for url in ["mysql://admin:hunter2@h/shop", "rediss://:hunter2@h:6379"] {
            let failure = parse("--url", url).expect_err("a password");
            assert!(!failure.to_string().contains("hunter2"));
            assert!(failure.what.contains("password"));
        }
    }

    #[test]
    fn refuses_what_is_not_a_url() {
        for url in
            ["", "host:6379", "redis://", "redis://h:0", "redis://h:70000", "redis://h:x", "redis://[::1"]
        {
            assert!(parse("--redis-url", url).is_err(), "{url}");
        }
    }
}
