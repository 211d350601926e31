//! The session's key. It signs what the session keeps about itself in the account, and the session's name is made of it:
//! whoever may write parameters and tags, and may not read secrets, can neither sign a note nor put a key of their own in
//! the place of this one.

use crate::cloud::Note;
use crate::deliver::hex;
use crate::id::SessionId;
use hmac::{Hmac, KeyInit as _, Mac as _};
use recipe_walk_files::private;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use std::io;
use std::path::{Path, PathBuf};

/// Its file in the session's directory.
pub(crate) const FILE: &str = "key";
/// How often the key is hashed to the session's name, which has 38 bits: so many times dearer is the search for another
/// key of the same name, some hundred days of a graphics card.
const ROUNDS: u32 = 1 << 15;
/// Hexadecimal digits of a key, and of a signature.
const DIGITS: usize = 64;
/// Bytes of a file that is looked at for a key.
const LARGEST: u64 = 4096;

/// The key: 32 random bytes, written in hexadecimal digits.
#[derive(Debug, Clone)]
pub struct SessionKey(SecretString);

impl PartialEq for SessionKey {
    fn eq(&self, other: &Self) -> bool {
        self.0.expose_secret() == other.0.expose_secret()
    }
}

/// The key as this machine keeps it.
#[derive(Debug, Clone, PartialEq)]
pub struct KeptKey {
    /// The key.
    pub key: SessionKey,
    /// The file that holds it, for its owner only.
    pub file: PathBuf,
}

impl SessionKey {
    /// Makes a key of random bytes.
    pub fn new(random: [u8; 32]) -> Self {
        Self(hex(&random).into())
    }

    /// Reads the key that a file holds; nothing where it holds none.
    pub fn of_file(file: &Path) -> Option<Self> {
        Self::read(&recipe_walk_files::text(file, LARGEST).ok()?.into())
    }

    /// The key that this machine keeps of a session; nothing where it keeps none.
    pub fn of_session(sessions: &Path, id: &SessionId) -> Option<Self> {
        Self::of_file(&sessions.join(id.as_str()).join(FILE))
    }

    /// Reads a key; nothing where the text is none.
    pub fn read(text: &SecretString) -> Option<Self> {
        is_hex(text.expose_secret()).then(|| Self(text.clone()))
    }

    /// The key as it is stored.
    pub fn text(&self) -> &SecretString {
        &self.0
    }

    /// The name of the session whose key it is.
    pub fn session(&self) -> SessionId {
        let first = Sha256::new_with_prefix("recipe-walk session ").chain_update(self.0.expose_secret());
        let digest = (0..ROUNDS).fold(first.finalize(), |digest, _| Sha256::digest(digest));
        SessionId::from_bytes(std::array::from_fn(|index| digest[index]))
    }

    /// A note's text as the version of its parameter that it is written as: signed, on one line.
    pub fn sign(&self, path: &str, version: i64, text: &str) -> String {
        format!("{text} {version} {}", hex(&self.mac(path, version, text).finalize().into_bytes()))
    }

    /// The text of a note that this key has signed for this path and this version; nothing where it has not.
    pub fn signed<'a>(&self, path: &str, note: &'a Note) -> Option<&'a str> {
        let (rest, signature) = note.text.rsplit_once(' ')?;
        let (text, version) = rest.rsplit_once(' ')?;
        let version = version.parse().ok().filter(|version| *version == note.version)?;
        let signature = bytes(signature)?;
        self.mac(path, version, text).verify_slice(&signature).is_ok().then_some(text)
    }

    fn mac(&self, path: &str, version: i64, text: &str) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.0.expose_secret().as_bytes())
            .unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"));
        mac.update(format!("{path}\n{version}\n{text}").as_bytes());
        mac
    }
}

impl KeptKey {
    /// The key of a session's directory; nothing where there is none that can be read.
    pub(crate) fn read(dir: &Path) -> Option<Self> {
        let file = dir.join(FILE);
        Some(Self { key: SessionKey::of_file(&file)?, file })
    }

    /// Writes a key into a session's directory, for its owner only. The whole file comes at once.
    pub(crate) fn write(dir: &Path, key: SessionKey) -> io::Result<Self> {
        let file = dir.join(FILE);
        private::replace(&file, key.0.expose_secret().as_bytes())?;
        Ok(Self { key, file })
    }

    /// Forgets the key of a session's directory.
    pub(crate) fn remove(dir: &Path) {
        let _ = std::fs::remove_file(dir.join(FILE));
    }
}

fn is_hex(text: &str) -> bool {
    text.len() == DIGITS && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

fn bytes(text: &str) -> Option<Vec<u8>> {
    is_hex(text).then(|| {
        (0..DIGITS).step_by(2).filter_map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok()).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> SessionKey {
        SessionKey::new([byte; 32])
    }

    fn note(text: &str, version: i64) -> Note {
        Note { text: text.into(), version }
    }

    #[test]
    fn signatures_hold_for_one_key_text_path_and_version() {
        let (key, path) = (key(1), "/recipe-walk/rw-x/session");
        let text = key.sign(path, 2, "{\"a\": \"b c\"}");
        assert_eq!(key.signed(path, &note(&text, 2)), Some("{\"a\": \"b c\"}"));
        for (other, path, text, version) in [
            (&key, path, text.clone(), 3),
            (&key, "/recipe-walk/rw-x/results", text.clone(), 2),
            (&super::tests::key(2), path, text.clone(), 2),
            (&key, path, text.replace("b c", "b d"), 2),
            (&key, path, text.replace(" 2 ", " 3 "), 3),
            (&key, path, text[..text.len() - 1].to_owned(), 2),
            (&key, path, "{}".into(), 1),
            (&key, path, String::new(), 1),
        ] {
            assert_eq!(other.signed(path, &note(&text, version)), None, "{text} as version {version}");
        }
    }

    #[test]
    fn a_session_is_named_by_its_key() {
        assert_eq!(key(1).session(), key(1).session());
        assert_ne!(key(1).session(), key(2).session());
        for junk in ["", "x", &"g".repeat(DIGITS), &"A".repeat(DIGITS), &"ä".repeat(DIGITS / 2)] {
            assert!(SessionKey::read(&SecretString::from(junk)).is_none(), "{junk}");
        }
        assert!(!format!("{:?}", key(1)).contains("0101"), "a key is never shown");
    }

    #[cfg(unix)]
    #[test]
    fn the_kept_key_is_for_its_owner_only() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().unwrap();
        let kept = KeptKey::write(dir.path(), key(1)).unwrap();
        assert_eq!(std::fs::metadata(&kept.file).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(KeptKey::read(dir.path()), Some(kept));
        KeptKey::remove(dir.path());
        assert_eq!(KeptKey::read(dir.path()), None);
    }
}
