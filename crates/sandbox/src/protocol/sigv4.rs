//! Checking signatures (AWS Signature Version 4) by making them again.

use super::{
    presigned::{self, Presigned},
    signing::{self, Scope},
};
use crate::model::caller::Caller;
use aws_credential_types::Credentials;
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SigningSettings, sign},
    sign::v4,
};
use aws_smithy_runtime_api::client::identity::Identity;
use hyper::{HeaderMap, header::HeaderValue, http::request::Parts};
use jiff::{SignedDuration, Timestamp, civil::DateTime, tz::TimeZone};
use std::fmt::Write as _;

/// How far a client's clock may be off, and how long a signature holds.
const SKEW: SignedDuration = SignedDuration::from_mins(15);

/// A key that can sign.
#[derive(Clone)]
pub(crate) struct Key {
    pub(crate) secret: String,
    /// The session token that must come along, and when it ends.
    pub(crate) session: Option<(String, Timestamp)>,
    pub(crate) caller: Caller,
}

/// What is wrong with a request's signature; the words differ with the protocol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    NoCredentials,
    /// Whole sentences, as AWS words them.
    Malformed(String),
    UnknownKey,
    ExpiredToken,
    TooOld(String),
    TooNew(String),
    /// What is signed does not fit the request: the sentence.
    Unfit(String),
    Mismatch,
}

/// The parts of an `Authorization` header, or of a query that is signed, still unchecked.
#[derive(Clone, Debug)]
pub(crate) struct Claim {
    pub(crate) key_id: String,
    date: String,
    region: String,
    pub(crate) service: String,
    signed_headers: Vec<String>,
    signature: String,
    /// What only a query has; nothing where a header signs.
    presigned: Option<Presigned>,
}

impl Claim {
    /// Reads what signs a request: its header or its query, never both.
    pub(crate) fn read(parts: &Parts) -> Result<Self, Fault> {
        let query = presigned::read(parts.uri.query().unwrap_or_default());
        match (parts.headers.get("authorization"), query) {
            (None, None) => Err(Fault::NoCredentials),
            (None, Some(presigned)) => Self::in_query(presigned.map_err(Fault::Malformed)?),
            (Some(header), None) => Self::in_header(header, &parts.headers),
            (Some(_), Some(_)) => Err(Fault::Unfit(
                "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header."
                    .into(),
            )),
        }
    }

    /// Whether it is a token for logging in to an engine, and no request to an API.
    pub(crate) fn is_login(&self) -> bool {
        self.presigned.as_ref().is_some_and(|presigned| presigned.login)
    }

    fn in_query(presigned: Presigned) -> Result<Self, Fault> {
        let claim = Self::new(&presigned.credential, &presigned.signed_headers, &presigned.signature)?;
        Ok(Self { presigned: Some(presigned), ..claim })
    }

    fn in_header(header: &HeaderValue, headers: &HeaderMap) -> Result<Self, Fault> {
        let header =
            header.to_str().map_err(|_| Fault::Malformed("Authorization header is not text.".into()))?;
        let Some(rest) = header.strip_prefix(presigned::ALGORITHM) else {
            return Err(Fault::Malformed(format!(
                "Authorization header requires 'AWS4-HMAC-SHA256' algorithm. Authorization={header}"
            )));
        };
        let (mut credential, mut signed, mut signature) = (None, None, None);
        for part in rest.split(',').map(str::trim).filter(|p| !p.is_empty()) {
            let Some((name, value)) = part.split_once('=') else {
                return Err(Fault::Malformed(format!(
                    "'{part}' not a valid key=value pair (missing equal-sign) in Authorization header: '{header}'."
                )));
            };
            match name {
                "Credential" => credential = Some(value),
                "SignedHeaders" => signed = Some(value),
                "Signature" => signature = Some(value),
                _ => {}
            }
        }
        let mut missing = String::new();
        for (name, part) in [("Credential", credential), ("Signature", signature), ("SignedHeaders", signed)]
        {
            if part.is_none_or(str::is_empty) {
                let _ = write!(missing, "Authorization header requires '{name}' parameter. ");
            }
        }
        if !headers.contains_key("x-amz-date") {
            missing +=
                "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ";
        }
        let (Some(credential), Some(signed), Some(signature), true) =
            (credential, signed, signature, missing.is_empty())
        else {
            return Err(Fault::Malformed(format!("{missing}Authorization={header}")));
        };
        Self::new(credential, signed, signature)
    }

