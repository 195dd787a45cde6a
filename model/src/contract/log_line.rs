//! Log lines that operators filter on, and the filters over them.
//!
//! ```
//! use jit_runners_model::contract::log_line::TickComplete;
//!
//! let line = TickComplete { repositories: 4, errors: 0 };
//! assert_eq!(line.to_string(), "tick complete repos=4 errors=0");
//! ```

use std::fmt;

/// What the rebalancer logs for each repository that it looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CycleComplete<'a> {
    /// `owner/name`.
    pub repository: &'a str,
    /// Queued jobs that nobody has started.
    pub demand: usize,
    /// Runners that have not started a job.
    pub supply: usize,
    /// Messages sent to the scale-up queue.
    pub published: usize,
    /// Different label sets among the jobs.
    pub label_sets: usize,
}

impl fmt::Display for CycleComplete<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { repository, demand, supply, published, label_sets } = self;
        write!(
            f,
            "cycle complete repo={repository} demand={demand} supply={supply} published={published} label_sets={label_sets}"
        )
    }
}

/// What the rebalancer logs once per tick.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TickComplete {
    /// Repositories that it looked at.
    pub repositories: usize,
    /// Repositories that it could not look at.
    pub errors: usize,
}

impl fmt::Display for TickComplete {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { repositories, errors } = self;
        write!(f, "tick complete repos={repositories} errors={errors}")
    }
}

/// Finds [`TickComplete`] in a log, in the syntax of CloudWatch Logs.
pub const TICK_COMPLETE_FILTER: &str = "\"tick complete\"";
/// Finds webhooks that were refused for their signature in the API's JSON log, where every value is a text.
pub const REFUSED_WEBHOOK_FILTER: &str = "{ $.status = \"401\" }";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_the_ones_that_operators_filter_on() {
        let cycle = CycleComplete { repository: "o/r", demand: 3, supply: 1, published: 2, label_sets: 1 };
        assert_eq!(cycle.to_string(), "cycle complete repo=o/r demand=3 supply=1 published=2 label_sets=1");
        let tick = TickComplete { repositories: 4, errors: 0 }.to_string();
        assert_eq!(tick, "tick complete repos=4 errors=0");
        assert!(tick.contains(TICK_COMPLETE_FILTER.trim_matches('"')));
    }
}
