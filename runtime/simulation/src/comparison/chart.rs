//! The picture of the comparison: a row for each scenario, a column for each number, a lane for each contender; and its axes.

use std::fmt::Write as _;

use super::{Cell, Comparison, Contender, MORE};

/// Room for the names of scenarios.
const NAMES: f64 = 158.0;
const COLUMN: f64 = 168.0;
const GAP: f64 = 32.0;
const MARGIN: f64 = 20.0;
/// The height above the first row: title, explanation, legend, headings and ticks.
const HEAD: f64 = 142.0;
const LANE: f64 = 9.0;
/// Room above and below the lanes of a row.
const PAD: f64 = 9.0;
const FOOT: f64 = 34.0;

/// What stands in a lane.
#[derive(Clone, Copy)]
enum Mark {
    /// A length from nothing.
    Bar(f64),
    /// A place.
    Dot(f64),
    /// From half of the jobs to 99 of 100.
    Span(f64, f64),
}

/// A column.
struct Column {
    title: &'static str,
    unit: &'static str,
    mark: fn(&Cell, jobs: f64) -> Mark,
    scale: fn(&[f64]) -> Scale,
}

const COLUMNS: [Column; 5] = [
    Column {
        title: "Stranded jobs",
        unit: "per cent of all",
        mark: |cell, jobs| Mark::Bar(100.0 * cell.stranded / jobs),
        scale: Scale::linear,
    },
    Column {
        title: "Time to start",
        unit: "of half and 99 % of the jobs; log scale",
        mark: |cell, _| Mark::Span(cell.half, cell.most),
        scale: Scale::times,
    },
    Column {
        title: "Waste",
        unit: "instance-minutes per job",
        mark: |cell, _| Mark::Bar(cell.wasted),
        scale: Scale::linear,
    },
    Column {
        title: "GitHub",
        unit: "requests per job; log scale",
        mark: |cell, _| Mark::Dot(cell.github),
        scale: Scale::logarithmic,
    },
    Column {
        title: "EC2",
        unit: "calls per job; log scale",
        mark: |cell, _| Mark::Dot(cell.ec2),
        scale: Scale::logarithmic,
    },
];

/// The comparison as SVG, which follows the reader's choice of light or dark.
pub fn chart(comparison: &Comparison) -> String {
    let lanes = f64::from(u32::try_from(Contender::ALL.len()).unwrap_or(0));
    let height = LANE * lanes + 2.0 * PAD;
    let mut picture = Picture { svg: String::new() };
    let width = MARGIN * 2.0 + NAMES + (COLUMN + GAP) * 5.0 - GAP;
    let rows = f64::from(u32::try_from(comparison.rows.len()).unwrap_or(0));
    picture.open(width, HEAD + height * rows + FOOT);
    picture.head(comparison);
    let bottom = HEAD + height * rows;
    let mut y = HEAD;
    for (index, row) in comparison.rows.iter().enumerate() {
        if index % 2 == 0 {
            picture.put(format_args!(
                "<rect class=\"stripe\" x=\"{:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{height:.1}\" rx=\"4\"/>",
                MARGIN - 8.0,
                width - 2.0 * MARGIN + 16.0
            ));
        }
        picture.text("name", MARGIN, y + height / 2.0 - 3.0, "start", &row.name);
        let jobs = if row.jobs == 1 { "1 job".to_owned() } else { format!("{} jobs", grouped(row.jobs)) };
        picture.text("unit", MARGIN, y + height / 2.0 + 12.0, "start", &jobs);
        y += height;
    }
    let mut x = MARGIN + NAMES;
    for column in &COLUMNS {
        picture.column(comparison, column, x, (height, bottom));
        x += COLUMN + GAP;
    }
    picture.put(format_args!("</svg>"));
    picture.svg
}

struct Picture {
    svg: String,
}

