//! The architecture as a picture that stands by itself: no fonts, scripts or pictures from elsewhere.

mod fit;
mod layout;
mod paint;
mod route;
mod shape;
#[cfg(test)]
mod tests;

use super::{
    NOTICE,
    diagram::{Arrow, Diagram},
};
use layout::Layout;
use route::{Route, route};
use shape::{Point, Rect, Segment};

const TITLE: &str = "Architecture of jit-runners";
const DESCRIPTION: &str = "GitHub's webhooks reach the webhook function through an HTTP API. It sends jobs and events to \
    two queues. Functions launch runners on EC2 for the jobs and follow them to their end.";

pub(super) fn text(diagram: &Diagram) -> String {
    let layout = Layout::new(diagram);
    let routes = routes(diagram, &layout);
    let (width, height) = (layout.width, layout.height);

    let mut svg = format!(
        "<!-- {NOTICE} -->\n\
         <svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
         height=\"{height}\" role=\"img\" aria-labelledby=\"title description\">\n\
         <title id=\"title\">{TITLE}</title>\n\
         <desc id=\"description\">{DESCRIPTION}</desc>\n"
    );
    svg.push_str(&paint::style());
    svg.push_str(
        "<defs><marker id=\"head\" viewBox=\"0 0 10 10\" refX=\"9\" refY=\"5\" markerWidth=\"7\" markerHeight=\"7\" \
         orient=\"auto\"><path class=\"head\" d=\"M0 0L10 5L0 10z\"/></marker></defs>\n",
    );
    paint::rounded(&mut svg, "page", Rect { x: 0, y: 0, width, height }, 12);
    paint::frame(&mut svg, layout.serving);
    for (group, rect) in &layout.groups {
        paint::area(&mut svg, *group, *rect);
    }
    for (index, (_, route)) in routes.iter().enumerate() {
        paint::arrow(&mut svg, route, &bridges(&routes[..index], route));
    }
    for (part, words) in &diagram.boxes {
        if let Some(rect) = layout.boxes.get(part) {
            paint::part(&mut svg, *part, words, *rect);
        }
    }
    for (arrow, route) in &routes {
        paint::label(&mut svg, route, &arrow.label);
    }
    svg.push_str("</svg>\n");
    svg
}

fn routes<'a>(diagram: &'a Diagram, layout: &Layout) -> Vec<(&'a Arrow, Route)> {
    diagram.arrows.iter().filter_map(|arrow| Some((arrow, route(layout, arrow)?))).collect()
}

/// Where `route` crosses one of `earlier`.
fn bridges(earlier: &[(&Arrow, Route)], route: &Route) -> Vec<(Point, Segment)> {
    route
        .segments()
        .flat_map(|segment| {
            earlier
                .iter()
                .flat_map(|(_, other)| other.segments())
                .filter_map(move |other| Some((segment.crossing(other)?, segment)))
        })
        .collect()
}
