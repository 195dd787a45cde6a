//! The order of things that refer to each other, the circles in which there is none, and the words for a circle.

use std::collections::{BTreeMap, BTreeSet};

/// Circles that are looked for, at most. Mending one often mends others, and a short file can have very many.
const MOST_CIRCLES: usize = 10;
/// Names of one circle that are shown, at most.
const MOST_NAMES: usize = 10;
/// Characters of a name that are shown, at most: many more than an address has.
const MOST_CHARACTERS: usize = 200;

/// Who refers to whom, and where.
pub(crate) type Edges<K, P> = BTreeMap<K, BTreeMap<K, P>>;

/// Everything after what it refers to.
#[derive(Debug)]
pub(crate) struct Order<K, P> {
    /// Those first to which others refer.
    pub sorted: Vec<K>,
    /// The first circles: each thing with the place where it refers to the next one.
    pub circles: Vec<Vec<(K, P)>>,
}

/// A thing on a path, what is left to follow from it, and where it refers to the next one.
struct Visit<K, P> {
    from: K,
    rest: Vec<(K, P)>,
    through: Option<P>,
}

/// The order of things by what each of them refers to.
pub(crate) fn order<K: Ord + Copy, P: Clone>(edges: &Edges<K, P>) -> Order<K, P> {
    let mut order = Order { sorted: Vec::new(), circles: Vec::new() };
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
                order.sorted.push(visit.from);
                done.insert(visit.from);
                on_path.remove(&visit.from);
                path.pop();
                continue;
            };
            visit.through = Some(place);
            if on_path.contains(&to) {
                if order.circles.len() < MOST_CIRCLES {
                    let circle = path.iter().skip_while(|visit| visit.from != to);
                    let circle = circle.filter_map(|visit| Some((visit.from, visit.through.clone()?)));
                    order.circles.push(circle.collect());
                }
            } else if !done.contains(&to) {
                on_path.insert(to);
                path.push(Visit::of(edges, to));
            }
        }
    }
    order
}

impl<K: Ord + Copy, P: Clone> Visit<K, P> {
    fn of(edges: &Edges<K, P>, from: K) -> Self {
        let to = edges.get(&from).into_iter().flatten();
        Self { from, rest: to.rev().map(|(to, place)| (*to, place.clone())).collect(), through: None }
    }
}

/// `a -> b -> a`, for the names of a circle.
pub(crate) fn described<N: AsRef<str>>(names: &[N]) -> String {
    let mut shown: Vec<_> = names.iter().take(MOST_NAMES).map(shown).collect();
    if let more @ 1.. = names.len().saturating_sub(MOST_NAMES) {
        shown.push(format!("({more} more)"));
    }
    shown.extend(names.first().map(self::shown));
    shown.join(" -> ")
}

/// A name on one line. It keeps its quotation marks, because addresses have them around their keys.
fn shown(name: impl AsRef<str>) -> String {
    let name = name.as_ref();
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
        let found = order(&edges).circles;
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
    fn what_is_referred_to_comes_first() {
        let edges: Edges<u32, u32> =
            [(0, [(1, 0), (2, 0)].into()), (1, [(2, 0)].into()), (2, BTreeMap::new())].into();
        assert_eq!(order(&edges).sorted, [2, 1, 0]);
    }

    #[test]
    fn long_chains_and_many_circles_are_no_danger() {
        let chain = (0..100_000).map(|from| (from, BTreeMap::from([(from + 1, 0)]))).collect();
        let order_of_chain = order(&chain);
        assert!(order_of_chain.circles.is_empty());
        assert_eq!(order_of_chain.sorted.len(), 100_001);
        let dense = (0..1_000).map(|from| (from, (0..1_000).map(|to| (to, 0)).collect())).collect();
        assert_eq!(order(&dense).circles.len(), MOST_CIRCLES);
        let many = (0..100_000).map(|from| (from, BTreeMap::from([(from, 0)]))).collect();
        assert_eq!(order(&many).circles.len(), MOST_CIRCLES);
    }

    #[test]
    fn a_circle_leads_from_one_name_round_to_itself() {
        let names: Vec<String> = (1..=13).map(|index| format!("aws_sqs_queue.all[\"{index}\"]")).collect();
        let described = |count: usize| described(&names[..count]);
        assert_eq!(described(1), r#"aws_sqs_queue.all["1"] -> aws_sqs_queue.all["1"]"#);
        let ten: Vec<_> = names.iter().take(10).map(String::as_str).collect();
        assert_eq!(described(10), format!("{} -> {}", ten.join(" -> "), names[0]));
        assert_eq!(described(13), format!("{} -> (3 more) -> {}", ten.join(" -> "), names[0]));
    }

    #[test]
    fn a_name_stays_on_its_line_and_ends() {
        assert_eq!(shown("a\n\u{1b}[2J\u{202e}"), r"a\n\u{1b}[2J\u{202e}");
        assert_eq!(shown("x".repeat(201)), format!("{}…", "x".repeat(200)));
    }
}
