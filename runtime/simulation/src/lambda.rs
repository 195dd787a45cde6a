//! Lambda: invocations, their time limits, event source mappings, and schedules.

use std::time::Duration;

use jit_runners_model::{
    Choices,
    contract::{Handler, PerHandler, queue, schedule},
};
use jit_runners_runtime::{
    deployment,
    message::Message,
    time::{Time, duration},
    webhook::Request,
};

use crate::{
    queue::Receipt,
    trace::body_words,
    world::{Event, QueueName, World},
};

/// The time from the deadline that an invocation is given until Lambda ends it.
pub(crate) const MARGIN: Duration = Duration::from_millis(500);
/// Invocations of all functions at the same time in an account and region; new accounts have less
/// (<https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>).
const CONCURRENCY: u32 = 1_000;
/// The time until a throttled invocation is tried again. It doubles after each try. The exact time is documented only
/// for asynchronous invocations.
const FIRST_RETRY: Duration = Duration::from_secs(1);
/// The longest time between two tries.
const LONGEST_RETRY: Duration = Duration::from_mins(1);

/// How Lambda is set up, and how much of it other functions leave to ours.
#[derive(Debug, Clone, PartialEq)]
pub struct LambdaSettings {
    /// Invocations at the same time that other functions of the account and region leave to ours.
    pub concurrency: u32,
    /// The most invocations of scale-up at the same time.
    pub scale_up_at_once: u32,
    /// How long invocations may take.
    pub timeouts: PerHandler<Duration>,
}

impl Default for LambdaSettings {
    fn default() -> Self {
        let choices = Choices::default();
        Self {
            concurrency: CONCURRENCY,
            scale_up_at_once: queue::SCALE_UP_CONCURRENCY,
            timeouts: PerHandler::from_fn(|handler| {
                duration(choices.functions.get(handler).timeout.seconds())
            }),
        }
    }
}

/// Invocations of one function.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Invocations {
    /// Those that were begun.
    pub begun: u64,
    /// Invocations that had to wait for an environment.
    pub cold: u64,
    /// Those that came to an end by themselves.
    pub done: u64,
    /// Those that died.
    pub crashed: u64,
    /// Invocations that Lambda ended at their time limit.
    pub timed_out: u64,
    /// Tries to begin an invocation that Lambda refused, because the account's concurrency was used up.
    pub throttled: u64,
    /// Invocations that were never begun for that reason.
    pub given_up: u64,
    /// Most at the same time.
    pub most_at_once: u32,
    /// Those that are under way.
    pub under_way: u32,
}

/// What an invocation is about.
#[derive(Debug)]
pub(crate) enum Work {
    /// A webhook.
    Webhook(Request),
    /// Messages of the function's queue.
    Batch(Batch),
    /// The schedule.
    Tick,
    /// A request of CloudFormation or Terraform, with its number.
    Request(u64, Box<deployment::Request>),
}

/// Messages, and what deletes them.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    pub(crate) messages: Vec<Message>,
    pub(crate) receipts: Vec<Receipt>,
}

impl Work {
    /// The messages of a batch.
    pub(crate) fn into_messages(self) -> Vec<Message> {
        match self {
            Self::Batch(batch) => batch.messages,
            Self::Webhook(_) | Self::Tick | Self::Request(..) => Vec::new(),
        }
    }

    /// The request of a webhook.
    pub(crate) fn into_request(self) -> Request {
        match self {
            Self::Webhook(request) => request,
            Self::Batch(_) | Self::Tick | Self::Request(..) => Request::default(),
        }
    }

    /// What it is about, for the story.
    pub(crate) fn words(&self) -> String {
        match self {
            Self::Webhook(_) | Self::Tick => String::new(),
            Self::Request(number, _) => format!(" with request {number}"),
            Self::Batch(batch) => {
                let bodies: Vec<_> = batch.messages.iter().map(|message| body_words(&message.body)).collect();
                format!(" with {}", bodies.join(", "))
            }
        }
    }
}

/// What a function is to do, while Lambda tries to begin it.
#[derive(Debug)]
pub(crate) struct Attempt {
    handler: Handler,
    work: Work,
    /// When it was asked for; messages are hidden from then on.
    since: Time,
    /// Tries that were refused.
    refused: u32,
}

/// An invocation that begins in a moment.
#[derive(Debug)]
pub(crate) struct Invocation {
    pub(crate) number: u64,
    pub(crate) handler: Handler,
    pub(crate) work: Work,
    /// When its process began; `None` if it begins with this invocation.
    pub(crate) process: Option<Time>,
}

