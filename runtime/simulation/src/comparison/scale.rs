//! Axes.

/// How values become places.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Scale {
    logarithmic: bool,
    from: f64,
    to: f64,
    /// Values with a line and a label.
    pub ticks: Vec<(f64, String)>,
}

/// Powers of ten are not exact.
const ROUNDING: f64 = 1e-9;

/// Times that are worth a tick, in seconds.
const TIMES: [(f64, &str); 11] = [
    (1.0, "1 s"),
    (3.0, "3 s"),
    (10.0, "10 s"),
    (30.0, "30 s"),
    (60.0, "1 min"),
    (180.0, "3 min"),
    (600.0, "10 min"),
    (1_800.0, "30 min"),
    (3_600.0, "1 h"),
    (10_800.0, "3 h"),
    (36_000.0, "10 h"),
];

impl Scale {
    /// From nothing to a round number that no value exceeds.
    pub(super) fn linear(values: &[f64]) -> Self {
        let most = finite(values).fold(0.0, f64::max);
        let step = steps().find(|step| step * 5.0 >= most).unwrap_or(1.0);
        let count = (1..=5_u32).find(|count| step * f64::from(*count) >= most).unwrap_or(5);
        let ticks = (0..=count).map(|index| step * f64::from(index));
        Self {
            logarithmic: false,
            from: 0.0,
            to: step * f64::from(count),
            ticks: ticks.map(|tick| (tick, plain(tick))).collect(),
        }
    }

    /// Over orders of magnitude: ticks at 1, 3, 10 and so on.
    pub(super) fn logarithmic(values: &[f64]) -> Self {
        let candidates: Vec<_> =
            (-3..6).flat_map(|power| [1.0, 3.0].map(|first| first * 10_f64.powi(power))).collect();
        Self::between(values, candidates.into_iter().map(|tick| (tick, plain(tick))).collect())
    }

    /// Over orders of magnitude, with the names of times.
    pub(super) fn times(values: &[f64]) -> Self {
        Self::between(values, TIMES.map(|(tick, label)| (tick, label.to_owned())).to_vec())
    }

    /// The part of `candidates` that holds all values.
    fn between(values: &[f64], candidates: Vec<(f64, String)>) -> Self {
        let least = finite(values).fold(f64::INFINITY, f64::min);
        let most = finite(values).fold(0.0, f64::max);
        let below = candidates.iter().rposition(|(tick, _)| *tick <= least * (1.0 + ROUNDING)).unwrap_or(0);
        let above = candidates
            .iter()
            .position(|(tick, _)| *tick >= most * (1.0 - ROUNDING))
            .unwrap_or(candidates.len() - 1)
            .max(below + 1);
        let ticks: Vec<_> = candidates.into_iter().skip(below).take(above - below + 1).collect();
        let (from, to) = (ticks.first().map_or(1.0, |it| it.0), ticks.last().map_or(10.0, |it| it.0));
        Self { logarithmic: true, from, to, ticks }
    }

    /// Where a value is, from 0 to 1; what is beyond an end is at it.
    pub(super) fn place(&self, value: f64) -> f64 {
        let place = if self.logarithmic {
            (value / self.from).ln() / (self.to / self.from).ln()
        } else {
            (value - self.from) / (self.to - self.from)
        };
        place.clamp(0.0, 1.0)
    }
}

/// 0.1, 0.2, 0.5, 1 and so on.
fn steps() -> impl Iterator<Item = f64> {
    (-1..6).flat_map(|power| [1.0, 2.0, 5.0].map(|first| first * 10_f64.powi(power)))
}

fn finite(values: &[f64]) -> impl Iterator<Item = f64> {
    values.iter().copied().filter(|value| value.is_finite())
}

/// A number without digits that say nothing.
fn plain(value: f64) -> String {
    let text = format!("{value:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
