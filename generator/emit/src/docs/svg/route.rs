//! How arrows run, and where their labels stand: straight where two boxes face each other, otherwise along the lanes
//! between the rows.

use super::{
    super::diagram::{Arrow, Component, End, Group, Relation},
    fit::{Style, wrapped},
    layout::Layout,
    shape::{Point, Rect, Segment},
};

/// On which side of its point a label stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    /// Left and right of it, the first line above the point, the others below.
    Middle,
    /// To the right of it.
    Start,
    /// To the left of it.
    End,
}

/// A label and how much room it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Label {
    pub(super) at: Point,
    pub(super) anchor: Anchor,
    pub(super) width: i32,
}

/// An arrow as it is drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Route {
    /// The ends and the corners, at least two.
    pub(super) points: Vec<Point>,
    pub(super) label: Label,
}

impl Label {
    /// The lines of `words`, each with the point at which its baseline stands.
    pub(super) fn lines(self, words: &str) -> Vec<(Point, Anchor, String)> {
        let Self { at, anchor, width } = self;
        wrapped(&[words.to_owned()], Style::Line, width, 3)
            .into_iter()
            .zip(0..)
            .map(|(line, index)| {
                let y = match anchor {
                    // The first line stands on the arrow, the others hang under it.
                    Anchor::Middle if index == 0 => at.y - 6,
                    Anchor::Middle => at.y + 14 * index,
                    Anchor::Start | Anchor::End => at.y + 13 * index,
                };
                (Point { x: at.x, y }, anchor, line)
            })
            .collect()
    }
}

impl Route {
    pub(super) fn segments(&self) -> impl Iterator<Item = Segment> {
        self.points.windows(2).map(|ends| Segment { from: ends[0], to: ends[1] })
    }
}

/// The way of `arrow`, if both of its ends are there.
pub(super) fn route(layout: &Layout, arrow: &Arrow) -> Option<Route> {
    let (from, to) = (layout.end(arrow.from)?, layout.end(arrow.to)?);
    let github = layout.boxes.get(&Component::GitHub).copied().unwrap_or(from);
    let margin = i32::midpoint(github.right(), layout.serving.x);
    let middle = |x, y, width| Label { at: Point { x, y }, anchor: Anchor::Middle, width };
    let route = match arrow.relation {
        Relation::Webhook => {
            let y = to.center_y();
            beside(from, to, y, middle(margin, y, layout.serving.x - github.right() - 12))
        }
        Relation::Invoke | Relation::GiveUp | Relation::Count | Relation::Watch | Relation::Notify => {
            across(from, to)
        }
        Relation::Configure => across(from, to),
        Relation::TakeJob => {
            let y = from.center_y();
            beside(from, to, y, middle(margin, y, layout.serving.x - github.right() - 12))
        }
        Relation::ReadSecret | Relation::Draw if from.y == to.y => across(from, to),
        Relation::ReadSecret | Relation::UseTable => match arrow.from {
            // Beside the heading of the group.
            End::Group(_) | End::Serving => below(from, to, to.right() - 30),
            End::Component(_) => {
                let lane = layout.corridor(Group::Functions, Group::State);
                lane_down(from, from.right() - 20, lane, to, to.right() - 30)
            }
        },
        Relation::Send if from.y < to.y => send_down(layout, from, to),
        Relation::Send => {
            let lane = layout.corridor(Group::Queues, Group::Functions) - 14;
            let (start, end) = (from.right() - 18, to.right() - 20);
            Route {
                points: corners(&[(start, from.y), (start, lane), (end, lane), (end, to.bottom())]),
                label: Label { at: Point { x: end + 14, y: lane - 6 }, anchor: Anchor::Start, width: 90 },
            }
        }
        Relation::Feed | Relation::Start => {
            let x = to.x + 36;
            let label = Point { x: x + 8, y: layout.corridor(Group::Queues, Group::Functions) + 10 };
            Route {
                points: corners(&[(x, from.bottom()), (x, to.y)]),
                label: Label { at: label, anchor: Anchor::Start, width: to.width - 60 },
            }
        }
        Relation::Deliver => {
            let lane = layout.corridor(Group::Ingress, Group::Queues);
            let (start, end) = (from.x + 40, to.right() - 20);
            Route {
                points: corners(&[(start, from.bottom()), (start, lane), (end, lane), (end, to.y)]),
                label: middle(i32::midpoint(start, end), lane, (start - end).abs() - 30),
            }
        }
        Relation::CallGitHub => {
            // From the height of the boxes, or under them where not all of them call.
            let y = match arrow.from {
                End::Group(_) | End::Serving => from.y + 60,
                End::Component(_) => layout.corridor(Group::Functions, Group::State),
            };
            beside(from, to, y, middle(margin, y, layout.serving.x - github.right() - 12))
        }
        Relation::Manage => manage(layout, from, to),
        Relation::Report => report(layout, from, to),
        Relation::Log => below(from, to, to.center_x()),
        Relation::Draw => {
            let (x, y) = (from.center_x(), to.center_y());
            Route {
                points: corners(&[(x, from.bottom()), (x, y), (to.x, y)]),
                label: middle(i32::midpoint(from.right(), to.x), y, to.x - from.right() - 12),
            }
        }
    };
    Some(route)
}

