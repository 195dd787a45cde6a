//! The policies that others use, as code for the same world.
//!
//! Each consists of a few lines of decisions ([`per_webhook`], [`lists`]) with the tools of its source: a client of
//! GitHub that waits and tries again, and one `CreateFleet` over all pools ([`fleet`]). Sources, as read in 2026:
//!
//! - `github-aws-runners/terraform-aws-github-runner`, whose functions are named where they are followed:
//!   <https://github.com/github-aws-runners/terraform-aws-github-runner/tree/main/lambdas/functions/control-plane/src>, with the
//!   settings of <https://github-aws-runners.github.io/terraform-aws-github-runner/modules/runners/>.
//! - `actions/actions-runner-controller`, which counts jobs from GitHub's lists:
//!   <https://github.com/actions/actions-runner-controller/blob/master/controllers/actions.summerwind.net/autoscaling.go>.
//!
//! What the world does not simulate costs them nothing: tags of instances (`CreateTags`), tokens of the installation.

mod fleet;
mod lists;
mod per_webhook;
#[cfg(test)]
mod tests;

use std::{cell::RefCell, rc::Rc, time::Duration};

use jit_runners_model::contract::{environment::ScaleUpEnvironment, message::JobMessage};
use jit_runners_runtime::{
    message::{LifecycleEvent, Message, decode_event, decode_job},
    port::{Clock, PublishEvents, PublishJobs},
    time::Time,
    webhook::{Decision, Request, VerifiedWebhook, decide, decode},
};

use self::{
    fleet::{Fleet, Tags},
    lists::Counts,
};
use super::{
    SimPorts,
    engine::LocalFuture,
    policy::{Environments, Policy},
    queue::QueueSettings,
    world::WorldSettings,
};

/// A policy that others use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rival {
    /// One launch for each `queued` webhook, 30 seconds later.
    PerWebhook,
    /// The same, unless GitHub says by then that the job is not queued any more.
    PerWebhookIfQueued,
    /// The same, and each job is checked once more five minutes after its launch.
    PerWebhookWithRetry,
    /// On each webhook, demand and supply are counted from GitHub's lists.
    ListsOnWebhook,
}

/// `delay_webhook_event`, with its default.
const WEBHOOK_DELAY: Duration = Duration::from_secs(30);
/// `job_retry.delay_in_seconds`, with its default.
const RETRY_DELAY: Duration = Duration::from_mins(5);
/// Invocations of scale-up at the same time. The source's default is one, which makes about 50 runners in a minute.
/// Three are the most that stay below GitHub's 180 (see its `docs/rate-limits-and-tuning.md`).
const AT_ONCE: u32 = 3;
/// `job_queue_retention_in_seconds`, with its default.
const RETENTION: Duration = Duration::from_hours(24);

impl Rival {
    /// All of them.
    pub const ALL: [Self; 4] =
        [Self::PerWebhook, Self::PerWebhookIfQueued, Self::PerWebhookWithRetry, Self::ListsOnWebhook];

    /// Sets the queues up as the source does.
    pub fn set_up(self, settings: &mut WorldSettings) {
        self.set_up_with(settings, WEBHOOK_DELAY);
    }

    /// The same with another `delay_webhook_event`.
    pub fn set_up_with(self, settings: &mut WorldSettings, delay: Duration) {
        match self {
            Self::ListsOnWebhook => {}
            Self::PerWebhook | Self::PerWebhookIfQueued | Self::PerWebhookWithRetry => {
                // Messages are hidden for as long as the function may take. There is no dead-letter queue:
                // `redrive_build_queue` is off.
                let queue = QueueSettings::new(Duration::from_mins(1), u32::MAX, RETENTION);
                settings.scale_up = delayed(queue, delay);
                settings.lambda.scale_up_at_once = AT_ONCE;
            }
        }
        if self == Self::PerWebhookWithRetry {
            settings.lifecycle = delayed(settings.lifecycle.clone(), RETRY_DELAY);
        }
    }

    const fn fleet<'a>(
        self,
        ports: &'a SimPorts,
        settings: &'a ScaleUpEnvironment,
        tags: &'a RefCell<Tags>,
    ) -> Fleet<'a> {
        Fleet::new(ports, settings, tags, !matches!(self, Self::ListsOnWebhook))
    }

    /// The policy, with nothing in its memory.
    pub fn policy(self) -> RivalPolicy {
        RivalPolicy { rival: self, tags: Rc::default(), counts: Rc::default() }
    }
}

