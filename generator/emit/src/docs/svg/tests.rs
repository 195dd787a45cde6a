//! The picture is correct: nothing overlaps, nothing hangs over, and arrows touch what they join.

use std::collections::BTreeMap;

use jit_runners_model::{ApiUrl, Choices, Deployment, KeyArn, choices::Architecture};

use super::{
    super::diagram::{Arrow, Component, Diagram, End},
    geometry::{Point, Rect, Segment, Style, wrapped},
    layout::{Anchor, Layout, Route},
    routes, text,
};

fn diagrams() -> Vec<Diagram> {
    let default = Choices::default;
    let everything = Choices {
        architecture: Architecture::Arm64,
        github_api_url: ApiUrl::new("https://github.department.example.com/api/v3").unwrap(),
        kms_key: Some(KeyArn::new("arn:aws:kms:us-east-1:123456789012:key/1234abcd").unwrap()),
        ..default()
    };
    [
        default(),
        Choices { alarms: false, ..default() },
        Choices { dashboard: false, ..default() },
        Choices { alarms: false, dashboard: false, ..default() },
        everything,
    ]
    .map(|choices| Diagram::new(&Deployment::new(choices).unwrap()))
    .into()
}

fn overlap(one: Rect, other: Rect) -> bool {
    one.x < other.right() && other.x < one.right() && one.y < other.bottom() && other.y < one.bottom()
}

fn contains(outer: Rect, inner: Rect) -> bool {
    outer.x <= inner.x
        && outer.y <= inner.y
        && inner.right() <= outer.right()
        && inner.bottom() <= outer.bottom()
}

fn on_border(rect: Rect, at: Point) -> bool {
    let beside = (at.x == rect.x || at.x == rect.right()) && rect.y <= at.y && at.y <= rect.bottom();
    let above = (at.y == rect.y || at.y == rect.bottom()) && rect.x <= at.x && at.x <= rect.right();
    beside || above
}

/// The room that a segment takes inside: a box that it only touches does not overlap it.
fn room(segment: Segment) -> Rect {
    let (x, y) = (segment.from.x.min(segment.to.x), segment.from.y.min(segment.to.y));
    let (width, height) = ((segment.from.x - segment.to.x).abs(), (segment.from.y - segment.to.y).abs());
    Rect { x, y, width, height }
}

/// The room of each line of a label.
fn label_room(arrow: &Arrow, route: &Route) -> Vec<Rect> {
    let lines = route.label.lines(&arrow.label).into_iter().map(|(at, anchor, line)| {
        // Style::fitting the other way round.
        let width = (1..1_000).find(|width| Style::Line.fitting(*width) >= line.chars().count()).unwrap();
        let x = match anchor {
            Anchor::Start => at.x,
            Anchor::Middle => at.x - width / 2,
            Anchor::End => at.x - width,
        };
        Rect { x, y: at.y - 9, width, height: 11 }
    });
    lines.collect()
}

#[test]
fn boxes_and_groups_stand_apart() {
    for diagram in diagrams() {
        let layout = Layout::new(&diagram);
        let boxes: Vec<_> = layout.boxes.iter().collect();
        for (index, (part, rect)) in boxes.iter().enumerate() {
            for (other, other_rect) in &boxes[..index] {
                assert!(!overlap(**rect, **other_rect), "{part:?} over {other:?}");
            }
            for (group, area) in &layout.groups {
                let inside = part.group() == *group;
                assert_eq!(inside, overlap(*area, **rect), "{part:?} and {group:?}");
                assert!(!inside || contains(*area, **rect), "{part:?} sticks out of {group:?}");
            }
        }
        let groups: Vec<_> = layout.groups.iter().collect();
        for (index, (group, area)) in groups.iter().enumerate() {
            for (other, other_area) in &groups[..index] {
                assert!(!overlap(**area, **other_area), "{group:?} over {other:?}");
            }
        }
        let page = Rect { x: 0, y: 0, width: layout.width, height: layout.height };
        assert!(boxes.iter().all(|(_, rect)| contains(page, **rect)) && contains(page, layout.serving));
    }
}

#[test]
fn arrows_touch_their_ends_and_cross_no_box() {
    for diagram in diagrams() {
        let layout = Layout::new(&diagram);
        let routes = routes(&diagram, &layout);
        assert_eq!(routes.len(), diagram.arrows.len());
        for (arrow, route) in &routes {
            let ends = [(arrow.from, route.points.first()), (arrow.to, route.points.last())];
            for (end, at) in ends {
                let (rect, at) = (layout.end(end).unwrap(), *at.unwrap());
                assert!(on_border(rect, at), "{arrow:?}: {at:?} is not on {rect:?}");
            }
            for segment in route.segments() {
                assert!(segment.from.x == segment.to.x || segment.is_horizontal(), "{arrow:?} runs askew");
                for (part, rect) in &layout.boxes {
                    assert!(!overlap(room(segment), *rect), "{arrow:?} crosses {part:?}");
                }
            }
        }
    }
}

