//! The axis of a chart: round figures, and where a value lies between them.

use recipe_walk_measurements::chart::Scale;

/// The axis of values.
pub(super) struct Axis {
    low: f64,
    high: f64,
    scale: Scale,
    /// Values with a line and a label.
    pub(super) ticks: Vec<f64>,
}

impl Axis {
    /// An axis that has room for all values, with round figures on it.
    pub(super) fn new(values: impl Iterator<Item = f64>, scale: Scale) -> Self {
        let fit = |v: &f64| v.is_finite() && (scale == Scale::Linear || *v > 0.0);
        let (low, high) =
            values.filter(fit).fold((f64::MAX, f64::MIN), |(low, high), v| (low.min(v), high.max(v)));
        let (low, high) = if low > high { (1.0, 1.0) } else { (low, high) };
        match scale {
            Scale::Linear => {
                let step = round_step(high.max(f64::MIN_POSITIVE) / 4.0);
                let count = (high / step - 1e-9).ceil().max(1.0);
                let ticks = (0..=count as u32).map(|n| f64::from(n) * step).collect();
                Self { low: 0.0, high: count * step, scale, ticks }
            }
            Scale::Log => {
                let (first, last) = (low.log10().floor() as i32, high.log10().ceil() as i32);
                let last = last.max(first + 1);
                // More than five lines are too many; every second power of ten is enough then.
                let step = if last - first > 5 { 2 } else { 1 };
                let ticks = (first..=last).step_by(step).map(|p| 10_f64.powi(p)).collect();
                Self { low: 10_f64.powi(first), high: 10_f64.powi(last), scale, ticks }
            }
        }
    }

    /// The value's place on the axis, 0 to 1.
    pub(super) fn place(&self, value: f64) -> f64 {
        match self.scale {
            Scale::Linear => (value / self.high).clamp(0.0, 1.0),
            Scale::Log => {
                let (low, high) = (self.low.log10(), self.high.log10());
                ((value.max(self.low).log10() - low) / (high - low)).clamp(0.0, 1.0)
            }
        }
    }
}

/// 1, 2 or 5 times a power of ten, not smaller than the value.
fn round_step(value: f64) -> f64 {
    let power = 10_f64.powf(value.log10().floor());
    let factor = [1.0, 2.0, 5.0, 10.0].into_iter().find(|f| f * power >= value * 0.999).unwrap_or(10.0);
    factor * power
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_have_round_figures_and_room_for_everything() {
        let axis = Axis::new([260_604.0].into_iter(), Scale::Linear);
        assert_eq!(axis.ticks, [0.0, 100_000.0, 200_000.0, 300_000.0]);
        assert!((0.86..0.88).contains(&axis.place(260_604.0)));
        let axis = Axis::new([0.04, 44.0].into_iter(), Scale::Log);
        assert_eq!(axis.ticks, [0.01, 0.1, 1.0, 10.0, 100.0]);
        assert_eq!(Axis::new(std::iter::empty(), Scale::Log).ticks.len(), 2);
        assert!(Axis::new([0.0].into_iter(), Scale::Linear).place(0.0).abs() < 1e-9);
    }
}
