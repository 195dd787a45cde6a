//! How fast the deployed functions are. The figures are for people; no test fails because of a time.

use std::{
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, anyhow};
use jit_runners_functions::clock::now;

use super::{
    fixture::Fixture,
    job::{Job, Payloads},
};

/// Concurrent clients: as many as the emulator has processors.
const CLIENTS: usize = 2;

/// Time between two jobs. The rate limit of `RunInstances` refills with two calls a second
/// (<https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html>), which are shared with others.
const BETWEEN_JOBS: Duration = Duration::from_secs(1);

/// Queues `jobs` jobs, then posts `webhooks` events, and returns the figures.
pub(crate) fn take(
    fixture: &Fixture,
    payloads: &Payloads,
    webhooks: usize,
    jobs: usize,
) -> Result<Vec<String>> {
    let mut told = Vec::new();
    let mut waits = Vec::new();
    for _ in 0..jobs {
        // Faster launches would wait for EC2's rate limit, which is not measured here.
        thread::sleep(BETWEEN_JOBS);
        let job = Job::new(fixture, payloads, &["small"]);
        let queued = now();
        job.queue()?;
        let (instance, _) = job.served()?;
        let (called, _) = fixture.ec2.launch_for(job.label()).context("no launch")?;
        waits.push(called.since(queued));
        job.complete(None, "cancelled")?;
        fixture.eventually("the runner ends", || Ok((!fixture.ec2.is_live(&instance)).then_some(())))?;
    }
    told.push(format!("from the webhook to RunInstances: {}", spread(waits)));

    // This comes last, because lifecycle is then busy with these events for a while.
    let start = Instant::now();
    let times = thread::scope(|scope| {
        let client = || -> Result<Vec<Duration>> {
            (0..webhooks / CLIENTS)
                .map(|_| {
                    let job = Job::new(fixture, payloads, &["small"]);
                    let start = Instant::now();
                    job.say("completed", None, Some("skipped"))?;
                    Ok(start.elapsed())
                })
                .collect()
        };
        let clients: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(client)).collect();
        clients
            .into_iter()
            .map(|client| client.join().map_err(|_| anyhow!("a client panicked"))?)
            .collect::<Result<Vec<_>>>()
    })?;
    let rate = f64::from(u32::try_from(webhooks)?) / start.elapsed().as_secs_f64();
    told.push(format!("webhook, {CLIENTS} clients: {rate:.0} a second, {}", spread(times.concat())));
    Ok(told)
}

fn spread(mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    let at = |percent: usize| times.get((times.len() * percent / 100).min(times.len().saturating_sub(1)));
    let shown = |percent| at(percent).map_or_else(String::new, |time| format!("p{percent} {time:.1?}"));
    format!("{}, {} of {}", shown(50), shown(99), times.len())
}
