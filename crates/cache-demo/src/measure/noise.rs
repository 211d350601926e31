//! How far figures can be trusted, and what to do about it.

use crate::measure::latency::median;
use recipe_walk_measurements::Noise;
use std::sync::LazyLock;

/// Round medians may differ by this share of their middle before we call them noisy.
const CALM: f64 = 0.25;
/// A modified z-score from which on a figure is an outlier.
const OUTLYING: f64 = 3.5;
/// The share of stolen time from which on figures are spoiled.
const STOLEN: f64 = 0.05;
/// The processors' counters when the demo began.
static BEGUN: LazyLock<Option<String>> = LazyLock::new(processors);
/// Fewer samples than this make a 99th percentile a guess.
const ENOUGH: u64 = 100;

/// How far the figures of repetitions lie apart, as a share of their middle.
pub fn spread(figures: &[f64]) -> f64 {
    let (low, high) = figures
        .iter()
        .fold((f64::INFINITY, 0.0_f64), |(low, high), &value| (low.min(value), high.max(value)));
    let middle = median(figures);
    if middle > 0.0 { (high - low) / middle } else { 0.0 }
}

/// How many figures lie far outside of the others: by the modified z-score, from the median of the deviations, as a
/// few outliers do not move that (Iglewicz and Hoaglin, 1993).
pub fn outliers(figures: &[f64]) -> usize {
    let middle = median(figures);
    let deviations: Vec<f64> = figures.iter().map(|value| (value - middle).abs()).collect();
    let usual = median(&deviations);
    if figures.len() < 3 || usual <= 0.0 {
        return 0;
    }
    deviations.iter().filter(|deviation| 0.6745 * **deviation / usual > OUTLYING).count()
}

/// Judges the medians of each side's rounds and the smallest number of samples.
pub fn judge(sides: &[Vec<f64>], fewest: u64) -> Noise {
    let mut advice = Vec::new();
    let worst = sides.iter().map(|side| spread(side)).fold(0.0, f64::max);
    if worst > CALM {
        advice.push(format!(
            "round medians differ by up to {:.0} %: close other programs, or measure more rounds.",
            worst * 100.0
        ));
        let odd: usize = sides.iter().filter(|side| spread(side) > CALM).map(|side| outliers(side)).sum();
        if odd > 0 {
            advice.push(format!(
                "outliers among the rounds: {odd}. Something else ran then; medians are not moved by a few."
            ));
        }
    }
    if fewest < ENOUGH {
        advice.push(format!("one side has only {fewest} samples: its p99 is a guess; measure for longer."));
    }
    let stolen = surroundings(&mut advice);
    Noise { noisy: worst > CALM || stolen, advice }
}

/// Judges throughput over time and between repetitions: `slots` are the requests of equal spans of one phase, and
/// `repetitions` the figures of each side's.
pub fn judge_load(slots: &[&[u64]], repetitions: &[Vec<f64>]) -> Noise {
    let mut advice = Vec::new();
    let worst = repetitions.iter().map(|figures| spread(figures)).fold(0.0, f64::max);
    if worst > CALM {
        advice.push(format!(
            "repetitions differ by up to {:.0} %: close other programs, or measure for longer.",
            worst * 100.0
        ));
        let uneven = repetitions.iter().filter(|figures| spread(figures) > CALM);
        let odd: usize = uneven.map(|figures| outliers(figures)).sum();
        if odd > 0 {
            advice.push(format!("outliers among the repetitions: {odd}. Something else ran then."));
        }
    }
    let mut dips = 0;
    for phase in slots {
        let values: Vec<f64> = phase.iter().map(|n| *n as f64).collect();
        let middle = median(&values);
        // A span with less than half of the usual throughput is an outlier: something else ran, or a server paused.
        dips += values.iter().filter(|value| **value < middle / 2.0).count();
    }
    if dips > 0 {
        advice.push(format!(
            "spans with less than half of their stage's usual throughput: {dips}. Something else ran, or a server paused."
        ));
    }
    let stolen = surroundings(&mut advice);
    Noise { noisy: worst > CALM || dips > 0 || stolen, advice }
}

