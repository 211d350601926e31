//! How the demo gets to the instance: base64 pieces inside SSM commands, each checked on arrival, the whole checked again.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

/// Raw bytes in a piece: 48 KiB become 64 KiB of base64, well below Run Command's 97 KB (AWS-FACTS section 4).
pub const PIECE: usize = 48 * 1024;

/// Where everything of ours lies on the instance. Run Command has no HOME on AWS, and runs as root.
pub const ENTER: &str =
    "set -eu\numask 077\nD=\"${HOME:-/root}/.recipe-walk\"\nmkdir -p \"$D/parts\"\ncd \"$D\"\n";

/// The demo for the instance: an xz-compressed x86-64 Linux binary.
#[derive(Debug, Clone, Copy)]
pub struct Payload {
    /// The compressed bytes.
    pub xz: &'static [u8],
    /// SHA-256 of the binary itself, in hex.
    pub sha256: &'static str,
}

/// SHA-256 in hex.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut hex, b| {
        let _ = write!(hex, "{b:02x}");
        hex
    })
}

impl Payload {
    /// Number of pieces.
    pub fn pieces(&self) -> usize {
        self.xz.chunks(PIECE).len()
    }

    /// The script that stores one piece, unless it is there already.
    pub fn piece_script(&self, index: usize) -> Option<String> {
        let piece = self.xz.chunks(PIECE).nth(index)?;
        let (name, sum) = (format!("parts/{index:03}"), sha256(piece));
        Some(format!(
            "{ENTER}echo '{sum}  {name}' > {name}.sum\n\
             sha256sum -c {name}.sum >/dev/null 2>&1 && exit 0\n\
             base64 -d > {name} <<'PIECE'\n{}\nPIECE\nsha256sum -c {name}.sum >/dev/null\n",
            STANDARD.encode(piece)
        ))
    }

    /// The script that tells whether this very demo is installed: it prints `installed` or `absent`.
    pub fn look_script(&self) -> String {
        format!(
            "{ENTER}echo '{}  cache-demo' > cache-demo.sum\n\
             if sha256sum -c cache-demo.sum >/dev/null 2>&1; then echo installed; else echo absent; fi\n",
            self.sha256
        )
    }

    /// The script that puts the pieces together, checks the whole and prints `installed`.
    pub fn join_script(&self) -> String {
        format!(
            "{ENTER}rm -f parts/*.sum\ncat parts/* | xz -dc > cache-demo.new\n\
             echo '{}  cache-demo.new' > cache-demo.sum\nsha256sum -c cache-demo.sum >/dev/null\n\
             chmod 700 cache-demo.new\nmv cache-demo.new cache-demo\nrm -rf parts\necho installed\n",
            self.sha256
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_piece_fits_into_a_command_and_the_pieces_are_the_whole() {
        let bytes: &'static [u8] = Box::leak((0..130_000_u32).map(|n| (n % 251) as u8).collect());
        let payload = Payload { xz: bytes, sha256: "00" };
        assert_eq!(payload.pieces(), 3);
        let mut whole = Vec::new();
        for index in 0..3 {
            let script = payload.piece_script(index).expect("a piece");
            assert!(script.len() < 81_000, "{}", script.len());
            let body = script.split("PIECE'\n").nth(1).and_then(|s| s.split('\n').next()).expect("a body");
            whole.extend(STANDARD.decode(body).expect("base64"));
        }
        assert_eq!(whole, bytes);
        assert_eq!(payload.piece_script(3), None);
    }
}
