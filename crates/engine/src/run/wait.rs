//! How long to wait between two looks: 4 % of the time already waited, so that no wait is more than that too long,
//! and neither a fast sandbox nor a slow cloud is asked too often.

use std::time::Duration;

const SHORTEST: Duration = Duration::from_millis(250);
const LONGEST: Duration = Duration::from_secs(12);

/// The time until the next look.
pub fn pause(waited: Duration) -> Duration {
    waited.mul_f64(0.04).clamp(SHORTEST, LONGEST)
}

/// The time until the next call, after so many in a row that were throttled or failed otherwise.
pub fn pause_after_failures(waited: Duration, in_a_row: u32) -> Duration {
    (pause(waited) * 2_u32.pow(in_a_row.min(5))).min(LONGEST * 2)
}

/// The time until the next look for something that takes a second or more to show.
pub fn slow_pause(waited: Duration) -> Duration {
    pause_after_failures(waited, 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_with_the_wait_and_stay_in_their_bounds() {
        assert_eq!(pause(Duration::ZERO), SHORTEST);
        assert_eq!(pause(Duration::from_secs(100)), Duration::from_secs(4));
        assert_eq!(pause(Duration::from_mins(50)), LONGEST);
        assert_eq!(slow_pause(Duration::ZERO), Duration::from_secs(1));
        assert!(pause_after_failures(Duration::ZERO, 3) > slow_pause(Duration::ZERO));
        assert_eq!(pause_after_failures(Duration::from_mins(50), 99), LONGEST * 2);
    }
}
