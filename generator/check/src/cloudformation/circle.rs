//! The order of things that refer to each other, and the circles in which there is none.

use std::collections::BTreeSet;

/// Circles that are told, at most. Mending one often mends others.
const MOST_TOLD: usize = 10;
/// Names of one circle that are told, at most.
const MOST_NAMES: usize = 12;

/// Everything after what it refers to.
#[derive(Debug, Default)]
pub(crate) struct Order {
    /// Indexes, those first to which others refer; without what refers to itself.
    pub sorted: Vec<usize>,
    /// Circles, each from the first of it that was met.
    pub circles: Vec<Vec<usize>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Seen {
    Never,
    /// By its place on the path that led here.
    OnPath(usize),
    Done,
}

/// The order of things by what each of them refers to.
pub(crate) fn order(references: &[BTreeSet<usize>]) -> Order {
    let mut order = Order::default();
    let mut seen = vec![Seen::Never; references.len()];
    for start in 0..references.len() {
        if seen.get(start) != Some(&Seen::Never) {
            continue;
        }
        let mut path: Vec<(usize, Vec<usize>)> = Vec::new();
        let mut next = Some(start);
        loop {
            if let Some(index) = next.take() {
                if let Some(seen) = seen.get_mut(index) {
                    *seen = Seen::OnPath(path.len());
                }
                let waiting = references.get(index).map(|all| all.iter().rev().copied().collect());
                path.push((index, waiting.unwrap_or_default()));
            }
            let Some((index, waiting)) = path.last_mut() else { break };
            let Some(to) = waiting.pop() else {
                order.sorted.push(*index);
                if let Some(seen) = seen.get_mut(*index) {
                    *seen = Seen::Done;
                }
                path.pop();
                continue;
            };
            match seen.get(to) {
                Some(Seen::Never) => next = Some(to),
                Some(Seen::OnPath(depth)) if order.circles.len() < MOST_TOLD => {
                    order.circles.push(path.iter().skip(*depth).map(|(index, _)| *index).collect());
                }
                Some(Seen::OnPath(_) | Seen::Done) | None => {}
            }
        }
    }
    order
}

/// `A -> B -> A`.
pub(crate) fn told(circle: &[usize], name: impl Fn(usize) -> String) -> String {
    let mut names: Vec<_> = circle.iter().take(MOST_NAMES).map(|&index| name(index)).collect();
    if circle.len() > MOST_NAMES {
        names.push(format!("({} more)", circle.len() - MOST_NAMES));
    }
    names.extend(circle.first().map(|&index| name(index)));
    names.join(" -> ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(references: &[&[usize]]) -> Order {
        order(&references.iter().map(|to| to.iter().copied().collect()).collect::<Vec<_>>())
    }

    #[test]
    fn what_is_referred_to_comes_first() {
        let order = of(&[&[1, 2], &[2], &[]]);
        assert_eq!(order.sorted, [2, 1, 0]);
        assert!(order.circles.is_empty());
    }

    #[test]
    fn circles_are_found() {
        assert_eq!(of(&[&[0]]).circles, [vec![0]]);
        let circles = of(&[&[1], &[2], &[1, 3], &[]]).circles;
        assert_eq!(circles, [vec![1, 2]]);
        assert_eq!(told(&circles[0], |index| format!("R{index}")), "R1 -> R2 -> R1");
    }

    #[test]
    fn long_chains_and_many_circles_are_no_danger() {
        let chain: Vec<BTreeSet<usize>> = (1..=100_000).map(|to| BTreeSet::from([to])).collect();
        assert_eq!(order(&chain).sorted.len(), 100_000);
        let dense: Vec<BTreeSet<usize>> = (0..300).map(|_| (0..300).collect()).collect();
        assert_eq!(order(&dense).circles.len(), MOST_TOLD);
    }
}