/// What the machine itself does to the figures; whether that spoils them.
fn surroundings(advice: &mut Vec<String>) -> bool {
    advice.extend(busy());
    let stolen = BEGUN.as_deref().zip(processors().as_deref()).and_then(|(begun, now)| stolen(begun, now));
    let spoiled = stolen.filter(|share| *share > STOLEN);
    advice.extend(spoiled.map(|share| {
        format!(
            "the hypervisor kept {:.0} % of the processors' time from this machine (steal): CPU credits are spent, or a \
             neighbour is busy, and both sides look slower than they are. Wait some minutes, or take a larger instance.",
            share * 100.0
        )
    }));
    spoiled.is_some()
}

/// Remembers the processors' counters, from which steal is counted.
pub fn begin() {
    LazyLock::force(&BEGUN);
}

/// The processors' counters; Linux only.
fn processors() -> Option<String> {
    std::fs::read_to_string("/proc/stat").ok()
}

/// The share of the processors' time between two readings of `/proc/stat` that a hypervisor gave to others.
fn stolen(begun: &str, now: &str) -> Option<f64> {
    // user nice system idle iowait irq softirq steal; what guests take is in "user" already.
    let fields = |text: &str| -> Option<[u64; 8]> {
        let line = text.lines().next()?.strip_prefix("cpu ")?;
        let all: Vec<u64> = line.split_whitespace().take(8).filter_map(|field| field.parse().ok()).collect();
        all.try_into().ok()
    };
    let (begun, now) = (fields(begun)?, fields(now)?);
    let spent = |at: usize| now[at].saturating_sub(begun[at]) as f64;
    let all: f64 = (0..8).map(spent).sum();
    (all > 0.0).then(|| spent(7) / all)
}

/// Whether other processes want more than this machine has; Linux only.
fn busy() -> Option<String> {
    let text = std::fs::read_to_string("/proc/loadavg").ok()?;
    let load: f64 = text.split_whitespace().next()?.parse().ok()?;
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    // Client and engines of one machine keep about one processor busy by themselves.
    (load > processors as f64 + 1.0).then(|| {
        format!("the machine is busy (load {load:.1} on {processors} processors): both sides look slower than they are.")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spread_is_relative() {
        assert!(spread(&[100.0, 100.0, 100.0]) < 0.01);
        assert!((spread(&[100.0, 200.0, 150.0]) - 0.667).abs() < 0.01);
        assert!((spread(&[90.0, 100.0, 120.0]) - 0.3).abs() < 0.001);
        assert!(spread(&[]).abs() < f64::EPSILON);
    }

    #[test]
    fn outliers_are_far_outside() {
        assert_eq!(outliers(&[1.0, 1.1, 0.9, 1.05, 4.0]), 1);
        assert_eq!(outliers(&[1.0, 1.1, 0.9, 1.05, 1.2]), 0);
        assert_eq!(outliers(&[1.0, 1.0, 1.0, 9.0]), 0, "without any usual deviation there is no measure");
        assert_eq!(outliers(&[1.0, 9.0]), 0);
    }

    #[test]
    fn noise_comes_with_advice() {
        let noise = judge(&[vec![1.0, 1.1], vec![1.0, 1.02, 0.98, 1.01, 2.0]], 5);
        assert!(noise.noisy);
        assert!(noise.advice[0].contains("101 %"), "{:?}", noise.advice);
        assert!(
            noise.advice[1].contains("outliers among the rounds: 1.")
                && noise.advice[2].contains("only 5 samples")
        );
        assert!(!judge(&[vec![1.0, 1.1]], 1_000).noisy);
    }

    #[test]
    fn steal_is_a_share_of_all_time() {
        let begun = "cpu  100 0 100 800 0 0 0 10 0 0\ncpu0 1 1\n";
        let now = "cpu  150 0 150 850 0 0 0 60 5 0\ncpu0 1 1\n";
        assert!((stolen(begun, now).expect("a share") - 0.25).abs() < 1e-9);
        assert_eq!(stolen(begun, begun), None, "no time has passed");
        // Counters of another machine, of an old kernel, or none: no share is better than a wrong one.
        assert_eq!(stolen(now, begun), None);
        assert_eq!(stolen("cpu  1 2 3 4\n", now), None);
        assert_eq!(stolen("", now), None);
    }

    #[test]
    fn a_pause_is_seen() {
        let noise = judge_load(&[&[10, 10, 2, 10, 10]], &[]);
        assert!(noise.noisy && noise.advice[0].contains("throughput: 1."));
        let noise = judge_load(&[], &[vec![10.0, 10.1, 9.9, 10.05, 2.0]]);
        assert!(noise.noisy && noise.advice[1].contains("repetitions: 1."), "{:?}", noise.advice);
    }
}
