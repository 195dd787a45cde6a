//! Reads the story, and refuses what cannot happen.

use std::{collections::BTreeSet, time::Duration};

use jit_runners_model::{Label, contract::message::Repository};
use jit_runners_yaml::{
    Section, closest, excerpt,
    reader::{Flag, List, Name, OneOrSpan, Text, Time, Whole, Word},
    section::Kind,
};

use super::{Act, Entry, HeldJobs, Pushes, Strangers};
use crate::{
    github::Action,
    stack::Deploying,
    stranger::{Aim, Claim, Stranger},
    world::Means,
};

/// A repository's name.
pub(in crate::scenario) const REPOSITORY: Name<Repository> = Name {
    example: "o/r",
    check: |text| {
        let found = text.clone();
        Repository::new(text)
            .map_err(|_| jit_runners_model::NameError { found, expected: "a repository, owner/name" })
    },
    text: |repository| repository.as_str().to_owned(),
};

/// A label.
pub(in crate::scenario) const LABEL: Name<Label> =
    Name { example: "self-hosted", check: |text| Label::new(text), text: |label| label.to_string() };

/// Which deployments there are.
const DEPLOYING: &[(&str, Deploying)] = &[
    ("create", Deploying::Create),
    ("update", Deploying::Update),
    ("roll_back", Deploying::RollBack),
    ("remove", Deploying::Remove),
];

/// The jobs of a push, if nothing else is said.
const LENGTH: (Duration, Duration) = (Duration::from_mins(2), Duration::from_mins(2));

/// An installation of somebody else, if nothing else is said.
const OTHER_INSTALLATION: u32 = 2;
/// Installations of others.
const OTHERS: Whole = Whole { low: OTHER_INSTALLATION, high: u32::MAX };
/// As many of something as a machine can simulate.
const MANY: Whole = Whole { low: 1, high: 1_000_000 };

/// Reads the story.
pub(in crate::scenario) fn read(section: &mut Section<'_, '_>) -> Vec<Entry> {
    let kinds: &[Kind<'_, Entry>] = &[
        Kind { key: "push", about: "Somebody pushes: a run with jobs.", read: &|it| entry(it, push) },
        Kind {
            key: "cancel",
            about: "Somebody cancels the runs of a push.",
            read: &|it| entry(it, |it| Some(Act::Cancel(named(it, "cancel")?))),
        },
        Kind {
            key: "rerun",
            about: "Somebody runs the runs of a push again.",
            read: &|it| entry(it, |it| Some(Act::Rerun(named(it, "rerun")?))),
        },
        Kind {
            key: "rename",
            about: "Somebody renames or transfers a repository.",
            read: &|it| entry(it, rename),
        },
        Kind {
            key: "hanging",
            about: "Runs without jobs begin, which stay queued for ever.",
            read: &|it| entry(it, hanging),
        },
        Kind {
            key: "foreign",
            about: "Somebody pushes in a repository of another installation of the App.",
            read: &|it| entry(it, foreign),
        },
        Kind {
            key: "stranger",
            about: "A neighbour sends an event of a job of their own, rightly signed.",
            read: &|it| entry(it, stranger),
        },
        Kind { key: "lose", about: "Webhooks are lost for some time.", read: &|it| entry(it, lose) },
        Kind {
            key: "forge",
            about: "Somebody without the secret posts that a job was queued.",
            read: &|it| {
                entry(it, |it| Some(Act::Forge(it.get("forge", "In which repository.", &REPOSITORY)?)))
            },
        },
        Kind {
            key: "pause",
            about: "Somebody pauses the deployment for some time.",
            read: &|it| entry(it, pause),
        },
        Kind {
            key: "deploy",
            about: "Somebody makes, changes or removes the deployment.",
            read: &|it| {
                entry(it, |it| Some(Act::Deploy(it.get("deploy", "What is done.", &Word(DEPLOYING))?)))
            },
        },
    ];
    let story = section.list("story", "What happens, and when.", kinds);
    check(section, &story);
    story
}

/// When it happens, and what others call it.
fn entry(section: &mut Section<'_, '_>, act: impl Fn(&mut Section<'_, '_>) -> Option<Act>) -> Option<Entry> {
    let about = "When it happens, since the beginning; drawn between two times `[a, b]`.";
    let at = section.required("at", about, &OneOrSpan(Time));
    let act = act(section);
    let name = section.get("name", "What others call it.", &Text { example: "first" });
    Some(Entry { at: at?, name, act: act?, spot: section.spot() })
}

