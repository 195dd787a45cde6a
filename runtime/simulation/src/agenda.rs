//! What will happen, and when.

use std::{cmp::Ordering, collections::BinaryHeap};

use jit_runners_runtime::time::Time;

/// Events in the order of their time; those of one instant in the order in which they were entered.
#[derive(Debug)]
pub struct Agenda<Event> {
    entries: BinaryHeap<Entry<Event>>,
    entered: u64,
}

#[derive(Debug)]
struct Entry<Event> {
    at: Time,
    number: u64,
    event: Event,
}

impl<Event> Default for Agenda<Event> {
    fn default() -> Self {
        Self { entries: BinaryHeap::new(), entered: 0 }
    }
}

impl<Event> Agenda<Event> {
    /// Enters an event.
    pub fn enter(&mut self, at: Time, event: Event) {
        self.entered += 1;
        self.entries.push(Entry { at, number: self.entered, event });
    }

    /// When the next event is.
    pub fn next_at(&self) -> Option<Time> {
        self.entries.peek().map(|entry| entry.at)
    }

    /// Takes the next event.
    pub fn take(&mut self) -> Option<Event> {
        self.entries.pop().map(|entry| entry.event)
    }

    /// How many events are to come.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether nothing is to come.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

impl<Event> PartialEq for Entry<Event> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl<Event> Eq for Entry<Event> {}

impl<Event> PartialOrd for Entry<Event> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<Event> Ord for Entry<Event> {
    /// The heap gives its greatest first, so the earliest is the greatest.
    fn cmp(&self, other: &Self) -> Ordering {
        (other.at, other.number).cmp(&(self.at, self.number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_come_by_time_and_then_as_they_were_entered() {
        let mut agenda = Agenda::default();
        for (at, event) in [(5, "late"), (1, "first"), (3, "one"), (3, "other"), (1, "second")] {
            agenda.enter(Time::from_millis(at), event);
        }
        assert_eq!((agenda.next_at(), agenda.len()), (Some(Time::from_millis(1)), 5));
        let order: Vec<_> = std::iter::from_fn(|| agenda.take()).collect();
        assert_eq!(order, ["first", "second", "one", "other", "late"]);
        assert!(agenda.is_empty());
    }
}