fn corners(points: &[(i32, i32)]) -> Vec<Point> {
    points.iter().map(|&(x, y)| Point { x, y }).collect()
}

/// Straight from the side of one to the side of the other, at half the height of the first.
fn across(from: Rect, to: Rect) -> Route {
    let (start, end) = if from.x < to.x { (from.right(), to.x) } else { (from.x, to.right()) };
    let at = Point { x: i32::midpoint(start, end), y: from.center_y() };
    let label = Label { at, anchor: Anchor::Middle, width: (end - start).abs() - 12 };
    beside(from, to, at.y, label)
}

/// Straight at height `y`.
fn beside(from: Rect, to: Rect, y: i32, label: Label) -> Route {
    let (start, end) = if from.x < to.x { (from.right(), to.x) } else { (from.x, to.right()) };
    Route { points: corners(&[(start, y), (end, y)]), label }
}

/// Straight down at `x`.
fn below(from: Rect, to: Rect, x: i32) -> Route {
    Route { points: corners(&[(x, from.bottom()), (x, to.y)]), label: beside_line(x, from.bottom() + 14) }
}

fn lane_down(from: Rect, start: i32, lane: i32, to: Rect, end: i32) -> Route {
    Route {
        points: corners(&[(start, from.bottom()), (start, lane), (end, lane), (end, to.y)]),
        label: beside_line(start, from.bottom() + 14),
    }
}

/// To the right of a vertical line.
fn beside_line(x: i32, y: i32) -> Label {
    Label { at: Point { x: x + 8, y }, anchor: Anchor::Start, width: 120 }
}

/// From the ingress to a queue.
fn send_down(layout: &Layout, from: Rect, to: Rect) -> Route {
    let lane = layout.corridor(Group::Ingress, Group::Queues);
    let straight = to.x + 28;
    if from.x + 20 <= straight && straight <= from.right() - 10 {
        return Route {
            points: corners(&[(straight, from.bottom()), (straight, to.y)]),
            label: Label { at: Point { x: straight + 8, y: lane + 4 }, anchor: Anchor::Start, width: 80 },
        };
    }
    let (start, end) = (from.x + 40, to.center_x());
    let label = Label {
        at: Point { x: i32::midpoint(start, end), y: lane },
        anchor: Anchor::Middle,
        width: (start - end).abs() - 20,
    };
    Route { points: corners(&[(start, from.bottom()), (start, lane), (end, lane), (end, to.y)]), label }
}

/// From a function to the instances: straight down from the one above them, from the others along a lane under the
/// functions.
fn manage(layout: &Layout, from: Rect, to: Rect) -> Route {
    if from.x == to.x {
        let x = to.center_x();
        let y = layout.corridor(Group::Functions, Group::Instances) + 4;
        return Route {
            points: corners(&[(x, from.bottom()), (x, to.y)]),
            label: Label { at: Point { x: x - 8, y }, anchor: Anchor::End, width: to.width / 2 + 14 },
        };
    }
    let lane = from.bottom() + 32;
    let (start, end) = (from.x + 36, to.right() - 20);
    Route {
        points: corners(&[(start, from.bottom()), (start, lane), (end, lane), (end, to.y)]),
        label: Label {
            at: Point { x: start + 8, y: from.bottom() + 18 },
            anchor: Anchor::Start,
            width: from.width - 44,
        },
    }
}

/// From the instances along the bottom and the right side of the frame up to the events.
fn report(layout: &Layout, from: Rect, to: Rect) -> Route {
    let (x, lane, right) = (from.center_x(), layout.serving.bottom() - 16, layout.serving.right() - 20);
    let y = to.center_y();
    Route {
        points: corners(&[(x, from.bottom()), (x, lane), (right, lane), (right, y), (to.right(), y)]),
        label: Label {
            at: Point { x: i32::midpoint(x, right), y: lane },
            anchor: Anchor::Middle,
            width: right - x - 60,
        },
    }
}
