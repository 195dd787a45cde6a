//! Where boxes stand. Places go by what a box is; whether it is there at all is the diagram's to say.

use std::collections::BTreeMap;

use jit_runners_model::contract::Handler;

use super::{
    super::diagram::{Component, Diagram, End, Group},
    shape::Rect,
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