impl Picture {
    fn put(&mut self, line: std::fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.svg, "{line}");
    }

    fn text(&mut self, class: &str, x: f64, y: f64, anchor: &str, words: &str) {
        self.put(format_args!(
            "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{words}</text>"
        ));
    }

    fn open(&mut self, width: f64, height: f64) {
        let shades = |shade: usize| {
            Contender::ALL.iter().enumerate().fold(String::new(), |mut css, (index, contender)| {
                let color = contender.colors().get(shade).copied().unwrap_or_default();
                let _ = write!(css, ".c{index}{{fill:{color};stroke:{color}}}");
                css
            })
        };
        self.put(format_args!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" \
             height=\"{height:.0}\" role=\"img\" aria-labelledby=\"title\">"
        ));
        self.put(format_args!("<!-- Written by the binary `compare` of jit-runners-simulation. -->"));
        self.put(format_args!("<title id=\"title\">jit-runners and the policies that others use</title>"));
        self.put(format_args!(
            "<style>text{{font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif;font-size:11px;\
             stroke:none}}.title{{font-size:18px;font-weight:600}}.heading,.name{{font-size:13px;font-weight:600}}\
             .unit,.tick{{font-size:10px}}.grid{{stroke-width:1}}.thin{{stroke-width:2;fill:none}}\
             .page{{fill:#ffffff}}.stripe{{fill:#f6f8fa}}.grid{{stroke:#d0d7de}}.title,.heading,.name{{fill:#1f2328}}\
             text{{fill:#424a53}}.unit,.tick{{fill:#57606a}}{light}\
             @media(prefers-color-scheme:dark){{.page{{fill:#0d1117}}.stripe{{fill:#151b23}}.grid{{stroke:#3d444d}}\
             .title,.heading,.name{{fill:#f0f6fc}}text{{fill:#d1d7e0}}.unit,.tick{{fill:#9198a1}}{dark}}}</style>",
            light = shades(0),
            dark = shades(1),
        ));
        self.put(format_args!("<rect class=\"page\" width=\"{width:.0}\" height=\"{height:.0}\" rx=\"8\"/>"));
    }

    fn head(&mut self, comparison: &Comparison) {
        self.text(
            "title",
            MARGIN,
            34.0,
            "start",
            "jit-runners and the policies that others use, in the same simulated worlds",
        );
        let seeds = format!(
            "Medians of {} seeds, or {} where there are thousands of jobs. Shorter bars and marks further to the left are better; an arrow means never.",
            comparison.seeds * MORE,
            comparison.seeds
        );
        self.text("unit", MARGIN, 53.0, "start", &seeds);
        let mut x = MARGIN;
        for (index, contender) in Contender::ALL.iter().enumerate() {
            self.put(format_args!("<circle class=\"c{index}\" cx=\"{:.1}\" cy=\"73\" r=\"5\"/>", x + 5.0));
            self.text("legend", x + 16.0, 77.0, "start", contender.legend());
            x += 44.0 + 5.6 * number(contender.legend().len());
        }
    }

    fn column(&mut self, comparison: &Comparison, column: &Column, x: f64, (height, bottom): (f64, f64)) {
        let marks: Vec<Vec<Mark>> = comparison
            .rows
            .iter()
            .map(|row| {
                let jobs = super::number(row.jobs.max(1));
                row.cells.iter().map(|cell| (column.mark)(cell, jobs)).collect()
            })
            .collect();
        let values: Vec<f64> = marks
            .iter()
            .flatten()
            .flat_map(|mark| match *mark {
                Mark::Bar(value) | Mark::Dot(value) => [value, value],
                Mark::Span(half, most) => [half, most],
            })
            .collect();
        let scale = (column.scale)(&values);
        self.text("heading", x, 104.0, "start", column.title);
        self.text("unit", x, 118.0, "start", column.unit);
        let at = |value: f64| x + COLUMN * scale.position(value);
        for (tick, _) in &scale.ticks {
            let place = at(*tick);
            self.put(format_args!(
                "<line class=\"grid\" x1=\"{place:.1}\" x2=\"{place:.1}\" y1=\"{HEAD:.1}\" y2=\"{bottom:.1}\"/>"
            ));
        }
        for (place, label) in labels(&scale, &at) {
            self.text("tick", place, HEAD - 6.0, "middle", label);
            self.text("tick", place, bottom + 14.0, "middle", label);
        }
        for (row, marks) in marks.iter().enumerate() {
            for (lane, mark) in marks.iter().enumerate() {
                let (row, lane_number) = (number(row), number(lane));
                let y = HEAD + row * height + PAD + LANE * (lane_number + 0.5);
                self.mark(*mark, lane, (x, y), &at);
            }
        }
    }

    fn mark(&mut self, mark: Mark, lane: usize, (x, y): (f64, f64), at: &impl Fn(f64) -> f64) {
        match mark {
            Mark::Bar(value) => {
                let width = (at(value) - x).max(0.0);
                if width < 1.0 {
                    self.put(format_args!(
                        "<circle class=\"c{lane}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"1.5\"/>"
                    ));
                } else {
                    self.put(format_args!(
                        "<rect class=\"c{lane}\" x=\"{x:.1}\" y=\"{:.1}\" width=\"{width:.1}\" height=\"5\"/>",
                        y - 2.5
                    ));
                }
            }
            Mark::Dot(value) => {
                self.put(format_args!(
                    "<circle class=\"c{lane}\" cx=\"{:.1}\" cy=\"{y:.1}\" r=\"3.2\"/>",
                    at(value)
                ));
            }
            Mark::Span(half, most) => {
                let (from, to) = (at(half), at(most));
                self.put(format_args!(
                    "<path class=\"thin c{lane}\" d=\"M{from:.1} {y:.1}H{to:.1}\" style=\"fill:none\"/>"
                ));
                if half.is_finite() {
                    self.put(format_args!(
                        "<circle class=\"c{lane}\" cx=\"{from:.1}\" cy=\"{y:.1}\" r=\"3.2\"/>"
                    ));
                }
                let end = if most.is_finite() {
                    format!("M{to:.1} {:.1}V{:.1}", y - 3.5, y + 3.5)
                } else {
                    format!("M{:.1} {:.1}L{:.1} {y:.1}L{:.1} {:.1}", to, y - 3.5, to + 6.0, to, y + 3.5)
                };
                self.put(format_args!("<path class=\"thin c{lane}\" d=\"{end}\" style=\"fill:none\"/>"));
            }
        }
    }
}

