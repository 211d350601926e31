//! How far figures can be trusted, and what to do about it.

use crate::measure::{Recorder, median};
use serde::Serialize;

/// Round medians may differ by this share of their middle before we call them noisy.
const CALM: f64 = 0.25;
/// Fewer samples than this make a 99th percentile a guess.
const ENOUGH: u64 = 100;

/// The judgement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Noise {
    /// Whether to measure again.
    pub noisy: bool,
    /// What was seen and what to do.
    pub advice: Vec<String>,
}

/// How far the medians of rounds lie apart, as a share of their middle.
pub fn spread(rounds: &[Recorder]) -> f64 {
    let medians: Vec<f64> = rounds.iter().map(Recorder::median_ms).collect();
    let (low, high) = medians
        .iter()
        .fold((f64::INFINITY, 0.0_f64), |(low, high), &value| (low.min(value), high.max(value)));
    let middle = median(&medians);
    if middle > 0.0 { (high - low) / middle } else { 0.0 }
}

/// Judges the spreads of all sides and the smallest number of samples.
pub fn judge(spreads: &[f64], fewest: u64) -> Noise {
    let mut advice = Vec::new();
    let worst = spreads.iter().copied().fold(0.0, f64::max);
    if worst > CALM {
        advice.push(format!(
            "round medians differ by up to {:.0} %: close other programs, or use more --rounds.",
            worst * 100.0
        ));
    }
    if fewest < ENOUGH {
        advice.push(format!(
            "one side has only {fewest} samples: its p99 is a guess; raise --seconds-per-side."
        ));
    }
    if let Some(note) = busy() {
        advice.push(note);
    }
    Noise { noisy: worst > CALM, advice }
}

/// Judges throughput over time and between repetitions: `slots` are the requests of equal spans of one phase.
pub fn judge_load(slots: &[&[u64]], spreads: &[f64]) -> Noise {
    let mut advice = Vec::new();
    let worst = spreads.iter().copied().fold(0.0, f64::max);
    if worst > CALM {
        advice.push(format!(
            "repetitions differ by up to {:.0} %: close other programs, or use more --repeats and --seconds.",
            worst * 100.0
        ));
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
            "{dips} spans had less than half of their stage's usual throughput: something else ran, or a server paused."
        ));
    }
    if let Some(note) = busy() {
        advice.push(note);
    }
    Noise { noisy: worst > CALM || dips > 0, advice }
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
    use std::time::Duration;

    fn rounds(micros: &[u64]) -> Vec<Recorder> {
        micros
            .iter()
            .map(|us| {
                let mut recorder = Recorder::new();
                recorder.record(Duration::from_micros(*us));
                recorder
            })
            .collect()
    }

    #[test]
    fn the_spread_is_relative() {
        assert!(spread(&rounds(&[100, 100, 100])) < 0.01);
        assert!((spread(&rounds(&[100, 200, 150])) - 0.667).abs() < 0.01);
        assert!(spread(&[]).abs() < f64::EPSILON);
    }

    #[test]
    fn noise_comes_with_advice() {
        let noise = judge(&[0.1, 0.6], 5);
        assert!(noise.noisy);
        assert!(noise.advice[0].contains("60 %") && noise.advice[1].contains("only 5 samples"));
        assert!(!judge(&[0.1], 1_000).noisy);
    }
}
