//! The seal at the end of every line of a journal: a check sum over this line and all before it, so that a byte that
//! changed on disk, a line that is missing and two that changed places are seen, and not only what is no JSON any more.
//! It protects from damage, not from malice.

use crc32fast::Hasher;

/// What stands between a line's content and the eight digits of its seal.
const MARK: &[u8] = b",\"sum\":\"";
/// What ends the line.
const END: &[u8] = b"\"}";
/// The length of a whole seal.
const LENGTH: usize = MARK.len() + 8 + END.len();

/// The check sum over all lines so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Seal(u32);

impl Seal {
    /// The seal after one more line.
    fn after(self, content: &[u8]) -> Self {
        let mut hasher = Hasher::new_with_initial(self.0);
        hasher.update(content);
        Self(hasher.finalize())
    }

    /// Seals a JSON object that is about to be written; answers the seal to go on from.
    #[must_use]
    pub fn put(self, object: &mut Vec<u8>) -> Self {
        object.pop();
        let after = self.after(object);
        object.extend_from_slice(MARK);
        object.extend_from_slice(format!("{:08x}", after.0).as_bytes());
        object.extend_from_slice(END);
        after
    }

    /// Checks a line that was read, without its line feed; answers the seal to go on from, or what is wrong in words.
    pub fn check(self, line: &[u8]) -> Result<Self, &'static str> {
        let (content, seal) =
            line.split_at_checked(line.len().wrapping_sub(LENGTH)).ok_or("it has no seal")?;
        let digits = seal.strip_prefix(MARK).and_then(|s| s.strip_suffix(END)).ok_or("it has no seal")?;
        let after = self.after(content);
        if digits == format!("{:08x}", after.0).as_bytes() {
            Ok(after)
        } else {
            Err("its seal does not fit: something in it or before it was changed, or is missing")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_line_is_still_one_json_object() {
        let mut line = br#"{"a":1}"#.to_vec();
        let after = Seal::default().put(&mut line);
        assert_eq!(Seal::default().check(&line), Ok(after));
        let value: serde_json::Value = serde_json::from_slice(&line).expect("JSON");
        assert_eq!((&value["a"], value["sum"].as_str().map(str::len)), (&1.into(), Some(8)));
        assert!(after.check(&line).is_err(), "a line twice");
        for short in [&b""[..], b"{}", b"\"}", &line[..LENGTH]] {
            assert!(Seal::default().check(short).is_err());
        }
    }
}
