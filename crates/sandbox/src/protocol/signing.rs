//! The signature of the requests that every client sends, made with little work; all others are aws-sigv4's.
//!
//! It stands beside the library because the front door would lose more than a fifth without it: in two runs of
//! `scripts/bench load` on an optimised build, a call by aws-sigv4 took so much more processor time that 35 % and 30 %
//! fewer would be served, and 29 % fewer on a development build. Whatever it makes is compared with the library's in
//! the tests below.

use hyper::http::request::Parts;
use sha2::{Digest as _, Sha256};
use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

/// A day's keys of every service, for some roles; what falls out is derived again.
const KEPT: usize = 64;

type Hash = [u8; 32];

/// What a signing key is derived from.
#[derive(Clone, Copy)]
pub(super) struct Scope<'a> {
    pub(super) secret: &'a str,
    /// `20261122`
    pub(super) date: &'a str,
    pub(super) region: &'a str,
    pub(super) service: &'a str,
}

impl Scope<'_> {
    fn texts(&self) -> [&str; 4] {
        [self.secret, self.date, self.region, self.service]
    }

    fn derive(&self) -> Hash {
        let first = hmac(format!("AWS4{}", self.secret).as_bytes(), self.date.as_bytes());
        let region = hmac(&first, self.region.as_bytes());
        let service = hmac(&region, self.service.as_bytes());
        hmac(&service, b"aws4_request")
    }

    /// The signing key: four hashes of hashes that are the same all day.
    fn key(&self) -> Hash {
        static KEYS: Mutex<VecDeque<([String; 4], Hash)>> = Mutex::new(VecDeque::new());
        let mut keys = KEYS.lock().unwrap_or_else(PoisonError::into_inner);
        let texts = self.texts();
        // The secret is compared with other secrets of ours: how long that takes tells nothing of what a client sent.
        if let Some((_, key)) = keys.iter().find(|(kept, _)| kept.iter().eq(texts.iter())) {
            return *key;
        }
        let key = self.derive();
        if keys.len() >= KEPT {
            keys.pop_front();
        }
        keys.push_back((texts.map(str::to_owned), key));
        key
    }
}

/// The signature of a request to `/` whose signed headers are in order and written as they count; nothing where any
/// part of it would have to be put into canonical form first.
pub(super) fn plain(parts: &Parts, body: &[u8], signed: &[String], scope: Scope<'_>) -> Option<String> {
    if parts.uri.path_and_query().is_some_and(|p| p.as_str() != "/") || !ordered(signed) {
        return None;
    }
    let mut canonical = Sha256::new();
    canonical.update(parts.method.as_str());
    canonical.update("\n/\n\n");
    for name in signed {
        let mut values = parts.headers.get_all(name.as_str()).iter();
        let value = values.next().filter(|value| canonical_value(value.as_bytes()))?;
        if values.next().is_some() {
            return None;
        }
        for part in [name.as_bytes(), b":", value.as_bytes(), b"\n"] {
            canonical.update(part);
        }
    }
    let stamp = parts.headers.get("x-amz-date")?.to_str().ok().filter(|stamp| exact(stamp))?;
    Some(finish(canonical, signed, body, stamp, scope))
}

/// The signature of a canonical request that lacks the names of its headers and its body.
pub(super) fn finish(
    mut canonical: Sha256,
    signed: &[String],
    body: &[u8],
    stamp: &str,
    scope: Scope<'_>,
) -> String {
    for (at, name) in signed.iter().enumerate() {
        canonical.update(if at == 0 { "\n" } else { ";" });
        canonical.update(name);
    }
    canonical.update("\n");
    canonical.update(hex(&Sha256::digest(body)));
    let Scope { date, region, service, .. } = scope;
    let mut text =
        format!("AWS4-HMAC-SHA256\n{stamp}\n{date}/{region}/{service}/aws4_request\n").into_bytes();
    text.extend(hex(&canonical.finalize()));
    hex(&hmac(&scope.key(), &text)).map(char::from).iter().collect()
}