/// An invocation that is under way.
#[derive(Debug)]
pub struct Running {
    /// Its number in the run.
    pub number: u64,
    /// The function.
    pub handler: Handler,
    /// What deletes its messages.
    pub(crate) receipts: Vec<Receipt>,
    /// The ids of its messages.
    pub(crate) ids: Vec<String>,
    /// The number of the request that it carries out.
    pub(crate) request: Option<u64>,
    /// When its process began.
    pub(crate) process: Time,
}

impl Running {
    /// An invocation that begins to do `work`.
    pub(crate) fn new(number: u64, handler: Handler, work: &Work, process: Time) -> Self {
        let (receipts, ids) = match work {
            Work::Batch(Batch { messages, receipts }) => {
                (receipts.clone(), messages.iter().map(|message| message.id.clone()).collect())
            }
            Work::Webhook(_) | Work::Tick | Work::Request(..) => Default::default(),
        };
        let request = if let Work::Request(request, _) = work { Some(*request) } else { None };
        Self { number, handler, receipts, ids, request, process }
    }
}

/// What an invocation ended with.
#[derive(Debug)]
pub(crate) enum Output {
    /// An HTTP status.
    Status(u16),
    /// The ids of messages that failed.
    Failed(Vec<String>),
    /// Nothing.
    Nothing,
    /// Whether a request was carried out.
    Requested(bool),
}

/// Why an invocation ended.
#[derive(Debug)]
pub(crate) enum Ending {
    /// It came to its end.
    Done(Output),
    /// It died.
    Crashed,
    /// Lambda ended it.
    TimedOut,
}

/// Hands the messages of a queue to a function.
#[derive(Debug)]
pub(crate) struct Mapping {
    /// The most invocations at the same time.
    most: u32,
    /// Invocations that are under way.
    running: u32,
    /// When the queue is looked at next.
    poll_at: Option<Time>,
}

/// The service.
#[derive(Debug)]
pub struct Lambda {
    number: u64,
    functions: PerHandler<Invocations>,
    /// When the processes began that wait for the next invocation.
    idle: PerHandler<Vec<Time>>,
    settings: LambdaSettings,
    scale_up: Mapping,
    lifecycle: Mapping,
    /// Webhooks that were not answered with success.
    pub failed_webhooks: u64,
}

impl Lambda {
    pub(crate) fn new(settings: LambdaSettings) -> Self {
        let mapping = |most| Mapping { most, running: 0, poll_at: None };
        Self {
            number: 0,
            functions: PerHandler::from_fn(|_| Invocations::default()),
            idle: PerHandler::from_fn(|_| Vec::new()),
            scale_up: mapping(settings.scale_up_at_once),
            lifecycle: mapping(queue::LIFECYCLE_CONCURRENCY),
            settings,
            failed_webhooks: 0,
        }
    }

    /// Invocations of `handler`.
    pub const fn of(&self, handler: Handler) -> &Invocations {
        self.functions.get(handler)
    }

    /// How long an invocation of `handler` may take.
    pub(crate) const fn timeout(&self, handler: Handler) -> Duration {
        *self.settings.timeouts.get(handler)
    }

    /// Other functions no longer use up our concurrency.
    pub(crate) const fn stop_faults(&mut self) {
        self.settings.concurrency = CONCURRENCY;
    }

    /// Whether one more invocation may run.
    fn has_room(&self) -> bool {
        let under_way: u32 = Handler::ALL.iter().map(|handler| self.of(*handler).under_way).sum();
        under_way < self.settings.concurrency
    }

    const fn mapping(&mut self, queue: QueueName) -> &mut Mapping {
        match queue {
            QueueName::ScaleUp => &mut self.scale_up,
            QueueName::Lifecycle => &mut self.lifecycle,
        }
    }
}

impl QueueName {
    /// The function that works on it.
    pub(crate) const fn handler(self) -> Handler {
        match self {
            Self::ScaleUp => Handler::ScaleUp,
            Self::Lifecycle => Handler::Lifecycle,
        }
    }

    const fn of(handler: Handler) -> Option<Self> {
        match handler {
            Handler::ScaleUp => Some(Self::ScaleUp),
            Handler::Lifecycle => Some(Self::Lifecycle),
            Handler::Webhook | Handler::ScaleDown | Handler::Rebalancer => None,
        }
    }
}

