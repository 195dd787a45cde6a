//! Maps each observation to its line in the log, and to the metrics that it measures: the one table of both, which the functions
//! write and the simulation looks at.

use jit_runners_model::{
    Label,
    contract::{
        log_line::{CycleComplete, TickComplete},
        message::JobRef,
        metric,
    },
};
use serde_json::{Map, Value, json};

use crate::{
    port::{Deferral, Observation, ReleaseQuestion},
    record::{Market, NoLaunches, Pool},
    retry::is_at_fault,
};

/// A line before it is written.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// How much it matters.
    pub level: Level,
    /// Text that does not depend on values, except for the two lines that operators filter on.
    pub message: String,
    /// What it is about.
    pub fields: Map<String, Value>,
    /// What it measures.
    pub metrics: Vec<Measure>,
}

/// How much a line matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// As it should be.
    Info,
    /// Something is wrong and will be repaired automatically.
    Warning,
    /// Somebody should look.
    Error,
}

impl Level {
    /// As it stands in the log.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "INFO",
            Self::Warning => "WARN",
            Self::Error => "ERROR",
        }
    }
}

/// What a metric counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Things.
    Count,
    /// Time.
    Seconds,
}

impl Unit {
    /// CloudWatch's name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Count => "Count",
            Self::Seconds => "Seconds",
        }
    }
}

/// One value of a metric.
#[derive(Debug, Clone, PartialEq)]
pub struct Measure {
    /// Its name.
    pub name: &'static str,
    /// What it counts.
    pub unit: Unit,
    /// The value.
    pub value: Value,
    /// Fields of the line that are its dimensions.
    pub dimensions: &'static [&'static str],
}

