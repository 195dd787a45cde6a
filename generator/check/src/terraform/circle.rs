//! Circles among things that refer to each other, and the words in which they are told.

use std::collections::{BTreeMap, BTreeSet};

/// Circles that are told, at most. Mending one often mends others, and a short module can have very many.
const MOST_CIRCLES: usize = 10;
/// Names of one circle that are told, at most.
const MOST_NAMES: usize = 10;
/// Characters of a name that are shown, at most: many more than an address has.
const MOST_CHARACTERS: usize = 200;

/// Who refers to whom, and where.
pub(crate) type Edges<K, P> = BTreeMap<K, BTreeMap<K, P>>;

/// A thing on a path, what is left to follow from it, and where it refers to the next one.
struct Visit<K, P> {
    from: K,
    rest: Vec<(K, P)>,
    through: Option<P>,
}

/// The first circles of things that need each other: each thing with the place where it refers to the next one.
pub(crate) fn circles<K: Ord + Copy, P: Clone>(edges: &Edges<K, P>) -> Vec<Vec<(K, P)>> {
    let mut circles = Vec::new();
    let mut done = BTreeSet::new();
    for start in edges.keys() {
        if done.contains(start) {
            continue;
        }
        // They may be many, so that this does not call itself.
        let mut path = vec![Visit::of(edges, *start)];
        let mut on_path = BTreeSet::from([*start]);
        while let Some(visit) = path.last_mut() {
            let Some((to, place)) = visit.rest.pop() else {
                done.insert(visit.from);
                on_path.remove(&visit.from);
                path.pop();
                continue;
            };
            visit.through = Some(place);
            if on_path.contains(&to) {
                let circle = path.iter().skip_while(|visit| visit.from != to);
                circles.push(circle.filter_map(|visit| Some((visit.from, visit.through.clone()?))).collect());
                if circles.len() == MOST_CIRCLES {
                    return circles;
                }
            } else if !done.contains(&to) {
                on_path.insert(to);
                path.push(Visit::of(edges, to));
            }
        }
    }
    circles
}

impl<K: Ord + Copy, P: Clone> Visit<K, P> {
    fn of(edges: &Edges<K, P>, from: K) -> Self {
        let to = edges.get(&from).into_iter().flatten();
        Self { from, rest: to.rev().map(|(to, place)| (*to, place.clone())).collect(), through: None }
    }
}

/// `a -> b -> a`, for the names of a circle.
pub(crate) fn told<'n>(names: impl ExactSizeIterator<Item = &'n str> + Clone) -> String {
    let more = names.len().saturating_sub(MOST_NAMES);
    let mut told: Vec<_> = names.clone().take(MOST_NAMES).map(shown).collect();
    if more > 0 {
        told.push(format!("({more} more)"));
    }
    told.extend(names.take(1).map(shown));
    told.join(" -> ")
}

/// A name on one line. It keeps its quotation marks, because addresses have them around their keys.
fn shown(name: &str) -> String {
    let mut shown = String::new();
    for c in name.chars().take(MOST_CHARACTERS) {
        match c {
            '"' => shown.push(c),
            _ => shown.extend(c.escape_debug()),
        }
    }
    if name.chars().nth(MOST_CHARACTERS).is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(edges: &[(u32, &[u32])], expected: &[&[u32]]) {
        let edges = edges.iter().map(|(from, to)| (*from, to.iter().map(|to| (*to, 0)).collect())).collect();
        let found = circles(&edges);
        let found: Vec<Vec<u32>> =
            found.iter().map(|circle| circle.iter().map(|(one, _)| *one).collect()).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn circles_are_found_and_what_waits_for_them_is_not() {
        check(&[(1, &[2, 3]), (2, &[3])], &[]);
        check(&[(1, &[1])], &[&[1]]);
        check(&[(1, &[2]), (2, &[3]), (3, &[2])], &[&[2, 3]]);
        check(&[(1, &[2]), (2, &[1]), (3, &[4]), (4, &[3, 1])], &[&[1, 2], &[3, 4]]);
    }

    #[test]
    fn long_chains_and_many_circles_are_no_danger() {
        let chain = (0..100_000).map(|from| (from, BTreeMap::from([(from + 1, 0)]))).collect();
        assert!(circles(&chain).is_empty());
        let dense = (0..1_000).map(|from| (from, (0..1_000).map(|to| (to, 0)).collect())).collect();
        assert_eq!(circles(&dense).len(), MOST_CIRCLES);
        let many = (0..100_000).map(|from| (from, BTreeMap::from([(from, 0)]))).collect();
        assert_eq!(circles(&many).len(), MOST_CIRCLES);
    }

    #[test]
    fn a_circle_is_told_from_one_name_round_to_itself() {
        let names: Vec<String> = (1..=13).map(|index| format!("aws_sqs_queue.all[\"{index}\"]")).collect();
        let told = |count: usize| told(names.iter().take(count).map(String::as_str));
        assert_eq!(told(1), r#"aws_sqs_queue.all["1"] -> aws_sqs_queue.all["1"]"#);
        let ten: Vec<_> = names.iter().take(10).map(String::as_str).collect();
        assert_eq!(told(10), format!("{} -> {}", ten.join(" -> "), names[0]));
        assert_eq!(told(13), format!("{} -> (3 more) -> {}", ten.join(" -> "), names[0]));
    }

    #[test]
    fn a_name_stays_on_its_line_and_ends() {
        assert_eq!(shown("a\n\u{1b}[2J\u{202e}"), r"a\n\u{1b}[2J\u{202e}");
        assert_eq!(shown(&"x".repeat(201)), format!("{}…", "x".repeat(200)));
    }
}