#[test]
fn labels_stand_free() {
    for diagram in diagrams() {
        let layout = Layout::new(&diagram);
        let routes = routes(&diagram, &layout);
        let labels: Vec<_> = routes
            .iter()
            .flat_map(|(arrow, route)| label_room(arrow, route).into_iter().map(move |line| (*arrow, line)))
            .collect();
        for (index, (arrow, line)) in labels.iter().enumerate() {
            for (part, rect) in &layout.boxes {
                assert!(!overlap(*line, *rect), "{arrow:?}: the label is on {part:?}");
            }
            for (_, route) in &routes {
                for segment in route.segments() {
                    assert!(!overlap(*line, room(segment)), "{arrow:?}: an arrow runs through the label");
                }
            }
            for (other, other_line) in &labels[..index] {
                // Arrows that become one on their way share their label.
                let same =
                    (arrow.relation, arrow.to, &arrow.label) == (other.relation, other.to, &other.label);
                assert!(same || !overlap(*line, *other_line), "{arrow:?} and {other:?}");
            }
        }
    }
}

#[test]
fn the_text_is_xml_that_needs_nothing_else() {
    for diagram in diagrams() {
        let text = text(&diagram);
        let document = roxmltree::Document::parse(&text).unwrap();
        let root = document.root_element();
        assert_eq!(root.tag_name().name(), "svg");
        for name in ["title", "desc"] {
            assert!(
                root.children().any(|child| child.has_tag_name((root.tag_name().namespace().unwrap(), name)))
            );
        }
        for element in document.descendants().filter(roxmltree::Node::is_element) {
            assert!(!["script", "image", "use", "foreignObject"].contains(&element.tag_name().name()));
            assert!(element.attributes().all(|attribute| !attribute.value().contains("//")), "{element:?}");
        }
        assert!(!text.contains("@import") && !text.contains("@font-face"));
    }
}

#[test]
fn every_box_and_every_arrow_is_drawn_with_all_its_words() {
    for diagram in diagrams() {
        let text = text(&diagram);
        let document = roxmltree::Document::parse(&text).unwrap();
        let mut drawn: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for element in document.descendants().filter(|node| node.tag_name().name() == "text") {
            let class = element.attribute("class").unwrap();
            drawn.entry(class).or_default().push(element.text().unwrap().to_owned());
        }
        // The frame has a title too.
        assert_eq!(drawn["title"].len(), diagram.boxes.len() + 1);
        for words in diagram.boxes.values() {
            assert!(drawn["title"].contains(&words.title), "{words:?}");
        }
        assert!(drawn.values().flatten().all(|words| !words.contains('…')), "{drawn:?}");
        // A path may hold several arrows that become one.
        let arrows = document.descendants().filter(|node| node.attribute("class") == Some("arrow"));
        let lines: usize = arrows.map(|path| path.attribute("d").unwrap().matches('M').count()).sum();
        assert_eq!(lines, diagram.arrows.len());
    }
}

#[test]
fn what_is_switched_off_is_not_drawn() {
    let draws = |alarms, dashboard| {
        let choices = Choices { alarms, dashboard, ..Choices::default() };
        let diagram = Diagram::new(&Deployment::new(choices).unwrap());
        let text = text(&diagram);
        (text.contains(" alarms</text>"), text.contains(">SNS topic<"), text.contains(">Dashboard<"))
    };
    assert_eq!(draws(true, true), (true, true, true));
    assert_eq!(draws(false, true), (false, false, true));
    assert_eq!(draws(true, false), (true, true, false));
    assert_eq!(draws(false, false), (false, false, false));
}

#[test]
fn a_long_address_of_github_stays_in_its_box() {
    let address = format!("https://{}.example.com/api/v3", "long".repeat(15));
    let choices = Choices { github_api_url: ApiUrl::new(address).unwrap(), ..Choices::default() };
    let diagram = Diagram::new(&Deployment::new(choices).unwrap());
    let rect = Layout::new(&diagram).boxes[&Component::GitHub];
    let lines = wrapped(&diagram.boxes[&Component::GitHub].lines, Style::Line, rect.width - 24, 9);
    assert!(lines.len() > 1);
    assert!(
        lines.iter().all(|line| line.chars().count() <= Style::Line.fitting(rect.width - 24)),
        "{lines:?}"
    );
    assert!(diagram.arrows.iter().any(|arrow| arrow.to == End::Component(Component::GitHub)));
}
