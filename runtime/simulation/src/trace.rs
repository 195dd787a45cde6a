//! What happened, as a number that two runs are compared by, and as a story for people.

use std::fmt::{self, Write as _};

use jit_runners_runtime::time::Time;

/// What happened so far.
#[derive(Debug, Default)]
pub struct Trace {
    fingerprint: u64,
    marks: u64,
    story: Option<String>,
    began: Time,
}

impl Trace {
    /// A trace of a run that begins at `began`; with or without a story.
    pub fn new(began: Time, with_story: bool) -> Self {
        Self { story: with_story.then(String::new), began, ..Self::default() }
    }

    /// A number that is the same for two runs only if the same happened in both, as good as certainly.
    pub const fn fingerprint(&self) -> u64 {
        self.fingerprint
    }

    /// How much happened.
    pub const fn marks(&self) -> u64 {
        self.marks
    }

    /// The story, line by line, each with the time since the beginning; empty when none is kept.
    pub fn story(&self) -> &str {
        self.story.as_deref().unwrap_or_default()
    }

    /// Whether a story is kept.
    pub const fn is_told(&self) -> bool {
        self.story.is_some()
    }

    /// Notes that something happened; `what` and `which` tell it apart from anything else.
    pub fn mark(&mut self, now: Time, what: u64, which: u64) {
        self.marks += 1;
        for word in [now.as_millis(), what, which] {
            // One round of a multiplicative hash; the constant is the golden ratio's.
            self.fingerprint = (self.fingerprint.rotate_left(5) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        }
    }

    /// Adds a line to the story, if one is kept.
    pub fn tell<D: fmt::Display>(&mut self, now: Time, line: impl FnOnce() -> D) {
        if let Some(story) = &mut self.story {
            let millis = now.since(self.began).as_millis();
            let (minutes, seconds) = (millis / 60_000, millis % 60_000);
            // Writing to a text cannot fail.
            let _ = writeln!(story, "{minutes:>4}:{:02}.{:03}  {}", seconds / 1_000, seconds % 1_000, line());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fingerprint_depends_on_time_kind_thing_and_order() {
        let fingerprint = |marks: &[(u64, u64, u64)]| {
            let mut trace = Trace::default();
            for (at, what, which) in marks {
                trace.mark(Time::from_millis(*at), *what, *which);
            }
            trace.fingerprint()
        };
        let one = fingerprint(&[(1, 2, 3), (4, 5, 6)]);
        assert_eq!(one, fingerprint(&[(1, 2, 3), (4, 5, 6)]));
        for other in
            [[(4, 5, 6), (1, 2, 3)], [(2, 2, 3), (4, 5, 6)], [(1, 2, 3), (4, 5, 7)], [(1, 3, 3), (4, 5, 6)]]
        {
            assert_ne!(one, fingerprint(&other), "{other:?}");
        }
    }

    #[test]
    fn a_story_is_told_only_when_it_was_asked_for() {
        let began = Time::from_millis(1_000_000);
        let now = Time::from_millis(1_000_000 + 61_007);
        let mut told = Trace::new(began, true);
        told.tell(now, || "job 1 was queued");
        assert_eq!(told.story(), "   1:01.007  job 1 was queued\n");
        let mut silent = Trace::new(began, false);
        silent.tell(now, || -> &str { unreachable!("nobody listens") });
        assert_eq!(silent.story(), "");
    }
}
