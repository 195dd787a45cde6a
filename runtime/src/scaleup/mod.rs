//! Launches runners for queued jobs.
//!
//! ```text
//! messages -> ledger, what is known of EC2 -> decision (pure) -> one transaction: jobs, launch, fleet -> RunInstances
//!          -> one transaction: runners, launch -> register -> one transaction each: configuration, runner
//! ```
//!
//! After a crash at any point, the next invocation that gets the message finds the launch and takes it over. It makes
//! the same calls with the same tokens, and only those that are missing.

mod decide;
mod findings;
mod launch;
mod pool;
mod register;

use std::{collections::BTreeMap, time::Duration};

use jit_runners_model::contract::{
    environment::ScaleUpEnvironment,
    message::{JobMessage, JobRef},
    runner_release::RunnerRelease,
    table::{Key, label_set_key},
};

use self::{
    decide::{Decision, Facts, LaunchTask, decide},
    launch::{Stopped, launch},
    register::{may_be_configured, register},
};
use crate::{
    gap::Group,
    message::Message,
    message::decode_job,
    port::{
        Clock, Github, GithubJob, LaunchInstances, LookAtImages, Observation, Observe, Read, ReadError, Table,
    },
    record::{Caps, Findings, Intent, IntentState, Job, Runner, RunnerName},
    release,
    store::{self, Transaction},
    time::Time,
};

/// A job that has waited for longer may be over although no event said so. GitHub is asked before anything is
/// launched for it.
const OLD: Duration = Duration::from_mins(10);

/// Handles a batch; returns the ids of the messages that go back to the queue.
pub async fn scaleup<P: Table + LaunchInstances + LookAtImages + Github + Clock + Observe>(
    ports: &P,
    settings: &ScaleUpEnvironment,
    messages: &[Message],
    deadline: Time,
) -> Vec<String> {
    let mut back = Vec::new();
    let mut groups: BTreeMap<String, Vec<(&str, JobMessage)>> = BTreeMap::new();
    for message in messages {
        match decode_job(&message.body) {
            Ok(job) => groups
                .entry(label_set_key(&job.job.repository, &job.labels))
                .or_default()
                .push((&message.id, job)),
            Err(error) => {
                ports.observe(Observation::Failed {
                    what: "a message cannot be read",
                    error: error.to_string(),
                });
                back.push(message.id.clone());
            }
        }
    }
    let Some(repository) = groups.values().flatten().next().map(|(_, job)| job.job.repository.clone()) else {
        return back;
    };
    let release = release::for_launches(ports, settings, &repository).await;
    for (label_set, asked) in groups {
        let jobs: BTreeMap<JobRef, JobMessage> =
            asked.iter().map(|(_, job)| (job.job.clone(), job.clone())).collect();
        let served = match &release {
            Ok(release) => {
                serve(ports, settings, release, &label_set, jobs.into_values().collect(), deadline).await
            }
            Err(error) => Err(Stopped::from(error.clone())),
        };
        let unserved = match served {
            Ok(unserved) => unserved,
            Err(stopped) => {
                ports.observe(Observation::Failed {
                    what: "a launch stopped in the middle",
                    error: stopped.to_string(),
                });
                asked.len()
            }
        };
        back.extend(asked.iter().rev().take(unserved).map(|(id, _)| (*id).to_owned()));
    }
    back
}

/// Serves the jobs of one label set; returns for how many nothing could be launched.
async fn serve<P: Table + LaunchInstances + LookAtImages + Github + Clock + Observe>(
    ports: &P,
    settings: &ScaleUpEnvironment,
    release: &RunnerRelease,
    label_set: &str,
    asked: Vec<JobMessage>,
    deadline: Time,
) -> Result<usize, Stopped> {
    let Some(first) = asked.first() else { return Ok(0) };
    let labels = &first.labels;
    // No conflict changes this, so it is read once.
    let findings = findings::known(ports, settings, labels).await?;
    let decision = store::transact(ports, &first.job.job_id.to_string(), async |conflicts| {
        let facts = gather(ports, settings, release, label_set, &asked, deadline, conflicts > 0).await?;
        let decision = decide(&facts, |intent| pool::first_call(settings, intent, &findings, facts.now));
        if decision.contradicted {
            return Ok(Transaction::Contradicted);
        }
        Ok(Transaction::Write(decision.writes.clone(), decision))
    })
    .await?;
    tell(ports, &decision, &asked);
    if !decision.tasks.is_empty() {
        findings::tell_misfits(ports, settings, labels, &findings).await;
    }
    let mut unserved = 0;
    let mut stopped = None;
    for task in &decision.tasks {
        match carry_out(ports, settings, task, &findings, deadline).await {
            Ok(missing) => unserved += usize::try_from(missing).unwrap_or(usize::MAX),
            // This invocation holds the other launches, too, so it goes on with them.
            Err(error) => stopped = Some(error),
        }
    }
    stopped.map_or(Ok(unserved), Err)
}

/// Launches instances, registers runners and hands over configurations; returns how many slots stayed empty.
async fn carry_out<P: Table + LaunchInstances + Github + Clock + Observe>(
    ports: &P,
    settings: &ScaleUpEnvironment,
    task: &LaunchTask,
    findings: &Findings,
    deadline: Time,
) -> Result<u32, Stopped> {
    let launched = launch(ports, settings, task, findings, deadline).await?;
    let mut runners = Vec::new();
    if task.resumed {
        // Runners that the earlier invocation had launched.
        for instance in &task.intent.item.launched {
            let found = store::get::<Runner>(ports, &Key::runner(instance.as_str())).await?;
            runners.extend(found.filter(|runner| may_be_configured(&runner.item)));
        }
    }
    // No registration is reserved yet for runners that were launched before.
    let register_at = launched.register_at.filter(|_| runners.is_empty());
    runners.extend(launched.runners);
    let refused = register(ports, settings, launched.intent, runners, register_at, deadline).await?;
    Ok(launched.missing + refused)
}

