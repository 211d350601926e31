//! How long to wait between two looks: 4 % of the time already waited, so that no wait is more than that too long,
//! and neither a fast sandbox nor a slow cloud is asked too often.

use std::time::Duration;

const SHORTEST: Duration = Duration::from_millis(250);
const LONGEST: Duration = Duration::from_secs(12);

/// The time until the next look. `throttled` counts the throttling answers in a row.
pub fn pause(waited: Duration, throttled: u32) -> Duration {
    let usual = waited.mul_f64(0.04).clamp(SHORTEST, LONGEST);
    (usual * 2_u32.pow(throttled.min(5))).min(LONGEST * 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_with_the_wait_and_stay_in_their_bounds() {
        assert_eq!(pause(Duration::ZERO, 0), SHORTEST);
        assert_eq!(pause(Duration::from_secs(100), 0), Duration::from_secs(4));
        assert_eq!(pause(Duration::from_mins(50), 0), LONGEST);
        assert!(pause(Duration::ZERO, 3) > pause(Duration::ZERO, 0));
        assert_eq!(pause(Duration::from_mins(50), 99), LONGEST * 2);
    }
}
