//! A simulated standard queue of SQS: delivery at least once, in no particular order, with a dead-letter queue.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use jit_runners_model::contract::queue;
use jit_runners_runtime::time::{Time, duration};

use crate::random::Random;

/// How a queue is set up, and how well it behaves.
///
/// Faults: <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/standard-queues-at-least-once-delivery.html>.
#[derive(Debug, Clone, PartialEq)]
pub struct QueueSettings {
    /// How long a received message stays hidden.
    pub visibility: Duration,
    /// After this many receives, a message that comes again becomes a dead letter.
    pub max_receives: u32,
    /// How long a message waits at most.
    pub retention: Duration,
    /// How long a message takes until it can be received.
    pub delay: (Duration, Duration),
    /// The probability that a message takes much longer, so that others overtake it.
    pub straggler: f64,
    /// How long it takes then.
    pub straggling: (Duration, Duration),
    /// The probability that a message is delivered twice.
    pub duplicate: f64,
    /// The probability that a deleted message comes again.
    pub resurrection: f64,
    /// When a copy shows up.
    pub copy_after: (Duration, Duration),
    /// The probability that a message counts as received, but reaches no receiver
    /// (<https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/avoiding-inconsistent-message-processing.html>).
    pub lost_receive: f64,
}

impl QueueSettings {
    /// The queue of jobs, without faults.
    pub fn scale_up() -> Self {
        let visibility = duration(queue::SCALE_UP_VISIBILITY);
        Self::new(visibility, queue::SCALE_UP_MAX_RECEIVES, duration(queue::SCALE_UP_RETENTION))
    }

    /// The queue of events, without faults.
    pub fn lifecycle() -> Self {
        let visibility = duration(queue::LIFECYCLE_VISIBILITY);
        Self::new(visibility, queue::LIFECYCLE_MAX_RECEIVES, duration(queue::LIFECYCLE_RETENTION))
    }

    /// A queue without faults.
    pub const fn new(visibility: Duration, max_receives: u32, retention: Duration) -> Self {
        Self {
            visibility,
            max_receives,
            retention,
            delay: (Duration::from_millis(5), Duration::from_millis(50)),
            straggler: 0.0,
            straggling: (Duration::from_secs(1), Duration::from_mins(1)),
            duplicate: 0.0,
            resurrection: 0.0,
            copy_after: (Duration::from_millis(50), Duration::from_mins(5)),
            lost_receive: 0.0,
        }
    }

    /// The same queue without faults.
    #[must_use]
    pub const fn without_faults(&self) -> Self {
        Self::new(self.visibility, self.max_receives, self.retention)
    }
}

/// Which receive of which message this is. A later receive makes it invalid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Receipt {
    copy: u64,
    receives: u32,
}

/// A message that somebody got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// What deletes it.
    pub receipt: Receipt,
    /// Its id; copies have the same one.
    pub message_id: u64,
    /// Its text.
    pub body: String,
    /// How often it was received, with this time.
    pub receive_count: u32,
}

/// A message that was received too often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// Its id.
    pub message_id: u64,
    /// Its text.
    pub body: String,
    /// When it was moved here.
    pub at: Time,
}

/// Counts of what was done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QueueStatistics {
    /// Messages that were sent.
    pub sent: u64,
    /// Copies of messages that were not sent.
    pub copies: u64,
    /// Messages that somebody got.
    pub received: u64,
    /// Messages that counted as received, but reached nobody.
    pub lost: u64,
    /// Messages that were deleted.
    pub deleted: u64,
    /// Messages whose receiver failed.
    pub failed: u64,
    /// Messages that waited too long.
    pub expired: u64,
    /// The most messages in the queue at a time.
    pub most: usize,
}

/// The simulated queue.
#[derive(Debug)]
pub struct SimQueue {
    settings: QueueSettings,
    random: Random,
    number: u64,
    /// Copies in the order in which they can be received.
    order: BTreeMap<(Time, u64), Message>,
    /// Where each copy stands in that order.
    places: HashMap<u64, (Time, u64)>,
    dead_letters: Vec<DeadLetter>,
    statistics: QueueStatistics,
}

#[derive(Debug, Clone)]
struct Message {
    number: u64,
    id: u64,
    body: String,
    sent_at: Time,
    receives: u32,
}

impl SimQueue {
    /// An empty queue.
    pub fn new(settings: QueueSettings, random: Random) -> Self {
        Self {
            settings,
            random,
            number: 0,
            order: BTreeMap::new(),
            places: HashMap::new(),
            dead_letters: Vec::new(),
            statistics: QueueStatistics::default(),
        }
    }

