//! The demo for the instance, as the build script left it.

use recipe_walk_engine::deliver::Payload;
use std::io::Read as _;

/// The embedded demo.
pub(crate) const PAYLOAD: Payload = Payload {
    xz: include_bytes!(concat!(env!("OUT_DIR"), "/cache-demo.xz")),
    sha256: include_str!(concat!(env!("OUT_DIR"), "/cache-demo.sha256")),
};

/// The demo's program itself.
pub(crate) fn unpack() -> std::io::Result<Vec<u8>> {
    let mut binary = Vec::new();
    lzma_rust2::XzReader::new(PAYLOAD.xz, true).read_to_end(&mut binary)?;
    Ok(binary)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_payload_unpacks_to_what_its_checksum_says() {
        let binary = unpack().expect("unpacks");
        assert!(binary.starts_with(b"\x7fELF"));
        assert_eq!(recipe_walk_engine::deliver::sha256(&binary), PAYLOAD.sha256);
    }
}