/// Reads the facts for the decision. The index may be some moments late. If `strict`, which is so after a conflict,
/// items that it does not show are read by key.
async fn gather<P: Table + Github + Clock>(
    ports: &P,
    settings: &ScaleUpEnvironment,
    release: &RunnerRelease,
    label_set: &str,
    asked: &[JobMessage],
    deadline: Time,
    strict: bool,
) -> Read<Facts> {
    let mut group = Group::new(store::open_of_label_set(ports, label_set).await?);
    if strict {
        for job in asked {
            if let Some(found) = store::get::<Job>(ports, &Key::job(&job.job)).await? {
                group.learn(found);
            }
        }
    }
    let again: Vec<Job> = asked
        .iter()
        .filter_map(|asked| group.job(&Key::job(&asked.job)))
        .filter(|job| job.item.is_queued())
        .map(|job| job.item.clone())
        .collect();
    for job in &again {
        know_last_launch(ports, &mut group, job).await?;
    }
    let now = ports.now();
    let seen = if group.gap(now) > 0 {
        look(ports, settings, &mut group, &again, now).await?
    } else {
        BTreeMap::new()
    };
    let first = asked.first();
    let caps = Caps {
        total: settings.max_runners.0.get(),
        per_repository: settings.max_runners_per_repository.0.get(),
    };
    let Some(JobMessage { job, labels, .. }) = first else {
        return Err(ReadError::Unavailable("nothing was asked".to_owned()));
    };
    Ok(Facts {
        repository: job.repository.clone(),
        labels: labels.clone(),
        asked: asked.to_vec(),
        group,
        fleet: store::fleet(ports).await?,
        seen,
        release: release.clone(),
        deployment: settings.deployment.clone(),
        caps,
        budget: settings.max_re_enqueue_attempts.0.get(),
        now: ports.now(),
        deadline,
    })
}

/// Reads the last launch for `job` and its runners, if the index does not show them.
async fn know_last_launch<P: Table + Clock>(ports: &P, group: &mut Group, job: &Job) -> Read<()> {
    let Some(id) = &job.intent else { return Ok(()) };
    let key = Key::intent(id.as_str());
    if group.intent(&key).is_none() {
        let Some(intent) = store::get::<Intent>(ports, &key).await? else { return Ok(()) };
        group.learn(intent);
    }
    let launched = group.intent(&key).map(|intent| intent.item.launched.clone()).unwrap_or_default();
    for instance in launched {
        let key = Key::runner(instance.as_str());
        if group.runner(&key).is_none()
            && let Some(runner) = store::get::<Runner>(ports, &key).await?
        {
            group.learn(runner);
        }
    }
    Ok(())
}

/// Asks GitHub about jobs that were launched for before or are old, because their events may have been lost.
async fn look<P: Table + Github + Clock>(
    ports: &P,
    settings: &ScaleUpEnvironment,
    group: &mut Group,
    jobs: &[Job],
    now: Time,
) -> Read<BTreeMap<JobRef, Option<GithubJob>>> {
    let mut seen = BTreeMap::new();
    let held = |job: &Job, group: &Group| {
        let intent = job.intent.as_ref().and_then(|id| group.intent(&Key::intent(id.as_str())));
        intent.is_some_and(|intent| intent.item.state == IntentState::Open)
    };
    for job in jobs {
        if !is_doubtful(job, group, now) || !job.may_be_launched_for(now) || held(job, group) {
            continue;
        }
        // Without an answer, the job counts as queued, as the ledger says.
        let Ok(found) = ports.job(&job.job).await else { continue };
        let name = found.as_ref().and_then(|found| found.runner_name.as_deref());
        if let Some(name) = name.and_then(|name| RunnerName::parse(name, &settings.deployment))
            && let Some(runner) = store::get::<Runner>(ports, &Key::runner(name.instance.as_str())).await?
        {
            group.learn(runner);
        }
        seen.insert(job.job.clone(), found);
    }
    Ok(seen)
}

/// Whether the job may be over although no event said so: its last launch made instances, or GitHub was not asked for
/// a long time.
fn is_doubtful(job: &Job, group: &Group, now: Time) -> bool {
    let intent = job.intent.as_ref().and_then(|id| group.intent(&Key::intent(id.as_str())));
    let made = intent.is_some_and(|intent| !intent.item.launched.is_empty()) && job.seen_at < job.launched_at;
    made || job.seen_at.unwrap_or(job.queued_at) + OLD < now
}

fn tell(ports: &impl Observe, decision: &Decision, asked: &[JobMessage]) {
    for job in &decision.recorded {
        ports.observe(Observation::JobQueued(job.clone()));
    }
    for task in decision.tasks.iter().filter(|task| task.resumed) {
        ports.observe(Observation::Resumed(task.intent.item.id.clone()));
    }
    for job in &decision.stranded {
        ports.observe(Observation::Stranded(job.clone()));
    }
    let Some(repository) = asked.first().map(|asked| &asked.job.repository) else { return };
    if decision.stopped {
        ports.observe(Observation::Stopped { jobs: decision.deferred.iter().map(|(_, jobs)| jobs).sum() });
        return;
    }
    for &(until, jobs) in &decision.deferred {
        ports.observe(Observation::Deferred { repository: repository.clone(), jobs, until });
    }
    if let Some((jobs, why, wait)) = &decision.refused {
        ports.observe(Observation::Unlaunchable {
            repository: repository.clone(),
            jobs: *jobs,
            reason: why.to_string(),
            wait: *wait,
        });
    }
}