/// How often a schedule ticks; `None` for a function without one.
const fn rate(handler: Handler) -> Option<Duration> {
    match handler {
        Handler::ScaleDown => Some(duration(schedule::SCALE_DOWN_RATE)),
        Handler::Rebalancer => Some(duration(schedule::REBALANCER_RATE)),
        Handler::Webhook | Handler::ScaleUp | Handler::Lifecycle => None,
    }
}

impl World {
    /// Begins both schedules, somewhere within their first period.
    pub(crate) fn begin_schedules(&mut self) {
        for handler in [Handler::ScaleDown, Handler::Rebalancer] {
            let Some(rate) = rate(handler) else { continue };
            let at = self.now + self.random.between(Duration::ZERO, rate);
            self.events.schedule(at, Event::Tick(handler, at));
        }
    }

    /// A schedule's tick that was due at `due`.
    pub(crate) fn tick(&mut self, handler: Handler, due: Time) {
        let Some(rate) = rate(handler).filter(|_| !self.stack.is_gone()) else { return };
        let faults = self.faults.functions;
        let next = due + rate;
        let jitter = self.random.between(Duration::ZERO, faults.tick_jitter);
        self.events.schedule(next + jitter, Event::Tick(handler, next));
        let missed = faults.tick_missed > 0.0 && self.random.chance(faults.tick_missed);
        let doubled = faults.tick_doubled > 0.0 && self.random.chance(faults.tick_doubled);
        match (missed, doubled) {
            (true, _) => self.tell(|| format!("the tick of {handler} does not come")),
            (false, true) => {
                self.tell(|| format!("the tick of {handler} comes twice"));
                self.invoke(handler, Work::Tick);
                self.invoke(handler, Work::Tick);
            }
            (false, false) => self.invoke(handler, Work::Tick),
        }
    }

    /// Has a function do something.
    pub(crate) fn invoke(&mut self, handler: Handler, work: Work) {
        self.try_to_begin(Attempt { handler, work, since: self.now, refused: 0 });
    }

    /// Begins an invocation if the account's concurrency allows it, and tries again later if not.
    pub(crate) fn try_to_begin(&mut self, attempt: Attempt) {
        if self.stack.is_gone() {
            return;
        }
        if self.lambda.has_room() {
            self.begin(attempt.handler, attempt.work);
            return;
        }
        let Attempt { handler, work, since, refused } = attempt;
        self.lambda.functions.get_mut(handler).throttled += 1;
        let wait = FIRST_RETRY.saturating_mul(1 << refused.min(6)).min(LONGEST_RETRY);
        let again = self.now + wait + self.random.between(Duration::ZERO, wait / 4);
        if again <= since + self.retried_for(handler) {
            self.tell(|| format!("{handler} is throttled"));
            let attempt = Attempt { handler, work, since, refused: refused + 1 };
            self.events.schedule(again, Event::Retry(Box::new(attempt)));
        } else {
            self.give_up(handler, work);
        }
    }

    /// How long a throttled invocation is retried. A synchronous call is not. A batch is retried for as long as its
    /// messages are hidden (<https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html>), an event
    /// for as long as it may wait
    /// (<https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html>).
    const fn retried_for(&self, handler: Handler) -> Duration {
        match handler {
            Handler::Webhook => Duration::ZERO,
            Handler::ScaleUp => self.scale_up.visibility(),
            Handler::Lifecycle => self.lifecycle.visibility(),
            Handler::ScaleDown | Handler::Rebalancer => duration(schedule::LONGEST_DELAY),
        }
    }

    /// Gives up an invocation. Its messages come again, and have used one receive.
    fn give_up(&mut self, handler: Handler, work: Work) {
        self.lambda.functions.get_mut(handler).given_up += 1;
        self.tell(|| format!("{handler} is throttled, and given up{}", work.words()));
        match work {
            Work::Webhook(_) => self.lambda.failed_webhooks += 1,
            Work::Tick => {}
            Work::Request(number, _) => self.request_ended(number, false),
            Work::Batch(batch) => {
                let Some(queue) = QueueName::of(handler) else { return };
                for receipt in batch.receipts {
                    self.queue_mut(queue).fail(receipt);
                }
                self.free(queue);
            }
        }
    }

