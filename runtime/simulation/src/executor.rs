//! Runs futures on one thread, each only when the world says that what it waits for has happened.

use std::{
    pin::Pin,
    task::{Context, Poll, Waker},
};

/// A future that never leaves its thread.
pub type LocalFuture<O> = Pin<Box<dyn Future<Output = O>>>;

/// Names a task. A name is never used for a second task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskId {
    slot: u32,
    generation: u32,
}

/// What came of polling a task.
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

    /// Ends a task where it stands: its future is dropped. Says what it was about, if there was such a task.
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