/// Labels of ticks: both ends, and those between them that do not overlap.
fn labels<'a>(scale: &'a Scale, at: &impl Fn(f64) -> f64) -> Vec<(f64, &'a str)> {
    // A letter is about five and a half units wide, and there is some space between two labels.
    let half = |label: &str| 2.75 * number(label.len()) + 2.5;
    let mut shown: Vec<(f64, &str)> = Vec::new();
    let end = scale.ticks.last().map_or(f64::INFINITY, |(tick, label)| at(*tick) - half(label));
    for (index, (tick, label)) in scale.ticks.iter().enumerate() {
        let place = at(*tick);
        let is_clear = |(last, other): &(f64, &str)| place - half(label) >= last + half(other);
        let is_last = index + 1 == scale.ticks.len();
        if shown.last().is_none_or(is_clear) && (is_last || place + half(label) <= end) {
            shown.push((place, label));
        }
    }
    shown
}

/// A number with commas.
pub(super) fn grouped(count: u64) -> String {
    if count < 1_000 { count.to_string() } else { format!("{},{:03}", count / 1_000, count % 1_000) }
}

fn number(index: usize) -> f64 {
    f64::from(u32::try_from(index).unwrap_or(u32::MAX))
}

/// Maps values to positions on an axis.
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
    /// A linear scale from 0 to a round number that no value exceeds.
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

    /// A logarithmic scale with ticks at 1, 3, 10 and so on.
    pub(super) fn logarithmic(values: &[f64]) -> Self {
        let candidates: Vec<_> =
            (-3..6).flat_map(|power| [1.0, 3.0].map(|first| first * 10_f64.powi(power))).collect();
        Self::between(values, candidates.into_iter().map(|tick| (tick, plain(tick))).collect())
    }

    /// A logarithmic scale with ticks at round times.
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

    /// The position of a value, from 0 to 1. Values beyond an end are at the end.
    pub(super) fn position(&self, value: f64) -> f64 {
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

/// A number without trailing zeros.
fn plain(value: f64) -> String {
    let text = format!("{value:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
