//! Choices that depend on the seed alone (SplitMix64).

/// Gives the same choices for the same seed, on every machine.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Less than `n`.
    pub fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(n.max(1)).unwrap()).unwrap()
    }

    /// From `from` to `to`, both possible.
    pub fn between(&mut self, from: i64, to: i64) -> i64 {
        let span = u64::try_from((to - from).max(0)).unwrap() + 1;
        from + i64::try_from(self.next() % span).unwrap()
    }

    /// True in so many of a hundred cases.
    pub fn percent(&mut self, percent: i64) -> bool {
        self.between(1, 100) <= percent
    }

    /// One of them; `None` if there is none.
    pub fn pick<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        (!all.is_empty()).then(|| &all[self.below(all.len())])
    }

    /// One of them, each as often as its weight says.
    pub fn weighted<T: Copy>(&mut self, all: &[(i64, T)]) -> T {
        let sum: i64 = all.iter().map(|(weight, _)| weight).sum();
        let mut rest = self.between(1, sum);
        for (weight, one) in all {
            rest -= weight;
            if rest <= 0 {
                return *one;
            }
        }
        all[0].1
    }
}