fn named(section: &mut Section<'_, '_>, key: &'static str) -> Option<String> {
    section.get(key, "The `name` of an earlier push.", &Text { example: "first" })
}

fn rename(section: &mut Section<'_, '_>) -> Option<Act> {
    let from = section.get("rename", "Its name so far.", &REPOSITORY);
    let about = "Its new name; with another owner, it is transferred.";
    let to = section.required("to", about, &REPOSITORY);
    Some(Act::Rename { from: from?, to: to? })
}

fn hanging(section: &mut Section<'_, '_>) -> Option<Act> {
    let repository = section.get("hanging", "In which repository.", &REPOSITORY);
    let mut runs = 1;
    section.set("runs", "How many.", &MANY, &mut runs);
    Some(Act::Hang { repository: repository?, runs })
}

fn foreign(section: &mut Section<'_, '_>) -> Option<Act> {
    let repository = section.get("foreign", "Where to.", &REPOSITORY);
    let mut installation = OTHER_INSTALLATION;
    section.set("installation", "The id of that installation; ours is 1.", &OTHERS, &mut installation);
    let mut jobs = 1;
    section.set("jobs", "How many jobs.", &MANY, &mut jobs);
    let labels = labels(section);
    let mut length = LENGTH;
    section.set("length", "How long a job runs.", &OneOrSpan(Time), &mut length);
    Some(Act::Foreign { installation: installation.into(), repository: repository?, jobs, labels, length })
}

fn stranger(section: &mut Section<'_, '_>) -> Option<Act> {
    let actions = &[
        ("queued", Action::Queued),
        ("waiting", Action::Waiting),
        ("in_progress", Action::InProgress),
        ("completed", Action::Completed),
    ];
    let action = section.get("stranger", "What is said to have happened to the job.", &Word(actions));
    let repository = section.required("in", "The repository of the job.", &REPOSITORY);
    let mut installation = 1;
    section.set(
        "installation",
        "The installation of that repository; ours is 1.",
        &Whole::SOME,
        &mut installation,
    );
    let labels = labels(section);
    let aims = &[("nobody", Aim::Nobody), ("busy", Aim::Busy), ("idle", Aim::Idle)];
    let mut aim = Aim::Busy;
    let about =
        "Whose name the runner of the job has: that of our latest `busy` or `idle` runner, or of `nobody`.";
    section.set("runner", about, &Word(aims), &mut aim);
    let claims =
        &[("none", Claim::Null), ("zero", Claim::Zero), ("theirs", Claim::Theirs), ("ours", Claim::Ours)];
    let mut claim = Claim::Theirs;
    section.set("runner_id", "The id of that runner in the event.", &Word(claims), &mut claim);
    let mut age = Duration::ZERO;
    section.set("age", "How old the job is.", &Time, &mut age);
    let mut times = 1;
    section.set("times", "How many events.", &MANY, &mut times);
    let mut every = Duration::from_secs(1);
    section.set("every", "How long after each other.", &Time, &mut every);
    let (repository, action, installation) = (repository?, action?, installation.into());
    let event = Stranger { repository, installation, action, labels, aim, claim, age };
    Some(Act::Stranger(Box::new(Strangers { event, times, every })))
}

/// How jobs are held before they are queued.
fn held(section: &mut Section<'_, '_>) -> Option<HeldJobs> {
    let about = "How long jobs wait for an approval before they are queued.";
    let approved_after = section.get("approved_after", about, &OneOrSpan(Time));
    let about = "How long the concurrency of their workflow holds jobs before they are queued.";
    let held = section.get("held", about, &OneOrSpan(Time));
    let mut announced = true;
    let about = "Before an approval, a webhook says that the job is queued.";
    section.set("announced", about, &Flag, &mut announced);
    let about = "How many jobs of a push are held; all if it is missing.";
    let jobs = section.get("held_jobs", about, &MANY);
    if approved_after.is_some() && held.is_some() {
        section.refuse(Some("held"), "a job is held in one way; remove `held` or `approved_after`");
    }
    for (key, needs) in
        [("announced", approved_after.is_some()), ("held_jobs", approved_after.or(held).is_some())]
    {
        if section.has(key) && !needs {
            section.refuse(Some(key), "no job is held; add `approved_after`");
        }
    }
    let gated = approved_after.is_some();
    let lasting = approved_after.or(held)?;
    Some(HeldJobs { lasting, gated, announced: announced && gated, jobs })
}