/// Whether header names are as clients that sort them write them: small letters, each name once.
pub(super) fn ordered(names: &[String]) -> bool {
    let small = |name: &String| {
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    names.iter().all(small) && names.is_sorted_by(|a, b| a < b)
}

/// Whether a value counts as it is written: no space outside, no two inside, no letter that is not ASCII.
fn canonical_value(value: &[u8]) -> bool {
    !value.starts_with(b" ")
        && !value.ends_with(b" ")
        && value.iter().all(|b| (0x20..0x7f).contains(b))
        && !value.windows(2).any(|two| two == b"  ")
}

/// Whether a date is written in the one way that it is signed in.
pub(super) fn exact(stamp: &str) -> bool {
    let digit = |at: usize, b: u8| match at {
        8 => b == b'T',
        15 => b == b'Z',
        _ => b.is_ascii_digit(),
    };
    stamp.len() == 16 && stamp.bytes().enumerate().all(|(at, b)| digit(at, b))
}

/// HMAC-SHA-256 (RFC 2104).
fn hmac(key: &[u8], text: &[u8]) -> Hash {
    let mut block = [0_u8; 64];
    if key.len() > block.len() {
        block[..32].copy_from_slice(&Sha256::digest(key));
    } else {
        block[..key.len()].copy_from_slice(key);
    }
    let inner = Sha256::new().chain_update(block.map(|b| b ^ 0x36)).chain_update(text).finalize();
    Sha256::new().chain_update(block.map(|b| b ^ 0x5c)).chain_update(inner).finalize().into()
}

fn hex(hash: &[u8]) -> [u8; 64] {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut out = [0; 64];
    for (pair, byte) in out.chunks_exact_mut(2).zip(hash) {
        pair[0] = DIGITS[usize::from(byte >> 4)];
        pair[1] = DIGITS[usize::from(byte & 15)];
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::sigv4;
    use hyper::Request;

    fn parts(uri: &str, headers: &[(&str, &[u8])]) -> Parts {
        let mut request = Request::post(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).unwrap().into_parts().0
    }

    /// What aws-sigv4 makes of the same request.
    fn oracle(parts: &Parts, body: &[u8], signed: &[String], scope: Scope<'_>) -> Option<String> {
        let pairs: Vec<(&str, &str)> = signed
            .iter()
            .flat_map(|name| parts.headers.get_all(name.as_str()).iter().map(move |v| (name.as_str(), v)))
            .map(|(name, value)| (name, std::str::from_utf8(value.as_bytes()).unwrap()))
            .collect();
        let time = sigv4::read_stamp(parts.headers["x-amz-date"].to_str().unwrap()).unwrap();
        let identity = sigv4::identity("AKIDEXAMPLE", scope.secret);
        let uri = parts.uri.path_and_query().unwrap().as_str();
        let made = sigv4::signature(
            parts.method.as_str(),
            uri,
            &pairs,
            body,
            &identity,
            scope.region,
            scope.service,
            time,
        );
        made.map(|(signature, _)| signature)
    }

    /// Every mixture of odd headers, paths and keys: where there is a signature, it is aws-sigv4's.
    #[test]
    fn agrees_with_aws_sigv4_or_leaves_it_to_it() {
        const VALUES: [&[u8]; 8] = [b"x", b"a b", b"a  b", b" a", b"a ", b"", b"a\tb", "é".as_bytes()];
        const PATHS: [&str; 4] = ["/", "/?a=b", "/x", "/?"];
        let long = "s".repeat(80);
        let (mut plain_ones, mut others) = (0, 0);
        for (at, value) in VALUES.iter().enumerate() {
            for path in PATHS {
                for names in [
                    "host;x-amz-date;x-odd",
                    "x-amz-date;host;x-odd",
                    "host;host;x-amz-date",
                    "host;x-amz-date",
                ] {
                    for (date, secret) in
                        [("20261123", "secret"), ("20261124", long.as_str()), ("20261123", "")]
                    {
                        let stamp = format!("{date}T101112Z");
                        let headers = [
                            ("host", b"127.0.0.1:1".as_slice()),
                            ("x-amz-date", stamp.as_bytes()),
                            ("x-odd", value),
                        ];
                        let parts = parts(path, &headers);
                        let signed: Vec<String> = names.split(';').map(str::to_owned).collect();
                        let body = vec![b'b'; at * 61];
                        let scope = Scope { secret, date, region: "us-east-1", service: "ec2" };
                        match plain(&parts, &body, &signed, scope) {
                            Some(ours) => {
                                assert_eq!(
                                    Some(ours),
                                    oracle(&parts, &body, &signed, scope),
                                    "{value:?} {path} {names}"
                                );
                                plain_ones += 1;
                            }
                            None => others += 1,
                        }
                    }
                }
            }
        }
        // Of the paths the first, of the values three with `x-odd` and all without it; each with three keys.
        assert_eq!((plain_ones, others), ((3 + 8) * 3, 8 * 4 * 4 * 3 - (3 + 8) * 3));
    }

    #[test]
    fn a_header_that_came_twice_is_not_plain() {
        let twice: [(&str, &[u8]); 4] =
            [("host", b"x"), ("x-amz-date", b"20261123T101112Z"), ("x-odd", b"a"), ("x-odd", b"b")];
        let signed = ["host", "x-amz-date", "x-odd"].map(str::to_owned);
        let scope = Scope { secret: "s", date: "20261123", region: "r", service: "ec2" };
        assert_eq!(plain(&parts("/", &twice), b"", &signed, scope), None);
        assert!(plain(&parts("/", &twice[..3]), b"", &signed, scope).is_some());
        assert_eq!(plain(&parts("/", &twice[..2]), b"", &signed, scope), None, "one that did not come");
    }

    #[test]
    fn more_keys_than_are_kept_are_still_right() {
        for round in 0..2 {
            for n in 0..2 * KEPT {
                let secret = format!("secret-{n}");
                let scope = Scope { secret: &secret, date: "20261123", region: "r", service: "ec2" };
                assert_eq!(scope.key(), scope.derive(), "{round} {n}");
            }
        }
    }
}