    /// Takes a message, which cannot be received for `delay`; returns its id.
    pub fn send(&mut self, now: Time, body: String, delay: Duration) -> u64 {
        self.statistics.sent += 1;
        let straggles = self.random.chance(self.settings.straggler);
        let (soonest, latest) = if straggles { self.settings.straggling } else { self.settings.delay };
        let at = now + delay + self.random.between(soonest, latest);
        let message_id = self.number;
        let copy = Message { number: self.number, id: message_id, body, sent_at: now, receives: 0 };
        if self.random.chance(self.settings.duplicate) {
            self.copy(at, copy.clone());
        }
        self.insert(at, copy);
        message_id
    }

    /// Hands out up to `max` messages.
    pub fn receive(&mut self, now: Time, max: usize) -> Vec<Received> {
        let mut received = Vec::new();
        while received.len() < max {
            let Some(entry) = self.order.first_entry().filter(|entry| entry.key().0 <= now) else { break };
            let mut copy = entry.remove();
            if now.since(copy.sent_at) >= self.settings.retention {
                self.statistics.expired += 1;
                self.places.remove(&copy.number);
                continue;
            }
            if copy.receives >= self.settings.max_receives {
                self.places.remove(&copy.number);
                self.dead_letters.push(DeadLetter { message_id: copy.id, body: copy.body, at: now });
                continue;
            }
            copy.receives += 1;
            if self.random.chance(self.settings.lost_receive) {
                self.statistics.lost += 1;
            } else {
                self.statistics.received += 1;
                received.push(Received {
                    receipt: Receipt { copy: copy.number, receives: copy.receives },
                    message_id: copy.id,
                    body: copy.body.clone(),
                    receive_count: copy.receives,
                });
            }
            self.place(now + self.settings.visibility, copy);
        }
        received
    }

    /// Deletes a message; does nothing if it was received again or is gone.
    pub fn delete(&mut self, now: Time, receipt: Receipt) {
        let Some(place) = self.places.get(&receipt.copy) else { return };
        if self.order.get(place).is_none_or(|copy| copy.receives != receipt.receives) {
            return;
        }
        let copy = self.order.remove(place);
        self.places.remove(&receipt.copy);
        self.statistics.deleted += 1;
        if let Some(copy) = copy.filter(|_| self.random.chance(self.settings.resurrection)) {
            self.copy(now, copy);
        }
    }

    /// Notes that a receiver failed. The message stays hidden until its visibility timeout is over: Lambda does
    /// nothing with messages that it could not hand over, or that the function reports
    /// (<https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html>).
    pub const fn fail(&mut self, _receipt: Receipt) {
        self.statistics.failed += 1;
    }

    /// How long a received message stays hidden.
    pub const fn visibility(&self) -> Duration {
        self.settings.visibility
    }

    /// When a message can be received next.
    pub fn next_at(&self) -> Option<Time> {
        self.order.first_key_value().map(|((at, _), _)| *at)
    }

    /// Messages in the queue, hidden or not.
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Whether the queue has no messages.
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// Stops all faults that have not begun.
    pub fn stop_faults(&mut self) {
        self.settings = self.settings.without_faults();
    }

    /// Messages that were received too often.
    pub fn dead_letters(&self) -> &[DeadLetter] {
        &self.dead_letters
    }

    /// Counts of what was done.
    pub const fn statistics(&self) -> &QueueStatistics {
        &self.statistics
    }

    /// Puts in another copy of a message.
    fn copy(&mut self, from: Time, mut copy: Message) {
        self.statistics.copies += 1;
        let (soonest, latest) = self.settings.copy_after;
        let at = from + self.random.between(soonest, latest);
        copy.number = self.number;
        self.insert(at, copy);
    }

    fn insert(&mut self, at: Time, mut copy: Message) {
        copy.number = self.number;
        self.number += 1;
        self.place(at, copy);
        self.statistics.most = self.statistics.most.max(self.order.len());
    }

