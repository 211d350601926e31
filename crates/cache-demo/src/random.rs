//! Repeatable randomness: SplitMix64 and Zipf-distributed ranks.

/// SplitMix64 (Steele, Lea and Flood, 2014): eight bytes of state, good enough for test data, the same everywhere.
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// Starts from a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number in `0..bound`; `bound` must not be 0. The bias is below 2^-32 for the bounds used here.
    pub fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.next_u64()) * u128::from(bound)) >> 64) as u64
    }

    /// A number in `0.0..1.0`.
    pub fn unit(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// Ranks `0..n` with probability proportional to `1 / (rank + 1)^skew`: few keys get most of the requests.
#[derive(Debug, Clone)]
pub struct Zipf {
    cumulative: Vec<f64>,
    /// For each of as many equal parts of the whole, the first rank in it: a search over all ranks misses the
    /// processor's caches.
    guide: Vec<u32>,
}

impl Zipf {
    /// A table of `n` ranks; a skew of 0 is uniform.
    pub fn new(n: u32, skew: f64) -> Self {
        let mut sum = 0.0;
        let cumulative: Vec<f64> = (1..=n.max(1))
            .map(|rank| {
                sum += f64::from(rank).powf(-skew);
                sum
            })
            .collect();
        let parts = cumulative.len();
        let guide = (0..=parts)
            .map(|part| {
                let point = sum * part as f64 / parts as f64;
                cumulative.partition_point(|bound| *bound <= point) as u32
            })
            .collect();
        Self { cumulative, guide }
    }

    /// A rank.
    pub fn sample(&self, random: &mut Random) -> u32 {
        let total = self.cumulative.last().copied().unwrap_or(1.0);
        let unit = random.unit();
        let part = (unit * self.cumulative.len() as f64) as usize;
        // It looks one rank further on either side, because the bounds of the parts are rounded.
        let first = (self.guide[part] as usize).saturating_sub(1);
        let last = (self.guide[part + 1] as usize + 1).min(self.cumulative.len());
        let point = unit * total;
        let rank = first + self.cumulative[first..last].partition_point(|sum| *sum <= point);
        rank.min(self.cumulative.len() - 1) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generator_is_the_published_one() {
        // Reference values for seed 1234567.
        let mut random = Random::new(1_234_567);
        assert_eq!(random.next_u64(), 6_457_827_717_110_365_317);
        assert_eq!(random.next_u64(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn zipf_has_the_expected_head() {
        let (n, draws) = (10_000, 200_000);
        let zipf = Zipf::new(n, 0.99);
        let harmonic: f64 = (1..=n).map(|rank| f64::from(rank).powf(-0.99)).sum();
        let mut random = Random::new(1);
        let mut counts = vec![0_u32; n as usize];
        for _ in 0..draws {
            counts[zipf.sample(&mut random) as usize] += 1;
        }
        let first = f64::from(counts[0]) / f64::from(draws);
        assert!((first - 1.0 / harmonic).abs() < 0.005, "{first}");
        assert!(counts[0] > counts[9] && counts[9] > counts[999]);
    }

    #[test]
    fn without_skew_all_ranks_are_alike() {
        let zipf = Zipf::new(4, 0.0);
        let mut random = Random::new(2);
        let mut counts = [0_u32; 4];
        for _ in 0..40_000 {
            counts[zipf.sample(&mut random) as usize] += 1;
        }
        assert!(counts.iter().all(|count| (9_000..11_000).contains(count)), "{counts:?}");
    }

    #[test]
    fn random_numbers_stay_below_their_bound() {
        let mut random = Random::new(3);
        assert!((0..10_000).all(|_| random.below(7) < 7));
    }

    #[test]
    fn the_guide_changes_no_rank() {
        for (n, skew) in [(1, 0.99), (7, 0.0), (500, 0.99), (10_000, 0.99), (1_000, 3.0)] {
            let zipf = Zipf::new(n, skew);
            let (mut guided, mut searched) = (Random::new(5), Random::new(5));
            for _ in 0..20_000 {
                let point = searched.unit() * zipf.cumulative.last().expect("not empty");
                let rank = zipf.cumulative.partition_point(|sum| *sum <= point).min(n as usize - 1);
                assert_eq!(zipf.sample(&mut guided) as usize, rank);
            }
        }
    }
}
