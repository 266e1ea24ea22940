//! Choices that depend on the seed alone.

use crate::harness::seeded::Seeded;

/// Gives the same choices for the same seed, on every machine.
#[derive(Clone, Debug)]
pub struct Dice(Seeded);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(Seeded::new(seed))
    }

    /// Less than `n`.
    pub fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.0.next() % u64::try_from(n.max(1)).unwrap()).unwrap()
    }

    /// From `from` to `to`, both possible.
    pub fn between(&mut self, from: i64, to: i64) -> i64 {
        let span = u64::try_from((to - from).max(0)).unwrap() + 1;
        from + i64::try_from(self.0.next() % span).unwrap()
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
