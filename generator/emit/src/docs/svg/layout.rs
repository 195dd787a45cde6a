//! Where boxes stand and how arrows run between them. Places go by what a box is; whether it is there at all is the diagram's to
//! say. An arrow is straight where two boxes face each other, and otherwise follows the lanes between the rows.

use std::collections::BTreeMap;

use jit_runners_model::contract::Handler;

use super::{
    super::diagram::{Arrow, Component, Diagram, End, Group, Relation},
    geometry::{Point, Rect, Segment, Style, wrapped},
};

/// Width of most boxes.
const BOX_WIDTH: i32 = 168;
/// Height of most boxes: a heading and three lines.
const BOX_HEIGHT: i32 = 78;
/// Between a box and its neighbour, with room for a label.
const GAP: i32 = 76;
/// Width of the box of alarms, which lists them.
const WIDE: i32 = 452;
/// Left edge of the first column.
const LEFT: i32 = 276;
/// Tops of the rows: ingress, queues, functions, state, operations.
const ROWS: [i32; 5] = [82, 252, 436, 642, 850];
/// Between a group's border and its boxes.
const SIDE: i32 = 16;
const ABOVE: i32 = 28;
const BELOW: i32 = 14;
/// Room under the functions for the arrows that leave them.
const UNDER_FUNCTIONS: i32 = 54;

/// Every place in the picture.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) boxes: BTreeMap<Component, Rect>,
    pub(super) groups: BTreeMap<Group, Rect>,
    /// Around all that serves jobs.
    pub(super) serving: Rect,
    pub(super) width: i32,
    pub(super) height: i32,
}

impl Layout {
    pub(super) fn new(diagram: &Diagram) -> Self {
        let mut boxes: BTreeMap<Component, Rect> = diagram
            .boxes
            .keys()
            .filter(|part| part.group() != Group::GitHub)
            .map(|part| (*part, place(diagram, *part)))
            .collect();
        let mut groups = BTreeMap::new();
        for (part, rect) in &boxes {
            let around = groups.get(&part.group()).copied().into_iter().chain([*rect]);
            if let Some(around) = Rect::around(around) {
                groups.insert(part.group(), around);
            }
        }
        for (group, rect) in &mut groups {
            let below = if *group == Group::Functions { UNDER_FUNCTIONS } else { BELOW };
            *rect = rect.grown(SIDE, ABOVE, SIDE, below);
        }
        let inner = Rect::around(Group::SERVING.iter().filter_map(|group| groups.get(group).copied()))
            .unwrap_or(Rect { x: LEFT, y: ROWS[0], width: BOX_WIDTH, height: BOX_HEIGHT });
        // To the right and below there is a lane for what instances report.
        let serving = inner.grown(14, 30, 44, 44);
        if diagram.boxes.contains_key(&Component::GitHub) {
            let github = Rect { x: 24, y: serving.y, width: 124, height: serving.height };
            boxes.insert(Component::GitHub, github);
        }
        let all =
            Rect::around(boxes.values().chain(groups.values()).copied().chain([serving])).unwrap_or(serving);
        Self { boxes, groups, serving, width: all.right() + 24, height: all.bottom() + 24 }
    }

    /// What an arrow begins or ends at.
    pub(super) fn end(&self, end: End) -> Option<Rect> {
        match end {
            End::Component(part) => self.boxes.get(&part).copied(),
            End::Group(group) => self.groups.get(&group).copied(),
            End::Serving => Some(self.serving),
        }
    }

    /// The height in the middle between the groups of two neighbouring rows.
    pub(super) fn corridor(&self, above: Group, below: Group) -> i32 {
        let bottom = self.groups.get(&above).map_or(ROWS[0], |rect| rect.bottom());
        let top = self.groups.get(&below).map_or(bottom, |rect| rect.y);
        i32::midpoint(bottom, top)
    }
}

fn place(diagram: &Diagram, part: Component) -> Rect {
    let at = |x: i32, row: usize, width: i32| Rect { x, y: ROWS[row], width, height: BOX_HEIGHT };
    match part {
        Component::GitHub | Component::Api => at(LEFT, 0, BOX_WIDTH),
        Component::Function(handler) => match handler {
            Handler::Webhook => at(column(handler), 0, BOX_WIDTH),
            Handler::ScaleUp | Handler::ScaleDown | Handler::Lifecycle | Handler::Rebalancer => {
                at(column(handler), 2, BOX_WIDTH)
            }
        },
        Component::WebhookSecret => at(column(Handler::Webhook) + BOX_WIDTH + GAP, 0, BOX_WIDTH),
        Component::Queue(handler) | Component::Schedule(handler) => at(column(handler), 1, BOX_WIDTH),
        Component::DeadLetters(handler) => at(column(handler) + BOX_WIDTH + GAP, 1, 132),
        Component::Rule(_) => {
            let before =
                diagram.boxes.keys().filter(|other| matches!(other, Component::Rule(_)) && **other < part);
            let x = [Handler::ScaleDown, Handler::Rebalancer].map(column);
            at(x[before.count() % 2], 0, BOX_WIDTH)
        }
        Component::Runners => at(LEFT, 3, BOX_WIDTH),
        Component::Table => at(column(Handler::Lifecycle), 3, BOX_WIDTH),
        Component::PrivateKey => at(column(Handler::Lifecycle) + BOX_WIDTH + GAP, 3, BOX_WIDTH),
        Component::Logs => at(LEFT, 4, BOX_WIDTH),
        Component::Metrics => at(LEFT + BOX_WIDTH + GAP, 4, BOX_WIDTH),
        Component::Alarms => at(LEFT + 2 * (BOX_WIDTH + GAP), 4, WIDE),
        Component::Topic => at(LEFT + 2 * (BOX_WIDTH + GAP) + WIDE + GAP, 4, BOX_WIDTH),
        Component::Dashboard if diagram.boxes.contains_key(&Component::Alarms) => {
            let alarms = at(LEFT + 2 * (BOX_WIDTH + GAP), 4, WIDE);
            Rect { y: alarms.bottom() + 16, height: 48, ..alarms }
        }
        Component::Dashboard => at(LEFT + 2 * (BOX_WIDTH + GAP), 4, BOX_WIDTH),
    }
}

/// Where a function stands, under what feeds or starts it.
const fn column(handler: Handler) -> i32 {
    match handler {
        Handler::Webhook => LEFT + 290,
        Handler::ScaleUp => LEFT,
        Handler::Lifecycle => LEFT + 396,
        Handler::ScaleDown => LEFT + 828,
        Handler::Rebalancer => LEFT + 828 + BOX_WIDTH + 20,
    }
}

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
