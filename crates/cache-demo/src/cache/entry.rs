//! What is stored for a key: the value as it is, or with its date where the policy serves values past their TTL.
//!
//! A dated entry begins with `@stored+ttl` and a line feed, both in milliseconds. No JSON document starts like that, so
//! either kind of entry is understood under any policy.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Stored for a thing that is not in the database. No JSON document starts like this.
const ABSENT: &[u8] = b"\0absent";

/// An entry as it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The value; none for a remembered absence.
    pub value: Option<Arc<[u8]>>,
    /// How long ago it was stored, where it says so.
    pub age: Option<Duration>,
    /// How long past its TTL it is; zero while it is fresh.
    pub overdue: Duration,
}

/// Milliseconds since 1970. Processes compare each other's dates, so the clocks of their machines must agree, as NTP
/// makes them, to well below a TTL.
pub fn now_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64)
}

/// The bytes to store. `dated` gives the moment and the TTL, in milliseconds.
pub fn encode(value: Option<&[u8]>, dated: Option<(u64, u64)>) -> Cow<'_, [u8]> {
    let bytes = value.unwrap_or(ABSENT);
    let Some((now, ttl)) = dated else { return Cow::Borrowed(bytes) };
    let mut entry = format!("@{now}+{ttl}\n").into_bytes();
    entry.extend_from_slice(bytes);
    Cow::Owned(entry)
}

/// Reads what was stored.
pub fn decode(bytes: &[u8], now: u64) -> Entry {
    let (dates, bytes) = match dates(bytes) {
        Some((stored, ttl, rest)) => (Some((stored, ttl)), rest),
        None => (None, bytes),
    };
    let value = (bytes != ABSENT).then(|| Arc::from(bytes));
    let age = dates.map(|(stored, _)| Duration::from_millis(now.saturating_sub(stored)));
    let overdue = dates.map_or(Duration::ZERO, |(stored, ttl)| {
        Duration::from_millis(now.saturating_sub(stored.saturating_add(ttl)))
    });
    Entry { value, age, overdue }
}

fn dates(bytes: &[u8]) -> Option<(u64, u64, &[u8])> {
    let rest = bytes.strip_prefix(b"@")?;
    // Two numbers of at most twenty digits and a plus.
    let end = rest.iter().take(42).position(|byte| *byte == b'\n')?;
    let (stored, ttl) = std::str::from_utf8(&rest[..end]).ok()?.split_once('+')?;
    Some((stored.parse().ok()?, ttl.parse().ok()?, &rest[end + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_values_stay_as_they_are() {
        assert_eq!(encode(Some(b"{}"), None).as_ref(), b"{}");
        let entry = decode(b"{}", 99);
        assert_eq!(
            (entry.value.as_deref(), entry.age, entry.overdue),
            (Some(&b"{}"[..]), None, Duration::ZERO)
        );
        assert_eq!(decode(&encode(None, None), 0).value, None);
    }

    #[test]
    fn dated_values_tell_their_age() {
        let bytes = encode(Some(b"[1]"), Some((1_000, 500)));
        let fresh = decode(&bytes, 1_400);
        assert_eq!((fresh.age, fresh.overdue), (Some(Duration::from_millis(400)), Duration::ZERO));
        let old = decode(&bytes, 2_000);
        assert_eq!((old.age, old.overdue), (Some(Duration::from_secs(1)), Duration::from_millis(500)));
        assert_eq!(old.value.as_deref(), Some(&b"[1]"[..]));
        assert_eq!(decode(&encode(None, Some((1, 1))), 5).value, None);
        // A clock that is behind makes it young, never an error.
        assert_eq!(decode(&bytes, 0).age, Some(Duration::ZERO));
    }

    #[test]
    fn what_only_looks_dated_is_a_plain_value() {
        for bytes in [&b"@"[..], b"@1\n", b"@1+x\n", b"@1+2", b"@-1+2\nx"] {
            assert_eq!(decode(bytes, 0).value.as_deref(), Some(bytes));
        }
    }
}
