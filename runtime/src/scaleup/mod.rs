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
mod place;
mod pool;
mod register;

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use jit_runners_model::contract::{
    environment::ScaleUpEnvironment,
    message::{JobMessage, JobRef},
    runner_release::RunnerRelease,
    table::{Key, label_set_key},
};

use self::{
    decide::{Decision, Facts, LaunchTask, decide},
    launch::{Stopped, launch},
    place::Site,
    register::{may_be_configured, register},
};
use crate::{
    gap::Group,
    message::Message,
    message::decode_job,
    port::{
        Clock, EndInstances, Github, GithubJob, LaunchInstances, LookAtImages, Observation, Observe, Read,
        ReadError, RegistrationTarget, Stored, Table,
    },
    record::{Caps, Findings, Intent, IntentState, Job, Place, Runner, RunnerName},
    release,
    store::{self, Transaction},
    time::Time,
};

/// A job of which nobody had heard for so long after it was queued may be over, and its webhook delivered again by
/// somebody. GitHub is asked before anything is launched for it.
const OLD: Duration = Duration::from_mins(10);
/// The same for a job that was heard of in time, and may be over because an event was lost. In a burst thousands wait for
/// longer than [`OLD`], and a question about each would take as many requests as their registrations.
const OLD_IN_LEDGER: Duration = Duration::from_hours(1);

