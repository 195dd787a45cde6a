//! Who GitHub is asked about in which run.

use jit_runners_model::contract::schedule::SCALE_DOWN_RATE;

use crate::time::{Time, duration};

/// How many are asked about in one run: each is a request.
const IN_ONE_RUN: usize = 10;

/// Goes round those that could be asked about, so that all get their turn.
#[derive(Debug)]
pub(super) struct Turn {
    first: usize,
    of: usize,
    next: usize,
}

impl Turn {
    /// The turn at `now` of at most `of` that will ask.
    pub(super) fn new(of: usize, now: Time) -> Self {
        let period = u64::try_from(duration(SCALE_DOWN_RATE).as_millis()).unwrap_or(1);
        let run = usize::try_from(now.as_millis() / period).unwrap_or(0);
        Self { first: if of == 0 { 0 } else { run * IN_ONE_RUN % of }, of, next: 0 }
    }

    /// Whether the next one may ask.
    pub(super) fn asks(&mut self) -> bool {
        let place = self.next;
        self.next += 1;
        (place + self.of - self.first) % self.of.max(1) < IN_ONE_RUN
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_gets_a_turn_and_few_at_once() {
        for of in [0, 1, 9, 10, 11, 37, 100] {
            let mut asked = vec![0; of];
            let runs = u32::try_from(of.div_ceil(IN_ONE_RUN)).unwrap();
            for run in 0..runs {
                let mut turn = Turn::new(of, Time::default() + duration(SCALE_DOWN_RATE) * run);
                let some: Vec<_> = (0..of).filter(|_| turn.asks()).collect();
                assert!(some.len() <= IN_ONE_RUN, "{of}: {some:?}");
                for place in some {
                    asked[place] += 1;
                }
            }
            assert!(asked.iter().all(|count| *count > 0), "{of}: {asked:?}");
        }
    }
}
