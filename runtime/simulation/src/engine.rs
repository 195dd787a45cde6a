//! The engine of the simulation: a queue of events in the order of their time, and an executor of futures.
//!
//! Everything runs on one thread. A future is polled only when the event that it waits for has happened.

use std::{
    cmp::Ordering,
    collections::BinaryHeap,
    pin::Pin,
    task::{Context, Poll, Waker},
};

use jit_runners_runtime::time::Time;

/// Events in the order of their time. Events of one instant are in the order in which they were scheduled.
#[derive(Debug)]
pub struct EventQueue<Event> {
    entries: BinaryHeap<Entry<Event>>,
    scheduled: u64,
}

#[derive(Debug)]
struct Entry<Event> {
    at: Time,
    number: u64,
    event: Event,
}

impl<Event> Default for EventQueue<Event> {
    fn default() -> Self {
        Self { entries: BinaryHeap::new(), scheduled: 0 }
    }
}

impl<Event> EventQueue<Event> {
    /// Schedules an event.
    pub fn schedule(&mut self, at: Time, event: Event) {
        self.scheduled += 1;
        self.entries.push(Entry { at, number: self.scheduled, event });
    }

    /// When the next event is.
    pub fn next_at(&self) -> Option<Time> {
        self.entries.peek().map(|entry| entry.at)
    }

    /// Takes the next event, and its time.
    pub fn pop(&mut self) -> Option<(Time, Event)> {
        self.entries.pop().map(|entry| (entry.at, entry.event))
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

/// A future that never leaves its thread.
pub type LocalFuture<O> = Pin<Box<dyn Future<Output = O>>>;

/// Names a task. A name is never used for a second task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskId {
    slot: u32,
    generation: u32,
}

/// The result of polling a task.
#[derive(Debug, PartialEq, Eq)]
pub enum Progress<Subject, Output> {
    /// It is over; what it is about, and its output.
    Done(Subject, Output),
    /// It waits.
    Waits,
    /// There is no such task any more.
    Gone,
}

/// Tasks with futures of type `Work`; each is about a `Subject`.
pub struct Executor<Subject, Work> {
    slots: Vec<Slot<Subject, Work>>,
    free: Vec<u32>,
    /// How many tasks there are.
    live: usize,
    /// How often a task was polled.
    polls: u64,
}

struct Slot<Subject, Work> {
    generation: u32,
    task: Option<(Subject, Work)>,
}

impl<Subject, Work> Default for Executor<Subject, Work> {
    fn default() -> Self {
        Self { slots: Vec::new(), free: Vec::new(), live: 0, polls: 0 }
    }
}

impl<Subject, Work: Future + Unpin> Executor<Subject, Work> {
    /// Starts a task; `make` is told its name. It is not polled yet.
    pub fn start(&mut self, about: Subject, make: impl FnOnce(TaskId) -> Work) -> TaskId {
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Slot { generation: 0, task: None });
            u32::try_from(self.slots.len() - 1).unwrap_or(u32::MAX)
        });
        let generation = self.slots.get(slot as usize).map_or(0, |slot| slot.generation);
        let id = TaskId { slot, generation };
        let future = make(id);
        if let Some(slot) = self.slots.get_mut(slot as usize) {
            slot.task = Some((about, future));
            self.live += 1;
        }
        id
    }

    /// Lets a task go on until it waits again.
    pub fn poll(&mut self, id: TaskId) -> Progress<Subject, Work::Output> {
        let Some((_, future)) = self.slot(id).and_then(|slot| slot.task.as_mut()) else {
            return Progress::Gone;
        };
        let output = Pin::new(future).poll(&mut Context::from_waker(Waker::noop()));
        self.polls += 1;
        match output {
            Poll::Pending => Progress::Waits,
            Poll::Ready(output) => match self.remove(id) {
                Some((about, _)) => Progress::Done(about, output),
                None => Progress::Gone,
            },
        }
    }

    /// Ends a task where it is: drops its future. Returns what it was about, if there was such a task.
    pub fn kill(&mut self, id: TaskId) -> Option<Subject> {
        self.remove(id).map(|(about, _)| about)
    }

    /// Whether there is such a task.
    pub fn is_live(&self, id: TaskId) -> bool {
        self.slots
            .get(id.slot as usize)
            .is_some_and(|slot| slot.generation == id.generation && slot.task.is_some())
    }

    /// What each task is about.
    pub fn tasks(&self) -> impl Iterator<Item = &Subject> {
        self.slots.iter().filter_map(|slot| slot.task.as_ref().map(|(about, _)| about))
    }

    /// The names of all tasks.
    pub fn ids(&self) -> Vec<TaskId> {
        let slots = (0_u32..).zip(&self.slots).filter(|(_, slot)| slot.task.is_some());
        slots.map(|(slot, it)| TaskId { slot, generation: it.generation }).collect()
    }

    /// How many tasks there are.
    pub const fn live(&self) -> usize {
        self.live
    }

    /// How often a task was polled.
    pub const fn polls(&self) -> u64 {
        self.polls
    }

    fn slot(&mut self, id: TaskId) -> Option<&mut Slot<Subject, Work>> {
        self.slots.get_mut(id.slot as usize).filter(|slot| slot.generation == id.generation)
    }

    fn remove(&mut self, id: TaskId) -> Option<(Subject, Work)> {
        let slot = self.slot(id)?;
        let task = slot.task.take()?;
        slot.generation += 1;
        self.free.push(id.slot);
        self.live -= 1;
        Some(task)
    }
}

