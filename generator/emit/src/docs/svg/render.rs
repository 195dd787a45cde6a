//! Shapes and colours as SVG.

use std::fmt::Write as _;

use super::{
    super::diagram::{Component, Group, Words},
    geometry::{Point, Rect, Segment, Style, wrapped},
    layout::{Anchor, Label, Route},
};

/// Colours of the parts that have no group.
const LIGHT: &str = "\
.page{fill:#ffffff}.frame{fill:#f6f8fa;stroke:#d0d7de}.box{fill:#ffffff}.title{fill:#1f2328}.line{fill:#57606a}\
.arrow{stroke:#57606a}.head{fill:#57606a}.bridge{stroke:#f6f8fa}.label{fill:#424a53}";
const DARK: &str = "\
.page{fill:#0d1117}.frame{fill:#151b23;stroke:#3d444d}.box{fill:#0d1117}.title{fill:#f0f6fc}.line{fill:#9198a1}\
.arrow{stroke:#9198a1}.head{fill:#9198a1}.bridge{stroke:#151b23}.label{fill:#d1d7e0}";

/// A group's colours: its area, and the borders and headings in it, in the light and in the dark.
struct Colors {
    light: [&'static str; 2],
    dark: [&'static str; 2],
}

const fn colors(group: Group) -> Colors {
    match group {
        Group::GitHub => Colors { light: ["#f6f8fa", "#57606a"], dark: ["#151b23", "#9198a1"] },
        Group::Ingress => Colors { light: ["#ddf4ff", "#0969da"], dark: ["#0c2d4a", "#4493f8"] },
        Group::Events => Colors { light: ["#fff1e5", "#bc4c00"], dark: ["#3a1d08", "#f0883e"] },
        Group::Queues => Colors { light: ["#ffeff7", "#bf3989"], dark: ["#3a1230", "#db61a2"] },
        Group::Schedules => Colors { light: ["#fff8c5", "#9a6700"], dark: ["#2f2506", "#d29922"] },
        Group::Functions => Colors { light: ["#fbefff", "#8250df"], dark: ["#271a45", "#ab7df8"] },
        Group::Instances => Colors { light: ["#ffebe9", "#cf222e"], dark: ["#3c1618", "#f85149"] },
        Group::State => Colors { light: ["#dafbe1", "#1a7f37"], dark: ["#0f2e1a", "#3fb950"] },
        Group::Operations => Colors { light: ["#eaeef2", "#424a53"], dark: ["#212830", "#9198a1"] },
    }
}

const GROUPS: [Group; 9] = [
    Group::GitHub,
    Group::Ingress,
    Group::Events,
    Group::Queues,
    Group::Schedules,
    Group::Functions,
    Group::Instances,
    Group::State,
    Group::Operations,
];

/// The style sheet: light, and dark for readers who asked for it. The picture has its own background, so that it can be
/// read on any page.
pub(super) fn style() -> String {
    let groups = |shade: fn(&Colors) -> [&'static str; 2]| {
        GROUPS.iter().fold(String::new(), |mut css, group| {
            let (class, [area, accent]) = (class(*group), shade(&colors(*group)));
            put(
                &mut css,
                format_args!(
                    ".{class} .area{{fill:{area};stroke:{accent}}}.{class} .box{{stroke:{accent}}}\
                     .{class} .bar{{fill:{accent}}}.{class} .heading{{fill:{accent}}}"
                ),
            );
            css
        })
    };
    format!(
        "<style>text{{font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif;\
         font-size:{line}px}}.title{{font-size:{title}px;font-weight:600}}.heading{{font-size:12px;font-weight:600}}\
         .area{{stroke-opacity:.35}}.box{{stroke-opacity:.7}}.arrow{{fill:none;stroke-width:1.5}}\
         .bridge{{stroke-width:7}}\
         {LIGHT}{light}@media(prefers-color-scheme:dark){{{DARK}{dark}}}</style>\n",
        line = Style::Line.size(),
        title = Style::Title.size(),
        light = groups(|colors| colors.light),
        dark = groups(|colors| colors.dark),
    )
}

/// The area of a group with its heading.
pub(super) fn area(svg: &mut String, group: Group, rect: Rect) {
    put(svg, format_args!("<g class=\"{}\">", class(group)));
    rounded(svg, "area", rect, 10);
    // Where no arrow passes.
    let (left, right) = (rect.x + 16, rect.right() - 16);
    let (at, anchor) = match group {
        Group::Functions => (Point { x: right, y: rect.bottom() - 16 }, "end"),
        Group::Operations => (Point { x: right, y: rect.y + 19 }, "end"),
        Group::GitHub
        | Group::Ingress
        | Group::Events
        | Group::Queues
        | Group::Schedules
        | Group::Instances
        | Group::State => (Point { x: left, y: rect.y + 19 }, "start"),
    };
    text(svg, "heading", at, anchor, group.title());
    svg.push_str("</g>\n");
}

/// The frame around what serves jobs.
pub(super) fn frame(svg: &mut String, rect: Rect) {
    rounded(svg, "frame", rect, 14);
    text(svg, "title", Point { x: rect.x + 30, y: rect.y + 21 }, "start", "Serving jobs");
    svg.push('\n');
}

/// A box with its words.
pub(super) fn part(svg: &mut String, part: Component, words: &Words, rect: Rect) {
    const PADDING: i32 = 12;
    let Words { title, lines, about } = words;
    let room = rect.width - 2 * PADDING;
    let most = usize::try_from((rect.height - 30) / 15).unwrap_or(1).max(1);
    put(svg, format_args!("<g class=\"{}\"><title>{}</title>", class(part.group()), escaped(about)));
    rounded(svg, "box", rect, 6);
    // The bar on the left shows the group's colour.
    let bar = Rect { x: rect.x, y: rect.y + 10, width: 3, height: 28.min(rect.height - 20) };
    rounded(svg, "bar", bar, 1);
    let heading = wrapped(std::slice::from_ref(title), Style::Title, room, 1);
    let mut at = Point { x: rect.x + PADDING, y: rect.y + 22 };
    for line in heading {
        text(svg, "title", at, "start", &line);
    }
    at.y += 2;
    for line in wrapped(lines, Style::Line, room, most) {
        at.y += 15;
        text(svg, "line", at, "start", &line);
    }
    svg.push_str("</g>\n");
}

/// Arrows that end at one point, bridged over the arrows that they cross.
pub(super) fn arrow(svg: &mut String, bundle: &[&Route], bridges: &[(Point, Segment)]) {
    for (at, over) in bridges {
        let (dx, dy) = if over.is_horizontal() { (6, 0) } else { (0, 6) };
        put(
            svg,
            format_args!(
                "<path class=\"bridge\" d=\"M{} {}L{} {}\"/>",
                at.x - dx,
                at.y - dy,
                at.x + dx,
                at.y + dy
            ),
        );
    }
    // One path, so that what they share is not drawn again and again.
    let paths: Vec<_> = bundle.iter().map(|route| path(&route.points)).collect();
    put(svg, format_args!("<path class=\"arrow\" marker-end=\"url(#head)\" d=\"{}\"/>\n", paths.concat()));
}

/// The label of an arrow.
pub(super) fn label(svg: &mut String, label: Label, words: &str) {
    for (at, anchor, line) in label.lines(words) {
        let anchor = match anchor {
            Anchor::Middle => "middle",
            Anchor::Start => "start",
            Anchor::End => "end",
        };
        text(svg, "label", at, anchor, &line);
    }
    svg.push('\n');
}

/// A line through `points` with round corners.
fn path(points: &[Point]) -> String {
    const RADIUS: i32 = 8;
    let mut path = String::new();
    for (index, at) in points.iter().enumerate() {
        let (before, after) =
            (index.checked_sub(1).and_then(|index| points.get(index)), points.get(index + 1));
        match (before, after) {
            (None, _) => put(&mut path, format_args!("M{} {}", at.x, at.y)),
            (Some(_), None) => put(&mut path, format_args!("L{} {}", at.x, at.y)),
            (Some(before), Some(after)) => {
                let towards = |other: &Point| {
                    let step = |from: i32, to: i32| (to - from).clamp(-RADIUS, RADIUS);
                    Point { x: at.x + step(at.x, other.x), y: at.y + step(at.y, other.y) }
                };
                let (enter, leave) = (towards(before), towards(after));
                put(
                    &mut path,
                    format_args!("L{} {}Q{} {} {} {}", enter.x, enter.y, at.x, at.y, leave.x, leave.y),
                );
            }
        }
    }
    path
}

pub(super) fn rounded(svg: &mut String, class: &str, rect: Rect, radius: i32) {
    let Rect { x, y, width, height } = rect;
    put(
        svg,
        format_args!(
            "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"{radius}\"/>"
        ),
    );
}

fn text(svg: &mut String, class: &str, at: Point, anchor: &str, words: &str) {
    put(
        svg,
        format_args!(
            "<text class=\"{class}\" x=\"{}\" y=\"{}\" text-anchor=\"{anchor}\">{}</text>",
            at.x,
            at.y,
            escaped(words)
        ),
    );
}

/// `text` as XML, in elements and in attributes.
pub(super) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            other => safe.push(other),
        }
    }
    safe
}

/// The style class of a group.
const fn class(group: Group) -> &'static str {
    match group {
        Group::GitHub => "github",
        Group::Ingress => "ingress",
        Group::Events => "events",
        Group::Queues => "queues",
        Group::Schedules => "schedules",
        Group::Functions => "functions",
        Group::Instances => "instances",
        Group::State => "state",
        Group::Operations => "operations",
    }
}

fn put(svg: &mut String, shape: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = svg.write_fmt(shape);
}
