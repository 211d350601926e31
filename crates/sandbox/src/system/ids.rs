//! Random identifiers and secrets, from the operating system's generator.

use std::fmt::Write as _;

/// Fills `buffer` with random bytes.
///
/// The operating system's generator does not fail once it is seeded, and nothing sensible can be served without it,
/// so that a failure here ends the process rather than weakening a secret.
pub(crate) fn fill(buffer: &mut [u8]) {
    if let Err(error) = getrandom::fill(buffer) {
        tracing::error!(%error, "no randomness from the operating system");
        std::process::abort();
    }
}

/// `length` lower-case hexadecimal digits.
pub(crate) fn hex(length: usize) -> String {
    let mut bytes = vec![0; length.div_ceil(2)];
    fill(&mut bytes);
    let mut out = String::with_capacity(length + 1);
    for byte in bytes {
        let _ = write!(out, "{byte:02x}");
    }
    out.truncate(length);
    out
}

/// A resource id in AWS's long form: the prefix and 17 hexadecimal digits, `sg-0123456789abcdef0`.
pub(crate) fn resource(prefix: &str) -> String {
    format!("{prefix}-0{}", hex(16))
}

/// A random (version 4) UUID, as AWS's request and command ids are.
pub(crate) fn uuid() -> String {
    let mut b = [0; 16];
    fill(&mut b);
    b[6] = (b[6] & 0x0f) | 0x40;
    b[8] = (b[8] & 0x3f) | 0x80;
    let mut out = String::with_capacity(36);
    for (i, byte) in b.iter().enumerate() {
        if matches!(i, 4 | 6 | 8 | 10) {
            out.push('-');
        }
        let _ = write!(out, "{byte:02x}");
    }
    out
}

/// `length` characters drawn evenly from `alphabet` (which must not be empty).
pub(crate) fn draw(length: usize, alphabet: &[u8]) -> String {
    let limit = 256 - 256 % alphabet.len();
    let mut out = String::with_capacity(length);
    let mut buffer = [0; 64];
    while out.len() < length {
        fill(&mut buffer);
        for byte in buffer {
            // Bytes above the last whole multiple are dropped, so that no character is likelier than another.
            if usize::from(byte) < limit && out.len() < length {
                out.push(char::from(alphabet[usize::from(byte) % alphabet.len()]));
            }
        }
    }
    out
}

/// `length` letters and digits, for secrets.
pub(crate) fn secret(length: usize) -> String {
    draw(length, b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
}

/// `length` upper-case letters and digits as in access keys and IAM's unique ids (base 32).
pub(crate) fn base32(length: usize) -> String {
    draw(length, b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
}

#[cfg(test)]
mod tests {
    #[test]
    fn ids_have_the_form_of_awss() {
        assert_eq!(super::resource("sg").len(), 20);
        assert_eq!(super::uuid().len(), 36);
        assert_eq!(super::uuid().as_bytes()[14], b'4');
        assert_eq!(super::secret(40).len(), 40);
        assert_ne!(super::secret(40), super::secret(40));
    }
}
