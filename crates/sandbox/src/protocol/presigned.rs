//! Signatures in a query: what presigned requests carry (docs/aws.md, "Presigned requests").
//!
//! Their canonical form is made here: aws-sigv4 makes none without `X-Amz-Expires`, which clients of these services may
//! leave out. Whatever it makes is compared with the library's in the tests below.

use super::signing::{self, Scope};
use hyper::http::request::Parts;
use jiff::SignedDuration;
use sha2::{Digest as _, Sha256};
use std::{borrow::Cow, collections::BTreeMap, fmt::Write as _};

/// The only algorithm there is.
pub(super) const ALGORITHM: &str = "AWS4-HMAC-SHA256";
/// Seconds of the longest life that can be asked for: a week.
const WEEK: i64 = 604_800;
/// What no signed query is without, in the order in which AWS misses it.
const WANTED: [&str; 5] =
    ["X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date"];

/// What a signed query carries, still unchecked.
#[derive(Clone, Debug)]
pub(super) struct Presigned {
    pub(super) credential: String,
    pub(super) signed_headers: String,
    pub(super) signature: String,
    /// `20261122T211755Z`
    pub(super) stamp: String,
    /// How long it is to be good for.
    pub(super) expires: Option<SignedDuration>,
    pub(super) token: Option<String>,
    /// Whether it is a token for logging in to an engine, and no request to an API.
    pub(super) login: bool,
}

/// Whether a query is signed.
pub(crate) fn is_signed(query: &str) -> bool {
    form_urlencoded::parse(query.as_bytes()).any(|(name, _)| name == WANTED[0])
}

/// Whether a parameter belongs to the signature, and not to what is asked.
pub(crate) fn signs(name: &str) -> bool {
    name.starts_with("X-Amz-")
}

/// What a query carries if it is signed; what is wrong with it in AWS's words.
pub(super) fn read(query: &str) -> Option<Result<Presigned, String>> {
    is_signed(query).then(|| Presigned::read(query))
}

impl Presigned {
    fn read(query: &str) -> Result<Self, String> {
        let mut given = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            // Of two values only one would act, and changing their order leaves the signature as it is.
            if given.insert(name.clone(), value).is_some() {
                return Err(format!("'{name}' stands twice in the query string."));
            }
        }
        let value = |name: &str| given.get(name).map(Cow::as_ref).filter(|value| !value.is_empty());
        let mut missing = String::new();
        for name in WANTED.iter().filter(|name| value(name).is_none()) {
            let _ = write!(missing, "AWS query-string parameters must include '{name}'. ");
        }
        let [Some(algorithm), Some(credential), Some(signature), Some(signed_headers), Some(stamp)] =
            WANTED.map(value)
        else {
            return Err(format!("{missing}Re-examine the query-string parameters."));
        };
        if algorithm != ALGORITHM {
            return Err(format!("Unsupported AWS 'algorithm': '{algorithm}' (only {ALGORITHM} for now). "));
        }
        let token = given.get("X-Amz-Security-Token").map(|token| token.clone().into_owned());
        let scope = credential.split('/').nth_back(1);
        Ok(Self {
            expires: given.get("X-Amz-Expires").map(|text| expires(text)).transpose()?,
            login: scope == Some("rds-db") || value("Action") == Some("connect"),
            credential: credential.into(),
            signed_headers: signed_headers.into(),
            signature: signature.into(),
            stamp: stamp.into(),
            token,
        })
    }

    /// The signature that a request to `/` should have; nothing where it is written in another way than it is signed in.
    pub(super) fn sign_again(
        &self,
        parts: &Parts,
        body: &[u8],
        signed: &[String],
        scope: Scope<'_>,
    ) -> Option<String> {
        if parts.uri.path() != "/" || !signing::ordered(signed) || !signing::exact(&self.stamp) {
            return None;
        }
        let mut canonical = Sha256::new();
        let query = canonical_query(parts.uri.query().unwrap_or_default());
        canonical.update(format!("{}\n/\n{query}\n", parts.method));
        for name in signed {
            let values: Vec<Vec<u8>> =
                parts.headers.get_all(name.as_str()).iter().map(|value| trimmed(value.as_bytes())).collect();
            if values.is_empty() {
                return None;
            }
            for part in [name.as_bytes(), b":", &values.join(&b","[..]), b"\n"] {
                canonical.update(part);
            }
        }
        Some(signing::finish(canonical, signed, body, &self.stamp, scope))
    }
}

/// The life that is asked for, written in the one way in which it is signed.
fn expires(text: &str) -> Result<SignedDuration, String> {
    let seconds: i64 = text
        .parse()
        .ok()
        .filter(|seconds: &i64| seconds.to_string() == text)
        .ok_or("X-Amz-Expires should be a number")?;
    match seconds {
        1..=WEEK => Ok(SignedDuration::from_secs(seconds)),
        ..=0 => Err("X-Amz-Expires must be at least one second".into()),
        _ => Err("X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less \
                  than 604800 seconds"
            .into()),
    }
}

/// All parameters but the signature, encoded in the one way that is signed, and sorted.
fn canonical_query(query: &str) -> String {
    let mut pairs: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes())
        .filter(|(name, _)| name != "X-Amz-Signature")
        .map(|(name, value)| (encoded(&name), encoded(&value)))
        .collect();
    pairs.sort();
    let pairs: Vec<String> = pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    pairs.join("&")
}

/// RFC 3986: everything but its unreserved characters in hexadecimal.
fn encoded(text: &str) -> String {
    let one = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(one).collect()
}

/// A header's value without blanks around it and with one blank for several.
fn trimmed(value: &[u8]) -> Vec<u8> {
    let words: Vec<&[u8]> = value.split(|byte| *byte == b' ').filter(|word| !word.is_empty()).collect();
    words.join(&b' ')
}

#[cfg(test)]
#[path = "presigned_tests.rs"]
pub(crate) mod tests;
