//! What the person's environment and AWS files say, looked at before the SDK does: it takes an empty variable for a value, says
//! nothing of a file that it cannot read, and panics where a key has a character that no header can have.

use super::{ConnectError, SERVICES, Target, endpoint};
use aws_credential_types::Credentials;
use recipe_walk_engine::did_you_mean::closest;
use recipe_walk_engine::shown::shown;
use std::path::{Path, PathBuf};

/// Bytes of a file of AWS's tools.
const LARGEST: u64 = 4 * 1024 * 1024;

/// The profile and the region that are meant; an empty variable is one that is not set.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Surroundings {
    /// Profile, where one is named.
    pub(super) profile: Option<String>,
    /// Region, where one is named outside the files.
    pub(super) region: Option<String>,
    /// A file of the certificates that are trusted, instead of the system's.
    pub(super) ca_bundle: Option<PathBuf>,
    /// The endpoint of all services, where the environment names one that counts.
    pub(super) endpoint: Option<String>,
    /// Whether the variable of the endpoint is there and says nothing.
    pub(super) endpoint_is_blank: bool,
}

/// A look at them. `read` reads the environment.
pub(super) fn look(
    target: &Target,
    read: impl Fn(&str) -> Option<String>,
) -> Result<Surroundings, ConnectError> {
    let variable = |name: &str| {
        read(name).map(|value| value.trim_matches(' ').to_owned()).filter(|value| !value.is_empty())
    };
    let given = |own: &Option<String>, names: [&'static str; 2]| {
        let own = own.clone().map(|value| ("the command line", value));
        let named = || names.into_iter().find_map(|name| Some((name, variable(name)?)));
        own.or_else(named).map(|(source, value)| usable(source, &value)).transpose()
    };
    let profiles = ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"];
    // The SDK would look for a profile without a name.
    let usual = || profiles.iter().any(|name| read(name).is_some()).then(|| "default".to_owned());
    // The SDK passes over an address that it cannot read, and asks AWS itself.
    let address = |name: &str| variable(name).map(|value| endpoint::parse(name, &value)).transpose();
    for service in SERVICES {
        address(&format!("{}_{}", endpoint::VARIABLE, service.to_uppercase().replace(' ', "_")))?;
    }
    let ignored = variable("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")
        .is_some_and(|value| value.eq_ignore_ascii_case("true"));
    let mut found = Surroundings {
        ca_bundle: variable("AWS_CA_BUNDLE").map(PathBuf::from),
        endpoint: address(endpoint::VARIABLE)?.filter(|_| !ignored),
        endpoint_is_blank: read(endpoint::VARIABLE).is_some_and(|value| value.trim().is_empty()),
        profile: given(&target.profile, profiles)?.or_else(usual),
        region: given(&target.region, ["AWS_REGION", "AWS_DEFAULT_REGION"])?,
    };
    let mut known = Vec::new();
    for (name, usual) in [("AWS_CONFIG_FILE", "config"), ("AWS_SHARED_CREDENTIALS_FILE", "credentials")] {
        let home = || Some(PathBuf::from(variable("HOME")?).join(".aws").join(usual));
        let Some(file) = variable(name).map(PathBuf::from).or_else(home) else { continue };
        let text = text(&file)?;
        known.extend(sections(&text).map(|(name, _)| name));
        if usual == "config" && found.ca_bundle.is_none() {
            let profile = found.profile.as_deref().unwrap_or("default");
            let own = sections(&text).filter(|(name, _)| name == profile);
            found.ca_bundle =
                own.filter_map(|(_, lines)| value(lines, "ca_bundle")).last().map(PathBuf::from);
        }
    }
    if let Some(profile) = target.profile.as_deref().or(variable("AWS_PROFILE").as_deref())
        && profile != "default"
        && !known.iter().any(|name| name == profile)
    {
        let meant = closest(profile, known.iter().map(String::as_str)).map(str::to_owned);
        return Err(ConnectError::UnknownProfile { profile: shown(profile), meant });
    }
    Ok(found)
}

fn usable(source: &'static str, value: &str) -> Result<String, ConnectError> {
    if value.chars().all(|c| !c.is_control()) {
        return Ok(value.to_owned());
    }
    Err(ConnectError::Unusable { what: source.to_owned(), value: shown(value) })
}

/// A file of AWS's tools; nothing where there is none.
fn text(file: &Path) -> Result<String, ConnectError> {
    // The usual way to say that there is none.
    if file == Path::new("/dev/null") {
        return Ok(String::new());
    }
    let failed = |why: String| ConnectError::File { file: file.to_owned(), why };
    let bytes = match recipe_walk_files::bytes(file, LARGEST) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(String::new()),
        Err(error) => return Err(failed(error.to_string())),
    };
    let text = String::from_utf8(bytes).map_err(|_| failed("it is not text in UTF-8".into()))?;
    if text.starts_with('\u{feff}') {
        return Err(failed("it begins with a byte order mark, which AWS's tools do not read past".into()));
    }
    Ok(text)
}

/// The profiles of a file, each with its lines.
fn sections(text: &str) -> impl Iterator<Item = (String, &str)> {
    let heads = text.match_indices('[').filter(|(at, _)| *at == 0 || text[..*at].ends_with('\n'));
    heads.filter_map(|(at, _)| {
        let (head, lines) = text[at + 1..].split_once(']')?;
        let name = head.trim();
        let name = name.strip_prefix("profile ").unwrap_or(name).trim().trim_matches(['"', '\'']);
        Some((name.to_owned(), lines.split("\n[").next().unwrap_or_default()))
    })
}