    /// Begins an invocation, after a moment in which its environment is found or made.
    fn begin(&mut self, handler: Handler, work: Work) {
        self.lambda.number += 1;
        let number = self.lambda.number;
        let function = self.lambda.functions.get_mut(handler);
        function.begun += 1;
        function.under_way += 1;
        function.most_at_once = function.most_at_once.max(function.under_way);
        let process = self.lambda.idle.get_mut(handler).pop();
        let is_warm = process.is_some();
        function.cold += u64::from(!is_warm);
        let slow = self.faults.functions.slow_start;
        let (from, to) = if is_warm {
            (2, 10)
        } else if slow > 0.0 && self.random.chance(slow) {
            (1_000, 6_000)
        } else {
            (80, 300)
        };
        let wait = self.random.between(Duration::from_millis(from), Duration::from_millis(to));
        let at = self.now + wait;
        self.events.schedule(at, Event::Invoke(Box::new(Invocation { number, handler, work, process })));
    }

    /// An invocation is over.
    pub(crate) fn end_invocation(&mut self, invocation: Running, ending: &Ending) {
        let Running { number, handler, receipts, ids, request, process } = invocation;
        if let Some(request) = request {
            self.request_ended(request, matches!(ending, Ending::Done(Output::Requested(true))));
        }
        let function = self.lambda.functions.get_mut(handler);
        function.under_way = function.under_way.saturating_sub(1);
        match ending {
            Ending::Done(_) => {
                function.done += 1;
                self.lambda.idle.get_mut(handler).push(process);
            }
            Ending::Crashed => function.crashed += 1,
            Ending::TimedOut => function.timed_out += 1,
        }
        self.trace.record(self.now, 0x300 + handler as u64, number);
        self.tell(|| match ending {
            Ending::Done(Output::Status(status)) => format!("{handler} {number} answers {status}"),
            Ending::Done(Output::Failed(failed)) if !failed.is_empty() => {
                format!("{handler} {number} ends; {} messages go back", failed.len())
            }
            Ending::Done(_) => format!("{handler} {number} ends"),
            Ending::Crashed => format!("{handler} {number} dies"),
            Ending::TimedOut => format!("{handler} {number} is ended at its time limit"),
        });
        if handler == Handler::Webhook && !matches!(ending, Ending::Done(Output::Status(200..=299))) {
            self.lambda.failed_webhooks += 1;
        }
        let Some(queue) = QueueName::of(handler) else { return };
        self.finish_batch(queue, &receipts, &ids, ending);
        self.free(queue);
    }

    /// The mapping of a queue may hand over one more batch.
    fn free(&mut self, queue: QueueName) {
        let mapping = self.lambda.mapping(queue);
        mapping.running = mapping.running.saturating_sub(1);
        self.watch(queue);
    }

    /// Messages that were handled are deleted; all others come again when their visibility timeout is over
    /// (<https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html>).
    fn finish_batch(&mut self, queue: QueueName, receipts: &[Receipt], ids: &[String], ending: &Ending) {
        let lost = self.faults.functions.deletion_lost;
        for (receipt, id) in receipts.iter().zip(ids) {
            let handled = matches!(ending, Ending::Done(Output::Failed(failed)) if !failed.contains(id));
            let deleted = handled && !(lost > 0.0 && self.random.chance(lost));
            let now = self.now;
            if deleted {
                self.queue_mut(queue).delete(now, *receipt);
            } else {
                self.queue_mut(queue).fail(*receipt);
            }
        }
    }

    /// Polls a queue as soon as it has messages, if its function may work on more.
    pub(crate) fn watch(&mut self, queue: QueueName) {
        let Some(ready) = self.queue(queue).next_at().filter(|_| !self.stack.is_gone()) else { return };
        let at = ready.max(self.now);
        let mapping = self.lambda.mapping(queue);
        if mapping.running < mapping.most && mapping.poll_at.is_none_or(|planned| at < planned) {
            mapping.poll_at = Some(at);
            self.events.schedule(at, Event::Poll(queue));
        }
    }

    /// Hands messages of a queue to its function.
    pub(crate) fn poll(&mut self, queue: QueueName) {
        let now = self.now;
        let mapping = self.lambda.mapping(queue);
        if mapping.poll_at != Some(now) {
            return;
        }
        mapping.poll_at = None;
        if mapping.running >= mapping.most || self.stack.is_gone() {
            return;
        }
        let received = self.queue_mut(queue).receive(now, queue::BATCH_SIZE as usize);
        if !received.is_empty() {
            self.lambda.mapping(queue).running += 1;
            let mut batch = Batch::default();
            for message in received {
                self.trace.record(now, 0x400 + queue as u64, message.message_id);
                batch.receipts.push(message.receipt);
                batch.messages.push(Message { id: message.message_id.to_string(), body: message.body });
            }
            self.invoke(queue.handler(), Work::Batch(batch));
        }
        self.watch(queue);
    }
}