/// Handles a batch; returns the ids of the messages that go back to the queue.
pub async fn scaleup<P: Table + LaunchInstances + LookAtImages + EndInstances + Github + Clock + Observe>(
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
async fn serve<P: Table + LaunchInstances + LookAtImages + EndInstances + Github + Clock + Observe>(
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
    let decided = async || {
        store::transact(ports, &first.job.job_id.to_string(), async |conflicts| {
            let facts = gather(ports, settings, release, label_set, &asked, deadline, conflicts > 0).await?;
            let decision = decide(&facts, |intent| pool::first_call(settings, intent, &findings, facts.now));
            if decision.contradicted {
                return Ok(Transaction::Contradicted);
            }
            Ok(Transaction::Write(decision.writes.clone(), decision))
        })
        .await
    };
    let mut decision = decided().await?;
    // At most: somebody else's registration shows nothing, so one is tried.
    for _ in 0..2 {
        let site = Site::new(settings, &decision.repository, labels);
        match decision.try_registration {
            Some(to_try) => place::try_registration(ports, settings, &site, to_try, deadline).await?,
            None if decision.awaits_proof => place::await_proof(ports, &site, deadline).await?,
            None => break,
        }
        let recorded = decision.recorded;
        decision = Decision { recorded, ..decided().await? };
    }
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
async fn carry_out<P: Table + LaunchInstances + EndInstances + Github + Clock + Observe>(
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
    let proof = task.proof.clone();
    register(ports, settings, launched.intent, runners, register_at, proof, deadline).await?;
    Ok(launched.missing)
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
    let jobs: Vec<Job> = asked
        .iter()
        .map(|asked| {
            let known = group.job(&Key::job(&asked.job)).map(|known| known.item.clone());
            known.unwrap_or_else(|| Job::asked(asked))
        })
        .filter(Job::is_queued)
        .collect();
    for job in &jobs {
        know_last_launch(ports, &mut group, job).await?;
    }
    let now = ports.now();
    // New jobs, and held ones that a message may say are let through.
    let more = jobs.iter().filter(|job| job.is_held() || group.job(&Key::job(&job.job)).is_none()).count();
    let is_missing = group.demand(now) + more > group.supply(now);
    let (seen, unanswered) = if is_missing {
        look(ports, settings, &mut group, &jobs, asked, now).await?
    } else {
        (BTreeMap::new(), BTreeSet::new())
    };
    let first = asked.first();
    let caps = Caps::new(settings.max_runners, settings.max_runners_per_repository, settings.paused);
    let Some(JobMessage { job, labels, .. }) = first else {
        return Err(ReadError::Unavailable("nothing was asked".to_owned()));
    };
    // Webhooks and redirects have the new name of a repository that was renamed.
    let named =
        asked.iter().max_by_key(|asked| asked.received_at).map_or(&job.repository, |it| &it.job.repository);
    let repository = ports.renamed(named).unwrap_or_else(|| named.clone());
    let target = RegistrationTarget::of(settings.runner_scope, &repository);
    Ok(Facts {
        repository,
        labels: labels.clone(),
        asked: asked.to_vec(),
        group,
        fleet: store::fleet(ports).await?,
        seen,
        unanswered,
        place: if is_missing {
            place::known(ports, &target).await?
        } else {
            Stored { revision: None, item: Place::new(&target) }
        },
        label_set: label_set.to_owned(),
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

/// Asks GitHub about jobs that were launched for before or are old, because their events may have been lost, and about held ones that
/// are said to be let through. An old one of which nobody has heard may be a webhook that somebody delivered again. Returns what GitHub said, and the jobs of
/// that kind about which it did not answer.
async fn look<P: Table + Github + Clock>(
    ports: &P,
    settings: &ScaleUpEnvironment,
    group: &mut Group,
    jobs: &[Job],
    asked: &[JobMessage],
    now: Time,
) -> Read<(BTreeMap<JobRef, Option<GithubJob>>, BTreeSet<JobRef>)> {
    let (mut seen, mut unanswered) = (BTreeMap::new(), BTreeSet::new());
    let held = |job: &Job, group: &Group| {
        group.last_launch(job).is_some_and(|intent| intent.item.state == IntentState::Open)
    };
    for job in jobs {
        let is_late = group.job(&Key::job(&job.job)).is_none()
            && !asked.iter().any(|message| message.job == job.job && came_in_time(message));
        // A webhook that says that a held job is queued may be older than the one that said that it is held.
        let is_let_through = job.is_held();
        let is_asked_about =
            is_let_through || is_doubtful(job, is_late, group, now) && job.may_be_launched_for(now);
        if !is_asked_about || held(job, group) {
            continue;
        }
        // The index may not show yet what the rebalancer has just listed and recorded.
        if is_late && let Some(found) = store::get::<Job>(ports, &Key::job(&job.job)).await? {
            let is_heard_of = !is_doubtful(&found.item, false, group, now);
            group.learn(found);
            if is_heard_of {
                continue;
            }
        }
        let Ok(found) = ports.job(&job.job).await else {
            // A job that is in the ledger counts as queued.
            if group.job(&Key::job(&job.job)).is_none() {
                unanswered.insert(job.job.clone());
            }
            continue;
        };
        let name = found.as_ref().and_then(|found| found.runner_name.as_deref());
        if let Some(name) = name.and_then(|name| RunnerName::parse(name, &settings.deployment))
            && let Some(runner) = store::get::<Runner>(ports, &Key::runner(name.instance.as_str())).await?
        {
            group.learn(runner);
        }
        seen.insert(job.job.clone(), found);
    }
    Ok((seen, unanswered))
}

/// Whether the job may be over although no event said so: its last launch made instances, or GitHub was not asked for
/// a long time. `is_late` if nobody had heard of it before, and its webhook did not come when it was queued.
fn is_doubtful(job: &Job, is_late: bool, group: &Group, now: Time) -> bool {
    let made = group.last_launch(job).is_some_and(|intent| !intent.item.launched.is_empty())
        && job.seen_at < job.launched_at;
    // The longer it has waited, the more rarely GitHub is asked: thousands of jobs may wait for a free slot.
    let heard_at = job.seen_at.unwrap_or(job.queued_at);
    let old = if is_late { OLD } else { OLD_IN_LEDGER };
    made || heard_at + old.max(heard_at.since(job.queued_at)) < now
}

/// Whether the message is of a webhook that came soon after the job was queued. In a burst it may then wait in our queue.
fn came_in_time(message: &JobMessage) -> bool {
    let queued_at = Time::from_millis(message.queued_at);
    message.received_at > 0 && Time::from_millis(message.received_at).since(queued_at) <= OLD
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
    if let Some(why) = decision.no_launches {
        ports.observe(Observation::NoLaunches {
            why,
            jobs: decision.deferred.iter().map(|(_, jobs)| jobs).sum(),
        });
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