    /// A claim of these parts; the credential is taken apart.
    fn new(credential: &str, signed: &str, signature: &str) -> Result<Self, Fault> {
        let mut scope = credential.rsplitn(5, '/');
        let parts = [scope.next(), scope.next(), scope.next(), scope.next(), scope.next()];
        let [Some("aws4_request"), Some(service), Some(region), Some(date), Some(key_id)] = parts else {
            return Err(Fault::Malformed(format!(
                "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '{credential}'"
            )));
        };
        Ok(Self {
            key_id: key_id.into(),
            date: date.into(),
            region: region.into(),
            service: service.into(),
            signed_headers: signed.split(';').map(str::to_owned).collect(),
            signature: signature.into(),
            presigned: None,
        })
    }

    /// The session token and the date that come along, where the signature stands.
    fn carried<'a>(&'a self, headers: &'a HeaderMap) -> (&'a [u8], &'a str) {
        match &self.presigned {
            Some(presigned) => {
                (presigned.token.as_deref().unwrap_or_default().as_bytes(), presigned.stamp.as_str())
            }
            None => (
                headers.get("x-amz-security-token").map_or(&b""[..], |v| v.as_bytes()),
                headers.get("x-amz-date").and_then(|v| v.to_str().ok()).unwrap_or_default(),
            ),
        }
    }

    /// Checks the claim against the request and the key it names.
    pub(crate) fn check(
        &self,
        parts: &Parts,
        body: &[u8],
        key: Option<&Key>,
        service: Option<&str>,
        region: &str,
        now: Timestamp,
    ) -> Result<Caller, Fault> {
        let key = key.ok_or(Fault::UnknownKey)?;
        // A key without a session has no token, and one that comes along is nobody's.
        let (token, ends) = key.session.as_ref().map_or(("", Timestamp::MAX), |(token, ends)| (token, *ends));
        let (sent, stamp) = self.carried(&parts.headers);
        if !same(sent, token.as_bytes()) {
            return Err(Fault::UnknownKey);
        }
        if ends <= now {
            return Err(Fault::ExpiredToken);
        }
        let sent = read_stamp(stamp).ok_or_else(|| {
            Fault::Malformed(format!(
                "Date must be in ISO-8601 'basic format'. Got '{stamp}'. See http://en.wikipedia.org/wiki/ISO_8601"
            ))
        })?;
        self.check_time(stamp, sent, now)?;
        if self.region != region {
            return Err(Fault::Unfit("Credential should be scoped to a valid region. ".into()));
        }
        match service {
            Some(service) if service == self.service => {}
            Some(service) => {
                return Err(Fault::Unfit(format!(
                    "Credential should be scoped to correct service: '{service}'. "
                )));
            }
            None => return Err(Fault::Unfit("Credential should be scoped to correct service. ".into())),
        }
        // What is not signed could be changed on the way, so these must be.
        let signed = |name: &str| self.signed_headers.iter().any(|h| h == name);
        for name in ["host", "x-amz-date", "x-amz-target", "x-amz-security-token"] {
            if parts.headers.contains_key(name) && !signed(name) {
                return Err(Fault::Mismatch);
            }
        }
        if !signed("host") || (self.presigned.is_none() && !signed("x-amz-date")) {
            return Err(Fault::Mismatch);
        }
        // aws-sigv4 would write the names in small letters, and so take a list that was changed on the way.
        if self.signed_headers.iter().any(|name| name.bytes().any(|b| b.is_ascii_uppercase())) {
            return Err(Fault::Mismatch);
        }
        let expected = self.sign_again(parts, body, &key.secret, sent).ok_or(Fault::Mismatch)?;
        if same(expected.as_bytes(), self.signature.as_bytes()) {
            Ok(key.caller.clone())
        } else {
            Err(Fault::Mismatch)
        }
    }

    fn check_time(&self, stamp: &str, sent: Timestamp, now: Timestamp) -> Result<(), Fault> {
        if !stamp.starts_with(self.date.as_str()) || self.date.len() != 8 {
            return Err(Fault::Unfit(format!(
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: \
                 '{}' != '{}', from '{stamp}'.",
                self.date,
                stamp.get(..8).unwrap_or_default()
            )));
        }
        let holds = self.presigned.as_ref().and_then(|p| p.expires).map_or(SKEW, |expires| expires.min(SKEW));
        let (earliest, latest) = (now - holds, now + SKEW);
        if sent < earliest {
            let time = if holds == SKEW { "15 min.".into() } else { format!("{} sec.", holds.as_secs()) };
            return Err(Fault::TooOld(format!(
                "Signature expired: {stamp} is now earlier than {} ({} - {time})",
                write_stamp(earliest),
                write_stamp(now)
            )));
        }
        if sent > latest {
            return Err(Fault::TooNew(format!(
                "Signature not yet current: {stamp} is still later than {} ({} + 15 min.)",
                write_stamp(latest),
                write_stamp(now)
            )));
        }
        Ok(())
    }

    fn sign_again(&self, parts: &Parts, body: &[u8], secret: &str, time: Timestamp) -> Option<String> {
        let scope = Scope { secret, date: &self.date, region: &self.region, service: &self.service };
        if let Some(presigned) = &self.presigned {
            return presigned.sign_again(parts, body, &self.signed_headers, scope);
        }
        if let Some(signature) = signing::plain(parts, body, &self.signed_headers, scope) {
            return Some(signature);
        }
        let mut headers = Vec::with_capacity(self.signed_headers.len());
        for name in &self.signed_headers {
            // A header that was signed and is not there makes another signature, as it should.
            for value in parts.headers.get_all(name.as_str()) {
                headers.push((name.as_str(), std::str::from_utf8(value.as_bytes()).ok()?));
            }
        }
        let uri = parts.uri.path_and_query().map_or("/", |p| p.as_str());
        let identity = identity(&self.key_id, secret);
        let (signature, _) = signature(
            parts.method.as_str(),
            uri,
            &headers,
            body,
            &identity,
            &self.region,
            &self.service,
            time,
        )?;
        Some(signature)
    }
}

