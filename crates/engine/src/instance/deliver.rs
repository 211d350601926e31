//! How the demo gets to the instance: base64 pieces inside SSM commands, each checked on arrival, the whole checked again.

use crate::machine::Machine;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

/// Raw bytes in a piece: 48 KiB become 64 KiB of base64, well below Run Command's 97 KB (docs/aws.md,
/// "Systems Manager").
pub const PIECE: usize = 48 * 1024;

/// Where everything of ours lies on the instance. Run Command has no HOME on AWS, and runs as root.
pub const ENTER: &str =
    "set -eu\numask 077\nD=\"${HOME:-/root}/.recipe-walk\"\nmkdir -p \"$D/parts\"\ncd \"$D\"\n";

/// The script that tells what the instance is, as `uname -sm`, and the checksum of the demo that it has, or `absent`.
pub const LOOK: &str = "uname -sm\nset -- \"${HOME:-/root}/.recipe-walk/demo\"\n\
    if [ -f \"$1\" ]; then sha256sum < \"$1\"; else echo absent; fi\n";

/// The demo for one kind of instance: an xz-compressed program.
#[derive(Debug, Clone, Copy)]
pub struct Payload {
    /// What it runs on.
    pub machine: Machine,
    /// The compressed bytes.
    pub xz: &'static [u8],
    /// SHA-256 of the binary itself, in hex.
    pub sha256: &'static str,
}

/// SHA-256 in hex.
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Bytes in hex, two small digits each.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut hex, b| {
        let _ = write!(hex, "{b:02x}");
        hex
    })
}

/// The most bytes that a recipe's own program may have: they go in one command.
pub const LARGEST: usize = PIECE;

/// Whether the answer to [`LOOK`] shows a program with this checksum.
fn shows(look: &str, sum: &str) -> bool {
    look.lines().nth(1).is_some_and(|line| line.split_whitespace().next() == Some(sum))
}

/// The script that installs a recipe's own program, unless it is there by the answer to [`LOOK`].
pub fn program_script(content: &str, look: &str) -> Option<String> {
    let data = STANDARD.encode(content);
    let script = format!(
        "{ENTER}base64 -d > demo.new <<'PIECE'\n{data}\nPIECE\nchmod 700 demo.new\nmv demo.new demo\necho installed\n"
    );
    (!shows(look, &sha256(content.as_bytes()))).then_some(script)
}

/// The demo for an instance that answered [`LOOK`], or what is wrong.
pub fn fitting<'a>(payloads: &'a [Payload], look: &str) -> Result<&'a Payload, String> {
    let said = look.lines().next().unwrap_or_default();
    let machine = Machine::of_uname(said);
    payloads.iter().find(|p| Some(p.machine) == machine).ok_or_else(|| {
        let carried: Vec<_> = payloads.iter().map(|p| p.machine.name()).collect();
        let carried = if carried.is_empty() { "none".to_owned() } else { carried.join(", ") };
        format!("this recipe-walk has no demo for an instance that is '{said}', only for: {carried}")
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

    /// Whether the answer to [`LOOK`] shows this very demo.
    pub fn is_installed(&self, look: &str) -> bool {
        shows(look, self.sha256)
    }

    /// The script that puts the pieces together, checks the whole and prints `installed`.
    pub fn join_script(&self) -> String {
        format!(
            "{ENTER}rm -f parts/*.sum\ncat parts/* | xz -dc > demo.new\n\
             echo '{}  demo.new' > demo.sum\nsha256sum -c demo.sum >/dev/null\n\
             chmod 700 demo.new\nmv demo.new demo\nrm -rf parts\necho installed\n",
            self.sha256
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_fit_into_commands_and_are_together_the_whole() {
        let bytes: &'static [u8] = Box::leak((0..130_000_u32).map(|n| (n % 251) as u8).collect());
        let payload = Payload { machine: Machine::LinuxX86, xz: bytes, sha256: "00" };
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

    #[test]
    fn the_instance_gets_the_demo_that_it_can_run() {
        let demo = |machine, sha256| Payload { machine, xz: &[], sha256 };
        let both = [demo(Machine::LinuxX86, "aa"), demo(Machine::LinuxArm, "bb")];
        let look = "Linux aarch64\nbb  -\n";
        let arm = fitting(&both, look).expect("a demo");
        assert_eq!((arm.sha256, arm.is_installed(look)), ("bb", true));
        let fresh = "Linux x86_64\nabsent\n";
        let x86 = fitting(&both, fresh).expect("a demo");
        assert_eq!((x86.sha256, x86.is_installed(fresh)), ("aa", false));
        let why = fitting(&both[..1], look).expect_err("no demo for it");
        assert!(why.contains("'Linux aarch64', only for: x86-64 Linux"), "{why}");
        assert!(fitting(&[], "").expect_err("nothing").ends_with("only for: none"));
    }
}