/// A [`Rival`] in a world.
#[derive(Debug)]
pub struct RivalPolicy {
    rival: Rival,
    tags: Rc<RefCell<Tags>>,
    counts: Rc<RefCell<Counts>>,
}

/// The queue with `DelaySeconds`.
fn delayed(mut queue: QueueSettings, delay: Duration) -> QueueSettings {
    queue.delay = (queue.delay.0 + delay, queue.delay.1 + delay);
    queue
}

impl Policy for RivalPolicy {
    /// Signatures and payloads as in our handler; what is sent on differs.
    fn webhook(&self, ports: SimPorts, environments: Rc<Environments>, request: Request) -> LocalFuture<u16> {
        let counts = self.rival == Rival::ListsOnWebhook;
        Box::pin(async move {
            let Ok(webhook) = VerifiedWebhook::check(&environments.secret, &request) else { return 401 };
            let Ok(event) = decode(webhook) else { return 400 };
            let sent = match decide(event, environments.webhook.github_installation_id, ports.now()) {
                Decision::PublishJob(message) => ports.publish_jobs(vec![message]).await,
                Decision::PublishEvent(message) if counts => ports.publish_event(message).await,
                Decision::PublishEvent(_) | Decision::TellUnservable(..) | Decision::Nothing(_) => {
                    return 200;
                }
            };
            if sent.is_ok() { 200 } else { 500 }
        })
    }

    fn scaleup(
        &self,
        ports: SimPorts,
        environments: Rc<Environments>,
        messages: Vec<Message>,
        deadline: Time,
    ) -> LocalFuture<Vec<String>> {
        let (rival, tags, counts) = (self.rival, Rc::clone(&self.tags), Rc::clone(&self.counts));
        Box::pin(async move {
            let jobs: Vec<(String, JobMessage)> = messages
                .into_iter()
                .filter_map(|message| Some((message.id, decode_job(&message.body).ok()?)))
                .collect();
            let fleet = rival.fleet(&ports, &environments.scaleup, &tags);
            match rival {
                Rival::PerWebhook => per_webhook::scale_up(&fleet, jobs, false, false).await,
                Rival::PerWebhookIfQueued => per_webhook::scale_up(&fleet, jobs, true, false).await,
                Rival::PerWebhookWithRetry => per_webhook::scale_up(&fleet, jobs, true, true).await,
                Rival::ListsOnWebhook => {
                    let events = jobs.into_iter().map(|(id, job)| (id, lists::event(job)));
                    lists::scale_up(&fleet, &counts, events.collect(), deadline).await
                }
            }
        })
    }

    fn lifecycle(
        &self,
        ports: SimPorts,
        environments: Rc<Environments>,
        messages: Vec<Message>,
        deadline: Time,
    ) -> LocalFuture<Vec<String>> {
        let (rival, tags, counts) = (self.rival, Rc::clone(&self.tags), Rc::clone(&self.counts));
        Box::pin(async move {
            let fleet = rival.fleet(&ports, &environments.scaleup, &tags);
            // EC2's notices are logged at most.
            let events =
                messages.into_iter().filter_map(|message| match decode_event(&message.body).ok()? {
                    LifecycleEvent::Job(event) => Some((message.id, event)),
                    _ => None,
                });
            match rival {
                Rival::PerWebhook | Rival::PerWebhookIfQueued => Vec::new(),
                Rival::PerWebhookWithRetry => {
                    for (_, event) in events {
                        per_webhook::check_and_retry(&fleet, event).await;
                    }
                    Vec::new()
                }
                Rival::ListsOnWebhook => lists::scale_up(&fleet, &counts, events.collect(), deadline).await,
            }
        })
    }

    fn scaledown(&self, ports: SimPorts, environments: Rc<Environments>, _: Time) -> LocalFuture<()> {
        let (rival, tags) = (self.rival, Rc::clone(&self.tags));
        Box::pin(async move {
            let fleet = rival.fleet(&ports, &environments.scaleup, &tags);
            // Whatever goes wrong is logged, and the next tick begins anew.
            let _ = per_webhook::scale_down(&fleet).await;
        })
    }

    fn rebalancer(&self, _: SimPorts, _: Rc<Environments>, _: Time) -> LocalFuture<()> {
        Box::pin(async {})
    }
}