/// What a section says of a key: indented lines belong to another one.
fn value<'a>(lines: &'a str, key: &str) -> Option<&'a str> {
    let own = lines.lines().filter(|line| !line.starts_with([' ', '\t', '#', ';']));
    let pairs = own.filter_map(|line| line.split_once('='));
    pairs
        .filter(|(name, _)| name.trim() == key)
        .map(|(_, value)| value.trim())
        .rfind(|value| !value.is_empty())
}

/// Refuses keys that cannot be signed with or sent: a blank, a line's end, or anything beyond ASCII in them.
pub(super) fn check(keys: &Credentials) -> Result<(), ConnectError> {
    let fit = |text: &str| text.bytes().all(|b| b.is_ascii_graphic());
    for (what, value, name) in [
        ("the access key's id", keys.access_key_id(), "AWS_ACCESS_KEY_ID"),
        ("the secret key", keys.secret_access_key(), "AWS_SECRET_ACCESS_KEY"),
        ("the session token", keys.session_token().unwrap_or_default(), "AWS_SESSION_TOKEN"),
    ] {
        if fit(value) {
            continue;
        }
        let here = std::env::var(name).is_ok_and(|own| own == value);
        let what = if here { name.to_owned() } else { format!("{what} in the AWS files") };
        let seen = if name == "AWS_ACCESS_KEY_ID" { shown(value) } else { "not shown".to_owned() };
        return Err(ConnectError::Unusable { what, value: seen });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn looked(target: &Target, set: &[(&str, &str)]) -> Result<Surroundings, ConnectError> {
        let find =
            |name: &str| set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        look(target, find)
    }

    #[test]
    fn first_region_that_says_something_counts() {
        let region = |set: &[(&str, &str)]| looked(&Target::default(), set).expect("usable").region;
        assert_eq!(region(&[("AWS_DEFAULT_REGION", "eu-west-1")]).as_deref(), Some("eu-west-1"));
        assert_eq!(
            region(&[("AWS_REGION", ""), ("AWS_DEFAULT_REGION", " eu-west-2 ")]).as_deref(),
            Some("eu-west-2")
        );
        assert_eq!(region(&[]), None);
        let empty = looked(&Target::default(), &[("AWS_PROFILE", "")]).expect("usable");
        assert_eq!(empty.profile.as_deref(), Some("default"));
        let bad = looked(&Target::default(), &[("AWS_REGION", "eu-west-1\r")]);
        assert!(
            matches!(bad, Err(ConnectError::Unusable { ref what, .. }) if what == "AWS_REGION"),
            "{bad:?}"
        );
    }

    #[test]
    fn unknown_profiles_name_the_nearest_bad_files_their_cause() {
        let dir = tempfile::tempdir().expect("a directory");
        let file = dir.path().join("config");
        let named = |profile: &str| {
            let target = Target { profile: Some(profile.into()), ..Target::default() };
            looked(&target, &[("AWS_CONFIG_FILE", &file.display().to_string())])
        };
        std::fs::write(&file, "[default]\n[profile workshop]\n[profile 'Q A']\n").expect("written");
        assert!(named("workshop").is_ok() && named("Q A").is_ok() && named("default").is_ok());
        let unknown = named("wrokshop");
        assert!(
            matches!(unknown, Err(ConnectError::UnknownProfile { meant: Some(ref meant), .. }) if meant == "workshop"),
            "{unknown:?}"
        );
        for (content, why) in
            [(&b"\xef\xbb\xbf[default]\n"[..], "byte order mark"), (&b"\xff\xfe["[..], "UTF-8")]
        {
            std::fs::write(&file, content).expect("written");
            let refused = named("default").expect_err("refused").to_string();
            assert!(refused.contains(why) && refused.contains("config"), "{refused}");
        }
    }

    #[test]
    fn bundle_of_the_variable_goes_over_that_of_the_profile() {
        let dir = tempfile::tempdir().expect("a directory");
        let file = dir.path().join("config");
        let text = "[default]\nca_bundle = /d.pem\n[profile w]\ns3 =\n  ca_bundle = /no.pem\n#ca_bundle = /no.pem\nca_bundle=/w.pem\n[profile x]\nregion = r\n";
        std::fs::write(&file, text).expect("written");
        let of = |profile: &str, more: &[(&str, &str)]| {
            let file = file.display().to_string();
            let all = [&[("AWS_CONFIG_FILE", file.as_str()), ("AWS_PROFILE", profile)], more].concat();
            looked(&Target::default(), &all).expect("usable").ca_bundle
        };
        let path = |text: &str| Some(PathBuf::from(text));
        assert_eq!(of("", &[]), path("/d.pem"));
        assert_eq!(of("w", &[]), path("/w.pem"));
        assert_eq!(of("w", &[("AWS_CA_BUNDLE", "/e.pem")]), path("/e.pem"));
        assert_eq!(of("w", &[("AWS_CA_BUNDLE", "")]), path("/w.pem"));
        assert_eq!(of("x", &[]), None);
    }

    #[test]
    fn keys_unfit_for_headers_are_refused_and_not_shown() {
        let keys = |id: &str, secret: &str, token: Option<&str>| {
            check(&Credentials::new(id, secret, token.map(str::to_owned), None, "test"))
        };
        assert!(keys("AKIAEXAMPLE", "a/b+c=", Some("token==")).is_ok());
        for (id, secret, token) in [
            ("AKIA\r", "s", None),
            ("AKIA", "s s", None),
            ("AKIA", "s", Some("t\n")),
            ("AKIÄ", "s", None),
            ("AKIA", "\u{feff}s", None),
        ] {
            let refused = keys(id, secret, token).expect_err("refused").to_string();
            assert!(!refused.contains("s s") && !refused.contains('\r'), "{refused}");
        }
    }
}
