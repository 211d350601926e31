//! Which positions, places and kinds of fault a matrix tries.

use super::matrix_fixture::{Fixture, Place};

/// Kinds of fault after which a walk goes on by itself, or stops saved and resumable.
pub(crate) const KINDS: [&str; 5] = ["throttle", "server-error", "drop", "refuse", "slow"];

/// Whether every position runs, on both places.
pub(crate) fn full() -> bool {
    std::env::var_os("RECIPE_WALK_FULL").is_some()
}

/// The places that the wide matrices run on.
pub(crate) fn places() -> Vec<Place> {
    if full() { vec![Place::ControlPlane, Place::Engines] } else { vec![Place::ControlPlane] }
}

/// The positions that a run looks at: all of them, or every `step`th, beginning with `first`.
pub(crate) fn positions(count: usize, first: usize, step: usize) -> impl Iterator<Item = usize> {
    if full() { (0..count).step_by(1) } else { (first..count).step_by(step) }
}

/// Says how wide a matrix is, for whoever runs it with --nocapture.
pub(crate) fn print_coverage(matrix: &str, place: Place, ran: usize, of: usize) {
    println!("matrix: {matrix} on {place:?}: {ran} of {of} positions");
}

/// The kinds that a position meets: all of them, or one by turns.
pub(crate) fn kinds_at(index: usize) -> impl Iterator<Item = &'static str> {
    KINDS
        .into_iter()
        .enumerate()
        .filter(move |(k, _)| full() || index % KINDS.len() == *k)
        .map(|(_, kind)| kind)
}

/// Runs a matrix on all its places, at its positions. `run` gets the index and the position.
pub(crate) fn matrix(
    name: &str,
    count: impl Fn(&Fixture) -> usize,
    (first, step): (usize, usize),
    run: impl Fn(&Fixture, usize, usize),
) {
    for place in places() {
        let fixture = Fixture::new(place);
        let of = count(&fixture);
        let mut ran = 0;
        for (index, position) in positions(of, first, step).enumerate() {
            run(&fixture, index, position);
            ran += 1;
        }
        print_coverage(name, place, ran, of);
    }
}