#[cfg(test)]
mod tests {
    use std::{cell::Cell, rc::Rc};

    use super::*;

    #[test]
    fn events_come_by_time_and_then_as_they_were_scheduled() {
        let mut queue = EventQueue::default();
        for (at, event) in [(5, "late"), (1, "first"), (3, "one"), (3, "other"), (1, "second")] {
            queue.schedule(Time::from_millis(at), event);
        }
        assert_eq!((queue.next_at(), queue.len()), (Some(Time::from_millis(1)), 5));
        let order: Vec<_> = std::iter::from_fn(|| queue.pop()).map(|(_, event)| event).collect();
        assert_eq!(order, ["first", "second", "one", "other", "late"]);
        assert!(queue.is_empty());
    }

    /// Waits until the gate is open.
    fn gate(open: &Rc<Cell<bool>>) -> impl Future<Output = ()> + use<> {
        let open = Rc::clone(open);
        std::future::poll_fn(move |_| if open.get() { Poll::Ready(()) } else { Poll::Pending })
    }

    #[test]
    fn a_task_goes_on_where_it_waited_when_it_is_polled() {
        let open = Rc::new(Cell::new(false));
        let mut executor: Executor<_, LocalFuture<i32>> = Executor::default();
        let waits = gate(&open);
        let task = executor.start("task", |_| {
            Box::pin(async move {
                waits.await;
                7
            })
        });
        assert_eq!(executor.poll(task), Progress::Waits);
        open.set(true);
        assert_eq!(executor.poll(task), Progress::Done("task", 7));
        assert_eq!((executor.poll(task), executor.live(), executor.polls()), (Progress::Gone, 0, 2));
    }

    #[test]
    fn a_killed_task_is_dropped_where_it_stands() {
        let (open, reached) = (Rc::new(Cell::new(false)), Rc::new(Cell::new(false)));
        let mut executor: Executor<_, LocalFuture<()>> = Executor::default();
        let (waits, mark) = (gate(&open), Rc::clone(&reached));
        let task = executor.start((), |_| {
            Box::pin(async move {
                waits.await;
                mark.set(true);
            })
        });
        assert_eq!(executor.poll(task), Progress::Waits);
        assert_eq!(executor.kill(task), Some(()));
        assert_eq!(Rc::strong_count(&reached), 1, "the future still holds what it captured");
        open.set(true);
        assert_eq!((executor.poll(task), reached.get()), (Progress::Gone, false));
    }

    #[test]
    fn the_name_of_a_task_that_is_over_does_not_reach_the_next_one() {
        let mut executor: Executor<_, LocalFuture<()>> = Executor::default();
        let first = executor.start(1, |_| Box::pin(async {}));
        executor.kill(first);
        let second = executor.start(2, |_| Box::pin(async {}));
        assert_ne!(first, second);
        assert_eq!((executor.kill(first), executor.is_live(second)), (None, true));
        assert_eq!(executor.poll(second), Progress::Done(2, ()));
    }
}