/// The line of `observation`.
#[expect(clippy::too_many_lines, reason = "a table, one entry for each observation")]
pub fn line(observation: Observation) -> Line {
    match observation {
        Observation::JobQueued(job) => {
            info("a job was queued", about_job(&job)).count(metric::JOBS_QUEUED, 1)
        }
        Observation::Unservable { job, why } => warning(
            "a job asks for labels that no runner can have, and is left alone",
            with(about_job(&job), json!({ "error": why })),
        )
        .error("Unservable"),
        Observation::JobStarted { job, after } => {
            let seconds = json!(after.as_secs_f64());
            info("a job was started", about_job(&job)).measure(
                metric::TIME_TO_START,
                Unit::Seconds,
                seconds,
                &[],
            )
        }
        Observation::JobCompleted(job) => info("a job is over", about_job(&job)),
        Observation::Deferred { repository, jobs, until } => {
            let fields = json!({ "repository": repository.as_str(), "jobs": jobs });
            match until {
                Deferral::Slots => warning("jobs wait because all slots are taken", fields),
                Deferral::Refused => {
                    warning("jobs wait because GitHub refuses to register their runners", fields)
                }
                Deferral::Registrations => {
                    warning("jobs wait because GitHub's limits leave no room to register runners", fields)
                }
            }
        }
        Observation::Launched { intent, pool, instances, fallbacks } => {
            let fields =
                with(about_pool(&pool), json!({ "intent": intent.as_str(), "pools_tried": fallbacks }));
            info("instances were launched", fields)
                .measure(metric::LAUNCHES, Unit::Count, json!(instances), &["market", "instance_type"])
                .count(metric::FALLBACKS, usize::from(fallbacks > 0))
        }
        Observation::NoCapacity { pool, code } => {
            warning("a pool has no capacity", with(about_pool(&pool), json!({ "code": code })))
                .error("NoCapacity")
        }
        Observation::NotOffered { pool, error: why } => warning(
            "a zone does not have an instance type, and is passed over for a day",
            with(about_pool(&pool), json!({ "error": why })),
        )
        .error("NotOffered"),
        Observation::NoSpot { error: why } => error(
            "no spot for an hour: EC2 Spot's service-linked role is missing, and scale-up may not create it; somebody who may has to: aws iam create-service-linked-role --aws-service-name spot.amazonaws.com",
            json!({ "error": why }),
        )
        .error("NoSpot"),
        Observation::Misfit { image, reason } => error(
            "an instance type does not fit its image, and is passed over",
            json!({ "image": image, "error": reason }),
        )
        .error("Misfit"),
        Observation::Unlaunchable { repository, jobs, reason, wait } => error(
            "nothing can be launched for jobs, and they wait",
            json!({ "repository": repository.as_str(), "jobs": jobs, "error": reason, "wait_seconds": wait.as_secs() }),
        )
        .error("Unlaunchable"),
        Observation::LaunchFailed { intent, reason } => {
            error("a launch failed", json!({ "intent": intent.as_str(), "error": reason }))
                .error("LaunchFailed")
        }
        Observation::Resumed(intent) => {
            warning("a launch that was left is taken over", json!({ "intent": intent.as_str() }))
        }
        Observation::Abandoned(intent) => {
            warning("a launch was given up", json!({ "intent": intent.as_str() })).error("LaunchAbandoned")
        }
        Observation::Configured(instance) => {
            info("a runner got its configuration", json!({ "instance": instance.as_str() }))
        }
        Observation::NameTaken { instance, attempt } => warning(
            "the answer to a registration was lost; the next name is tried",
            json!({ "instance": instance.as_str(), "attempt": attempt }),
        )
        .error("NameTaken"),
        Observation::RegistrationRefused { place, labels, status, reason, times, wait, ended } => {
            let labels = labels.map(|labels| labels.iter().map(Label::as_str).collect::<Vec<_>>().join(","));
            let mut fields = json!({
                "place": place, "status": status, "error": reason, "times": times,
                "wait_seconds": wait.as_secs(), "instances_ended": ended,
            });
            if let Some(labels) = labels {
                fields = with(fields, json!({ "labels": labels }));
            }
            error("GitHub refuses to register runners; jobs there wait, and it is asked again", fields)
                .error("RegistrationRefused")
        }
        Observation::RegistrationAccepted { place } => {
            info("GitHub registers runners again", json!({ "place": place }))
        }
        Observation::Overdue { key, age } => error(
            "an item was open for longer than anything can be, and was closed",
            json!({ "key": key, "age_hours": age.as_secs() / 3_600 }),
        )
        .error("Overdue"),
        Observation::RateLimited { wait } => {
            warning("GitHub asked to slow down", json!({ "wait_seconds": wait.as_secs() }))
                .error("RateLimited")
        }
        Observation::Retired(instance) => {
            info("a runner that no job needs was removed", json!({ "instance": instance.as_str() }))
        }
        Observation::Busy(instance) => {
            info("a runner has a job and was left alone", json!({ "instance": instance.as_str() }))
        }
        Observation::Stale(instance) => {
            warning("a runner never got ready", json!({ "instance": instance.as_str() })).error("StaleRunner")
        }
        Observation::TooOld(instance) => {
            warning("a runner reached the maximum age", json!({ "instance": instance.as_str() }))
                .error("TooOld")
        }
        Observation::Interrupted(instance) => {
            warning("EC2 takes an instance back", json!({ "instance": instance.as_str() }))
                .error("Interrupted")
        }
        Observation::InstanceGone { instance, had_job } => {
            info("an instance ended", json!({ "instance": instance.as_str(), "had_job": had_job }))
        }
        Observation::EndedEarly { instance, after, reason } => {
            let fields = json!({
                "instance": instance.as_str(), "after_seconds": after.as_secs(),
                "code": reason.code, "reason": reason.message,
            });
            if is_at_fault(&reason) {
                error("EC2 ended an instance that could not start", fields).error("CannotStart")
            } else {
                warning("an instance ended before it had a job", fields).error("EndedEarly")
            }
        }
        Observation::Orphan(instance) => {
            warning("an instance that nobody owns was ended", json!({ "instance": instance.as_str() }))
                .error("Orphan")
        }
        Observation::Zombie { name } => {
            warning("a registration without an instance was removed", json!({ "runner": name }))
                .error("Zombie")
        }
        Observation::Published { repository, jobs } => warning(
            "jobs were published again, because no runner was coming for them",
            json!({ "repository": repository.as_str(), "jobs": jobs }),
        ),
        Observation::QueuedAgain(job) => {
            warning("a job is queued again at GitHub: its runner was lost", about_job(&job))
                .error("QueuedAgain")
        }
        Observation::LostWebhook(job) => {
            warning("a job was found whose webhook never came", about_job(&job)).error("LostWebhook")
        }
        Observation::Stranded(job) => {
            error("a job used up its budget of launches, and waits", about_job(&job)).error("BudgetUsedUp")
        }
        Observation::Cycle { repository, demand, supply, published, label_sets } => {
            let line =
                CycleComplete { repository: repository.as_str(), demand, supply, published, label_sets };
            info(&line.to_string(), json!({ "repository": line.repository }))
        }
        Observation::ReleaseOffered(version) => {
            info("GitHub offers another release of the runner", json!({ "version": version.as_str() }))
        }
        Observation::ReleaseUnknown { question: ReleaseQuestion::Which, why } => {
            warning("GitHub offers no release of the runner that can be used", json!({ "error": why }))
                .error("ReleaseUnknown")
        }
        Observation::ReleaseUnknown { question: ReleaseQuestion::HowLong, why } => {
            warning("GitHub did not say how long the runner's release gets jobs", json!({ "error": why }))
                .error("ReleaseUnknown")
        }
        Observation::ReleaseEnds { version, days } => warning(
            "the runner's release soon gets no jobs any more",
            json!({ "version": version.as_str(), "days": days }),
        )
        .error("ReleaseEnds"),
        Observation::Tick {
            repositories,
            errors,
            stranded,
            gap,
            rate_limit_remaining,
            release_days_left,
        } => {
            let line = info(&TickComplete { repositories, errors }.to_string(), json!({}))
                .count(metric::STRANDED_JOBS, stranded)
                .count(metric::GAP, gap);
            let line = match rate_limit_remaining {
                Some(left) => line.measure(metric::RATE_LIMIT_REMAINING, Unit::Count, json!(left), &[]),
                None => line,
            };
            match release_days_left {
                Some(days) => line.measure(metric::RELEASE_DAYS_LEFT, Unit::Count, json!(days), &[]),
                None => line,
            }
        }
        Observation::NoLaunches { why: NoLaunches::Removed, jobs } => {
            warning("launches are stopped: the deployment is being removed", json!({ "jobs": jobs }))
        }
        Observation::NoLaunches { why: NoLaunches::Paused, jobs } => {
            info("launches are paused: jobs wait until somebody resumes", json!({ "jobs": jobs }))
        }
        Observation::Prepared => info("the deployment is prepared", json!({})),
        Observation::NothingEnded { stack } => {
            info("nothing was ended: the stack is not being removed", json!({ "stack_status": stack }))
        }
        Observation::Ending { instances } => {
            info("the deployment is being ended", json!({ "instances_left": instances }))
        }
        Observation::Ended { instances, registrations } => info(
            "the deployment has ended",
            json!({ "instances": instances, "registrations_left": registrations }),
        ),
        Observation::Failed { what, error: why } => error(what, json!({ "error": why })).error("Failed"),
    }
}