    fn place(&mut self, at: Time, copy: Message) {
        self.places.insert(copy.number, (at, copy.number));
        self.order.insert((at, copy.number), copy);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Time = Time::from_millis(1_700_000_000_000);
    const VISIBILITY: Duration = Duration::from_mins(2);

    fn settings() -> QueueSettings {
        QueueSettings::new(VISIBILITY, 3, Duration::from_hours(96))
    }

    fn queue(settings: QueueSettings) -> SimQueue {
        SimQueue::new(settings, Random::new(1))
    }

    fn after(seconds: u64) -> Time {
        START + Duration::from_secs(seconds)
    }

    /// What is received at each second of `seconds`.
    fn drain(queue: &mut SimQueue, seconds: u64) -> Vec<Received> {
        (0..seconds).flat_map(|second| queue.receive(after(second), 10)).collect()
    }

    #[test]
    fn a_message_is_hidden_while_somebody_works_on_it() {
        let mut queue = queue(settings());
        queue.send(START, "a".to_owned(), Duration::ZERO);
        let first = queue.receive(after(1), 10);
        assert_eq!((first.len(), first[0].receive_count), (1, 1));
        assert_eq!(queue.next_at(), Some(after(121)));
        queue.fail(first[0].receipt);
        assert!(queue.receive(after(120), 10).is_empty(), "a failure does not show it at once");
        assert_eq!(queue.receive(after(121), 10)[0].receive_count, 2);
    }

    #[test]
    fn a_deleted_message_is_gone() {
        let mut queue = queue(settings());
        queue.send(START, "a".to_owned(), Duration::ZERO);
        let receipt = queue.receive(after(1), 10)[0].receipt;
        queue.delete(after(200), receipt);
        assert!(queue.is_empty() && queue.next_at().is_none());
    }

    #[test]
    fn a_receipt_is_worthless_after_the_next_receive() {
        let mut queue = queue(settings());
        queue.send(START, "a".to_owned(), Duration::ZERO);
        let receipt = queue.receive(after(1), 10)[0].receipt;
        let newer = queue.receive(after(121), 10)[0].receipt;
        queue.delete(after(122), receipt);
        assert_eq!(queue.len(), 1);
        queue.delete(after(122), newer);
        assert!(queue.is_empty());
    }

    #[test]
    fn a_message_that_nobody_finishes_is_a_dead_letter() {
        let mut queue = queue(settings());
        queue.send(START, "a".to_owned(), Duration::ZERO);
        let counts: Vec<_> = drain(&mut queue, 1_000).iter().map(|received| received.receive_count).collect();
        assert_eq!(counts, [1, 2, 3]);
        assert_eq!(
            queue.dead_letters(),
            [DeadLetter { message_id: 0, body: "a".to_owned(), at: after(361) }]
        );
        assert!(queue.is_empty());
    }

    #[test]
    fn a_lost_receive_counts() {
        let mut queue = queue(QueueSettings { lost_receive: 1.0, ..settings() });
        queue.send(START, "a".to_owned(), Duration::ZERO);
        assert!(drain(&mut queue, 1_000).is_empty());
        assert_eq!((queue.statistics().lost, queue.dead_letters().len()), (3, 1));
    }

    #[test]
    fn copies_have_the_id_of_their_message() {
        let mut queue = queue(QueueSettings { duplicate: 1.0, ..settings() });
        let id = queue.send(START, "a".to_owned(), Duration::ZERO);
        queue.stop_faults();
        let mut received = Vec::new();
        for second in 0..400 {
            for message in queue.receive(after(second), 10) {
                queue.delete(after(second), message.receipt);
                received.push((message.message_id, message.body));
            }
        }
        assert_eq!(received, [(id, "a".to_owned()), (id, "a".to_owned())]);
    }

    #[test]
    fn a_deleted_message_may_come_back() {
        let mut queue = queue(QueueSettings { resurrection: 1.0, ..settings() });
        queue.send(START, "a".to_owned(), Duration::ZERO);
        let receipt = queue.receive(after(1), 10)[0].receipt;
        queue.delete(after(1), receipt);
        let again = drain(&mut queue, 400);
        assert_eq!((again[0].body.as_str(), again[0].receive_count), ("a", 2));
    }

    #[test]
    fn stragglers_are_overtaken() {
        let mut queue = queue(QueueSettings { straggler: 0.3, ..settings() });
        for number in 0..50 {
            queue.send(START, number.to_string(), Duration::ZERO);
        }
        let order: Vec<_> = drain(&mut queue, 100).into_iter().map(|it| it.message_id).collect();
        assert!(order.len() == 50 && !order.is_sorted());
    }

    #[test]
    fn no_more_than_asked_for_is_handed_out() {
        let mut queue = queue(settings());
        for _ in 0..25 {
            queue.send(START, String::new(), Duration::from_secs(5));
        }
        assert!(queue.receive(after(4), 10).is_empty(), "delayed");
        let sizes: Vec<_> = (0..4).map(|_| queue.receive(after(6), 10).len()).collect();
        assert_eq!(sizes, [10, 10, 5, 0]);
    }

    #[test]
    fn a_message_does_not_wait_for_ever() {
        let mut queue = queue(settings());
        queue.send(START, String::new(), Duration::ZERO);
        assert!(queue.receive(START + Duration::from_hours(96), 10).is_empty());
        assert_eq!((queue.len(), queue.statistics().expired), (0, 1));
    }
}
