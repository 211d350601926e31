//! The sandbox's private certificate authority, and the certificates of its engines.

use crate::system::private;
use std::io;
use std::net::IpAddr;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use jiff::ToSpan;
use jiff::civil::Date;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyPair, KeyUsagePurpose, SanType, date_time_ymd,
};

use super::files;

const CERTIFICATE: &str = "ca.pem";
const KEY: &str = "ca.key";

/// Bytes of either that are read.
const LONGEST: u64 = 64 * 1024;

/// Two first users at the same time must get the same authority.
static FIRST_USE: Mutex<()> = Mutex::new(());

/// The authority's public certificate in PEM, made together with its key on first use.
pub fn ca_pem(dir: &Path) -> io::Result<String> {
    let _first = FIRST_USE.lock().unwrap_or_else(PoisonError::into_inner);
    let home = dir.join("ca");
    let (certificate, key) = (home.join(CERTIFICATE), home.join(KEY));
    if key.exists() && certificate.exists() {
        return recipe_walk_files::text(&certificate, LONGEST);
    }
    files::private_dir(&home)?;
    let pair = KeyPair::generate().map_err(other)?;
    let pem = authority()?.self_signed(&pair).map_err(other)?.pem();
    private::replace(&key, pair.serialize_pem().as_bytes())?;
    private::replace(&certificate, pem.as_bytes())?;
    Ok(pem)
}

/// Issues a server certificate for `addresses` and writes `cert.pem` and `key.pem` (0600) into `target`.
///
/// It is issued anew at every start of an engine, so it need not live longer than a sandbox is likely to run.
pub fn issue(dir: &Path, target: &Path, addresses: &[IpAddr]) -> io::Result<()> {
    ca_pem(dir)?;
    let key =
        KeyPair::from_pem(&recipe_walk_files::text(&dir.join("ca").join(KEY), LONGEST)?).map_err(other)?;
    let issuer = Issuer::new(authority()?, key);
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    if let Some(first) = addresses.first() {
        params.distinguished_name.push(DnType::CommonName, first.to_string());
    }
    params.subject_alt_names = addresses.iter().copied().map(SanType::IpAddress).collect();
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    // It has both usages, because a replica presents it to its primary as a client.
    params.extended_key_usages =
        vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
    params.use_authority_key_identifier_extension = true;
    valid_for(&mut params, 2)?;
    let pair = KeyPair::generate().map_err(other)?;
    let certificate = params.signed_by(&pair, &issuer).map_err(other)?;
    private::replace(&target.join("cert.pem"), certificate.pem().as_bytes())?;
    private::replace(&target.join("key.pem"), pair.serialize_pem().as_bytes())
}

/// The authority's parameters: the same every time, for a loaded key signs under the same name.
fn authority() -> io::Result<CertificateParams> {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, "recipe-walk sandbox CA");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    valid_for(&mut params, 20)?;
    Ok(params)
}

fn valid_for(params: &mut CertificateParams, years: i32) -> io::Result<()> {
    let today = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    // It begins a week ago, because the machine's clock and the client's may differ.
    let from = today.checked_sub(1.week()).map_err(other)?;
    let until = today.checked_add(years.years()).map_err(other)?;
    let moment = |date: Date| date_time_ymd(i32::from(date.year()), date.month() as u8, date.day() as u8);
    params.not_before = moment(from);
    params.not_after = moment(until);
    Ok(())
}

fn other(error: impl std::fmt::Display) -> io::Error {
    io::Error::other(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn makes_one_authority_and_keeps_its_key_private() {
        let dir = tempfile::tempdir().expect("directory");
        let first = ca_pem(dir.path()).expect("first");
        assert_eq!(first, ca_pem(dir.path()).expect("second"));
        assert!(first.starts_with("-----BEGIN CERTIFICATE-----"));
        let mode = fs::metadata(dir.path().join("ca/ca.key")).expect("key").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