impl Line {
    fn measure(
        mut self,
        name: &'static str,
        unit: Unit,
        value: Value,
        dimensions: &'static [&'static str],
    ) -> Self {
        self.metrics.push(Measure { name, unit, value, dimensions });
        self
    }

    fn count(self, name: &'static str, things: usize) -> Self {
        self.measure(name, Unit::Count, json!(things), &[])
    }

    /// Counts it among the errors, under a class.
    fn error(mut self, class: &'static str) -> Self {
        self.fields.insert("error_class".to_owned(), class.into());
        self.measure(metric::ERRORS, Unit::Count, json!(1), &["error_class"])
    }
}

fn info(message: &str, fields: Value) -> Line {
    new(Level::Info, message, fields)
}

fn warning(message: &str, fields: Value) -> Line {
    new(Level::Warning, message, fields)
}

fn error(message: &str, fields: Value) -> Line {
    new(Level::Error, message, fields)
}

fn new(level: Level, message: &str, fields: Value) -> Line {
    let fields = match fields {
        Value::Object(fields) => fields,
        _ => Map::new(),
    };
    Line { level, message: message.to_owned(), fields, metrics: Vec::new() }
}

fn with(one: Value, other: Value) -> Value {
    match (one, other) {
        (Value::Object(mut one), Value::Object(other)) => {
            one.extend(other);
            Value::Object(one)
        }
        (one, _) => one,
    }
}

fn about_job(job: &JobRef) -> Value {
    json!({ "repository": job.repository.as_str(), "job_id": job.job_id, "run_attempt": job.run_attempt })
}

fn about_pool(pool: &Pool) -> Value {
    let market = match pool.market {
        Market::Spot => "spot",
        Market::OnDemand => "on_demand",
    };
    json!({ "market": market, "instance_type": pool.instance_type.as_str(), "subnet": pool.subnet })
}
