//! Items of lists, and the conditions under which each is there.

use super::super::body::is_unknown;
use crate::graph::{Condition, Held};

/// The items of a list with the conditions under which each is there; nothing, where the list is not written out.
pub(super) fn items(held: Held) -> Option<Vec<(Condition, Held)>> {
    if is_unknown(&held.value) {
        return Some(vec![(Condition::Always, held)]);
    }
    held.into_items(&mut |_, _| true)
}

/// `items` where `condition` holds, too.
pub(super) fn conditional(
    condition: &Condition,
    items: Vec<(Condition, Held)>,
) -> impl Iterator<Item = (Condition, Held)> {
    items.into_iter().map(|(own, item)| (Condition::all([condition.clone(), own]), item))
}