/// The labels of jobs.
fn labels(section: &mut Section<'_, '_>) -> BTreeSet<Label> {
    let mut labels = Label::new(LABEL.example).into_iter().collect();
    section.set("labels", "The jobs' labels.", &List(LABEL), &mut labels);
    labels.into_iter().collect()
}

fn lose(section: &mut Section<'_, '_>) -> Option<Act> {
    let what = section.get("lose", "What is lost.", &Word(&[("webhooks", ())]));
    let lasting = section.required("for", "For how long.", &Time);
    what?;
    Some(Act::Lose { lasting: lasting? })
}

fn pause(section: &mut Section<'_, '_>) -> Option<Act> {
    let lasting = section.get("pause", "For how long.", &Time);
    let mut means = Means::Input;
    let words = &[("input", Means::Input), ("table", Means::Table)];
    section.set("by", "By the deployment's input, or in the table.", &Word(words), &mut means);
    Some(Act::Pause { means, lasting: lasting? })
}

fn push(section: &mut Section<'_, '_>) -> Option<Act> {
    let about = "Where to. With `repositories`, a number follows the name: `o/r-0`, `o/r-1`, and so on.";
    let repository = section.get("push", about, &REPOSITORY);
    let about = "How many repositories there are; each push draws one.";
    let repositories = section.get("repositories", about, &MANY);
    let mut times = 1;
    section.set("times", "How many pushes.", &MANY, &mut times);
    let every = section.get("every", "How long after each other; otherwise each draws its `at`.", &Time);
    let in_all = section.get("jobs_in_all", "Pushes go on until there are so many jobs.", &MANY);
    let mut jobs = (1, 1);
    section.set(
        "jobs",
        "Jobs of one push; drawn between two numbers `[a, b]`.",
        &OneOrSpan(Whole { low: 0, ..MANY }),
        &mut jobs,
    );
    let labels = labels(section);
    let mut length = LENGTH;
    section.set(
        "length",
        "How long a job runs; drawn between two times `[a, b]`.",
        &OneOrSpan(Time),
        &mut length,
    );
    let held = held(section);
    let mut cancel_in_progress = false;
    let about = "Each push cancels the run of the one before.";
    section.set("cancel_in_progress", about, &Flag, &mut cancel_in_progress);
    let mut unheard = false;
    section.set("webhooks_lost", "Nobody hears that these jobs are queued.", &Flag, &mut unheard);
    if in_all.is_some() && (section.has("times") || every.is_some()) {
        section.refuse(Some("jobs_in_all"), "says how many pushes there are; remove `times` and `every`");
    }
    if in_all.is_some() && jobs.0 == 0 {
        section.refuse(Some("jobs"), "a push without jobs never comes to an end of `jobs_in_all`");
    }
    if every.is_some() && times == 1 && !section.has("times") {
        section.refuse(Some("every"), "needs `times`");
    }
    Some(Act::Push(Box::new(Pushes {
        repository: repository?,
        repositories,
        times,
        every,
        in_all,
        jobs,
        labels,
        length,
        held,
        cancel_in_progress,
        unheard,
    })))
}

/// Refuses what refers to nothing.
fn check(section: &mut Section<'_, '_>, story: &[Entry]) {
    let mut names = BTreeSet::new();
    for entry in story {
        if let (Some(name), Act::Push(_)) = (&entry.name, &entry.act)
            && !names.insert(name.as_str())
        {
            section.refuse_at(&entry.spot, format!("two pushes are called `{}`", excerpt(name)));
        }
    }
    for entry in story {
        let (Act::Cancel(name) | Act::Rerun(name)) = &entry.act else { continue };
        let is_it = |push: &&Entry| push.name.as_ref() == Some(name) && matches!(push.act, Act::Push(_));
        match story.iter().find(is_it) {
            None => {
                let known: Vec<_> = names.iter().copied().collect();
                section.refuse_at(&entry.spot, unknown("push", name, &known));
            }
            Some(push) if entry.at.0 < push.at.0 => {
                section.refuse_at(&entry.spot, format!("it happens before `{}` is pushed", excerpt(name)));
            }
            Some(_) => {}
        }
    }
}

/// Says that nothing of this kind is called `name`.
pub(in crate::scenario) fn unknown(kind: &str, name: &str, known: &[&str]) -> String {
    let hint = match closest(name, known) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None if known.is_empty() => "the story has none with a name".to_owned(),
        None => format!("expected one of `{}`", known.join("`, `")),
    };
    format!("no {kind} is called `{}`; {hint}", excerpt(name))
}
