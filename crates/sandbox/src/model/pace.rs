//! How long things take.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr, time::Duration};

/// How the durations that AWS typically needs are scaled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Pace {
    /// The engines' own start-up and little more.
    #[default]
    Fast,
    /// Typical AWS durations.
    Real,
    /// Typical AWS durations times this factor (finite, greater than 0, at most 10).
    Factor(f64),
}

/// How long a transition lasts at the fast pace: long enough to be seen as a state, too short to wait for.
const FAST: Duration = Duration::from_millis(5);

impl Pace {
    /// How long something lasts that takes `real_seconds` on AWS.
    pub fn duration(self, real_seconds: f64) -> Duration {
        let seconds = match self {
            Pace::Fast => return FAST,
            Pace::Real => real_seconds,
            Pace::Factor(factor) => real_seconds * factor,
        };
        Duration::try_from_secs_f64(seconds).unwrap_or(FAST)
    }
}

/// A pace that is neither `fast`, `real` nor a usable factor.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a pace is `fast`, `real` or a factor greater than 0 and at most 10 such as `0.05`, not `{0}`")]
pub struct PaceError(String);

impl FromStr for Pace {
    type Err = PaceError;

    fn from_str(text: &str) -> Result<Self, PaceError> {
        match text {
            "fast" => Ok(Pace::Fast),
            "real" => Ok(Pace::Real),
            other => match other.parse::<f64>() {
                Ok(factor) if factor > 0.0 && factor <= 10.0 => Ok(Pace::Factor(factor)),
                _ => Err(PaceError(other.to_owned())),
            },
        }
    }
}

impl TryFrom<String> for Pace {
    type Error = PaceError;

    fn try_from(text: String) -> Result<Self, PaceError> {
        text.parse()
    }
}

impl From<Pace> for String {
    fn from(pace: Pace) -> String {
        pace.to_string()
    }
}

impl fmt::Display for Pace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Pace::Fast => f.write_str("fast"),
            Pace::Real => f.write_str("real"),
            Pace::Factor(factor) => write!(f, "{factor}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes_and_refuses_the_rest() {
        for pace in [Pace::Fast, Pace::Real, Pace::Factor(0.05)] {
            assert_eq!(pace.to_string().parse(), Ok(pace));
        }
        for bad in ["", "0", "-1", "nan", "inf", "11", "slow"] {
            assert!(bad.parse::<Pace>().is_err(), "{bad}");
        }
    }

    #[test]
    fn durations_are_scaled_by_the_pace() {
        assert_eq!(Pace::Factor(0.05).duration(100.0), Duration::from_secs(5));
        assert_eq!(Pace::Real.duration(15.0), Duration::from_secs(15));
        assert!(Pace::Fast.duration(600.0) < Duration::from_millis(50));
    }
}