/// Keys in the form that aws-sigv4 wants.
pub(crate) fn identity(key_id: &str, secret: &str) -> Identity {
    Credentials::new(key_id, secret, None, None, "recipe-walk-sandbox").into()
}

/// Signs a request over exactly these headers (and `x-amz-date`); returns the signature and the `Authorization` value.
#[expect(clippy::too_many_arguments, reason = "they are the parts of the signature, each used once")]
pub(crate) fn signature(
    method: &str,
    uri: &str,
    headers: &[(&str, &str)],
    body: &[u8],
    identity: &Identity,
    region: &str,
    service: &str,
    time: Timestamp,
) -> Option<(String, String)> {
    let mut settings = SigningSettings::default();
    // The library leaves out what proxies change; a client that signed such a header signed it all the same.
    settings.excluded_headers = Some(Vec::new());
    let params = v4::SigningParams::builder()
        .identity(identity)
        .region(region)
        .name(service)
        .time(time.into())
        .settings(settings)
        .build()
        .ok()?
        .into();
    let request =
        SignableRequest::new(method, uri, headers.iter().copied(), SignableBody::Bytes(body)).ok()?;
    let (instructions, signature) = sign(request, &params).ok()?.into_parts();
    let authorization = instructions.headers().find(|(name, _)| *name == "authorization")?.1.to_owned();
    Some((signature, authorization))
}

/// Compares without stopping at the first difference, so that the time taken tells nothing about a secret.
pub(crate) fn same(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let difference = a.iter().zip(b).fold(0u8, |all, (x, y)| std::hint::black_box(all | (x ^ y)));
    std::hint::black_box(difference) == 0
}

/// `20261122T211755Z`
pub(crate) fn write_stamp(time: Timestamp) -> String {
    time.strftime("%Y%m%dT%H%M%SZ").to_string()
}

pub(super) fn read_stamp(text: &str) -> Option<Timestamp> {
    let time = DateTime::strptime("%Y%m%dT%H%M%SZ", text).ok()?;
    Some(time.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

#[cfg(test)]
#[path = "sigv4_tests.rs"]
mod tests;
