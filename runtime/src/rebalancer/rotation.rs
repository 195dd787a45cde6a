//! Takes the repositories of the installation in turn.

use std::{collections::BTreeSet, time::Duration};

use jit_runners_model::contract::message::Repository;

use super::PAGE;
use crate::{record::Rotation, time::Time};

/// Repositories without activity that are looked at in one tick.
const OTHERS: usize = 5;
/// How long the names of a page are used.
const USED_FOR: Duration = Duration::from_mins(10);

/// The page of repositories that has to be listed before [`turn`], if any: the next one when all of the last page had
/// their turn; the only one, or the last one, after some time, and at once if there were none.
pub(super) fn due_page(rotation: &Rotation, now: Time) -> Option<u32> {
    let is_over = rotation.place >= rotation.names.len();
    match rotation.names.len() {
        0 => Some(1),
        PAGE.. if is_over => Some(rotation.page + 1),
        ..PAGE if rotation.page > 1 && is_over => Some(1),
        _ => (rotation.listed_at + USED_FOR <= now && is_over).then_some(rotation.page.max(1)),
    }
}

/// Page `page` was listed.
pub(super) fn listed(rotation: &mut Rotation, page: u32, names: Vec<Repository>, now: Time) {
    *rotation = Rotation { names, page, listed_at: now, place: 0 };
}

/// The next repositories, without the active ones, which have a turn in every tick.
pub(super) fn turn(rotation: &mut Rotation, active: &BTreeSet<Repository>) -> Vec<Repository> {
    if rotation.place >= rotation.names.len() {
        rotation.place = 0;
    }
    let mut others = Vec::new();
    while others.len() < OTHERS
        && let Some(name) = rotation.names.get(rotation.place)
    {
        rotation.place += 1;
        if !active.contains(name) {
            others.push(name.clone());
        }
    }
    others
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{NOW, minutes, seconds};

    fn names(numbers: std::ops::Range<usize>) -> Vec<Repository> {
        numbers.map(|number| Repository::new(format!("o/r{number}")).unwrap()).collect()
    }

    fn at(page: u32, count: usize, place: usize) -> Rotation {
        Rotation { names: names(0..count), page, listed_at: NOW, place }
    }

    #[test]
    fn pages_are_listed_one_after_the_other_and_then_from_the_first_again() {
        assert_eq!(due_page(&Rotation::default(), NOW), Some(1));
        assert_eq!(due_page(&at(1, PAGE, PAGE - 1), NOW), None, "one has not had its turn");
        assert_eq!(due_page(&at(1, PAGE, PAGE), NOW), Some(2));
        assert_eq!(due_page(&at(2, 7, 7), NOW), Some(1));
    }

    #[test]
    fn the_only_page_is_listed_again_after_some_time() {
        for count in [1, 7] {
            assert_eq!(due_page(&at(1, count, count), NOW + minutes(10) - seconds(1)), None, "{count}");
            assert_eq!(due_page(&at(1, count, count), NOW + minutes(10)), Some(1), "{count}");
        }
    }

    #[test]
    fn while_there_are_no_repositories_there_is_nothing_else_to_ask_for() {
        for page in [0, 1, 2] {
            assert_eq!(due_page(&at(page, 0, 0), NOW), Some(1), "{page}");
        }
    }

    #[test]
    fn each_has_its_turn_and_the_active_ones_none() {
        let mut rotation = Rotation::default();
        listed(&mut rotation, 1, names(0..9), NOW);
        let active: BTreeSet<_> = names(1..3).into_iter().collect();
        let took = |rotation: &mut Rotation| {
            let others = turn(rotation, &active);
            others.iter().map(|name| name.as_str()[3..].parse::<usize>().unwrap()).collect::<Vec<_>>()
        };
        assert_eq!(took(&mut rotation), [0, 3, 4, 5, 6]);
        assert_eq!(took(&mut rotation), [7, 8]);
        assert_eq!(took(&mut rotation), [0, 3, 4, 5, 6], "from the beginning");
        let everybody: BTreeSet<_> = names(0..9).into_iter().collect();
        assert_eq!(turn(&mut rotation, &everybody), []);
    }
}
