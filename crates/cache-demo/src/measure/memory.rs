//! Memory, in MB.

use crate::measure::latency::round;

/// The high-water mark of resident memory, in MB; 0 where the system does not tell. Linux only.
pub(crate) fn peak_mb() -> f64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kilobytes =
        text.lines().find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next()?.parse().ok());
    round(kilobytes.unwrap_or(0.0) / 1024.0, 1)
}

/// Bytes as mebibytes.
pub(crate) fn mb(bytes: u64) -> f64 {
    round(bytes as f64 / 1_048_576.0, 2)
}

#[cfg(test)]
mod tests {
    #[test]
    fn peak_memory_is_more_than_a_megabyte() {
        assert!(super::peak_mb() > 1.0);
    }
}
