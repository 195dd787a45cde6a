//! The architecture as a picture that stands by itself: no fonts, scripts or pictures from elsewhere.

mod geometry;
mod layout;
mod render;
#[cfg(test)]
mod tests;

use super::{
    NOTICE,
    diagram::{Arrow, Diagram, Relation},
};
use geometry::{Point, Rect, Segment};
use layout::{Layout, Route, route};

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
    svg.push_str(&render::style());
    svg.push_str(
        "<defs><marker id=\"head\" viewBox=\"0 0 10 10\" refX=\"9\" refY=\"5\" markerWidth=\"7\" markerHeight=\"7\" \
         orient=\"auto\"><path class=\"head\" d=\"M0 0L10 5L0 10z\"/></marker></defs>\n",
    );
    render::rounded(&mut svg, "page", Rect { x: 0, y: 0, width, height }, 12);
    render::frame(&mut svg, layout.serving);
    for (group, rect) in &layout.groups {
        render::area(&mut svg, *group, *rect);
    }
    let bundles = bundles(&routes);
    for (index, bundle) in bundles.iter().enumerate() {
        render::arrow(&mut svg, bundle, &bridges(&bundles[..index], bundle));
    }
    for (part, words) in &diagram.boxes {
        if let Some(rect) = layout.boxes.get(part) {
            render::part(&mut svg, *part, words, *rect);
        }
    }
    let mut labels = Vec::new();
    for (arrow, route) in &routes {
        let label = (route.label, &arrow.label);
        // Arrows that become one share their label.
        if !labels.contains(&label) {
            render::label(&mut svg, route.label, &arrow.label);
            labels.push(label);
        }
    }
    svg.push_str("</svg>\n");
    svg
}

fn routes<'a>(diagram: &'a Diagram, layout: &Layout) -> Vec<(&'a Arrow, Route)> {
    diagram.arrows.iter().filter_map(|arrow| Some((arrow, route(layout, arrow)?))).collect()
}

/// Routes that end in the same way at the same point: they become one on their way, and are drawn as one.
fn bundles<'a>(routes: &'a [(&Arrow, Route)]) -> Vec<Vec<&'a Route>> {
    let mut bundles: Vec<(Relation, Vec<&Route>)> = Vec::new();
    for (arrow, route) in routes {
        let joins = |(relation, others): &&mut (Relation, Vec<&Route>)| {
            *relation == arrow.relation
                && others.iter().all(|other| other.points.last() == route.points.last())
        };
        match bundles.iter_mut().find(joins) {
            Some((_, bundle)) => bundle.push(route),
            None => bundles.push((arrow.relation, vec![route])),
        }
    }
    bundles.into_iter().map(|(_, bundle)| bundle).collect()
}

/// Where `bundle` crosses one of `earlier`.
fn bridges(earlier: &[Vec<&Route>], bundle: &[&Route]) -> Vec<(Point, Segment)> {
    let mut bridges = Vec::new();
    for segment in bundle.iter().flat_map(|route| route.segments()) {
        for other in earlier.iter().flatten().flat_map(|route| route.segments()) {
            if let Some(at) = segment.crossing(other)
                && !bridges.contains(&(at, segment))
            {
                bridges.push((at, segment));
            }
        }
    }
    bridges
}
