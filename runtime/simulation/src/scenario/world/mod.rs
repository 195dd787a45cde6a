//! The world of a scenario: every setting that a seed of the swarm can choose.

mod aws;
mod faults;
mod github;
mod inputs;

use std::time::Duration;

use jit_runners_yaml::{
    Section,
    reader::{Or, Time, Word},
};

use crate::{
    github::GithubSettings,
    stack::Tool,
    world::{World, WorldSettings},
};

use self::github::timeline;
pub(in crate::scenario) use self::github::{Period, Refused};

/// A world as a file describes it, for any seed.
#[derive(Clone)]
pub(super) struct Setting {
    /// The settings outside of all periods.
    usual: WorldSettings,
    /// Periods with other settings of GitHub.
    periods: Vec<Period>,
    /// When faults stop that have no end of their own.
    pub(super) faults_stop: FaultsStop,
}

/// When faults stop that have no end of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FaultsStop {
    /// Soon after the last event of the story.
    ByThemselves,
    /// At this time.
    At(Duration),
    /// They last as long as the run.
    Never,
}

/// When idle runners are dropped, as GitHub has done since 2025 (<https://github.com/actions/runner/issues/4726>).
const IDLE_DROP: (Duration, Duration) = (Duration::from_mins(2), Duration::from_mins(6));

impl Setting {
    /// The world of a seed.
    pub(super) fn settings(&self, seed: u64) -> WorldSettings {
        let first = timeline(&self.usual.github, &self.periods).into_iter().next();
        let github = first.map_or_else(|| self.usual.github.clone(), |(_, github)| github);
        WorldSettings { seed, github, ..self.usual.clone() }
    }

    /// What is refused from one time until another, and to which push if not to all.
    pub(super) fn refusals(&self) -> impl Iterator<Item = &Refused> {
        self.periods.iter().flat_map(|period| &period.refusals)
    }

    /// Has GitHub change when a period begins or ends.
    pub(super) fn schedule(&self, world: &mut World) {
        let began = world.now;
        let everywhere = self.refusals().filter(|refused| refused.push.is_none());
        let refusals = everywhere.map(|refused| refused.refusal.clone());
        world.github.settings_mut().refusals.extend(refusals);
        for (at, settings) in timeline(&self.usual.github, &self.periods).into_iter().skip(1) {
            world.at(began + at, move |world| {
                let now = world.github.settings_mut();
                // Refusals have times of their own.
                let refusals = std::mem::take(&mut now.refusals);
                *now = GithubSettings { refusals, ..settings };
            });
        }
    }

    /// The time after which nothing changes by itself any more.
    pub(super) fn settled(&self) -> Duration {
        let github = &self.usual.github;
        let ends = self.periods.iter().filter_map(|period| period.until);
        let outages = github.outages.iter().map(|(_, until)| *until);
        let droughts = self.usual.ec2.spot_drought.iter().map(|(_, until)| *until);
        let began = self.usual.began;
        ends.chain(outages.chain(droughts).map(|until| until.since(began))).max().unwrap_or_default()
    }
}

/// Reads the world.
pub(super) fn read(section: &mut Section<'_, '_>) -> Setting {
    let mut settings = WorldSettings::quiet(0);
    settings.github.idle_drop = Some(IDLE_DROP);
    inputs::read(section, &mut settings);
    let tools = &[("cloudformation", Tool::CloudFormation), ("terraform", Tool::Terraform)];
    section.set("tool", "What it was deployed with.", &Word(tools), &mut settings.tool);
    let about = "GitHub: settings for the whole run, or a list of settings that hold `from` one time `until` another.";
    let all = section.one_or_many("github", about, |it| Some(github::period(it)));
    for period in all.iter().filter(|period| period.is_lasting()) {
        period.set_up(&mut settings.github);
    }
    let periods = all;
    section.inside("ec2", "EC2.", |section| aws::ec2(section, &mut settings.ec2));
    section.inside("table", "DynamoDB.", |section| aws::table(section, &mut settings.table));
    section.inside("queues", "The two queues.", |section| {
        section
            .inside("scaleup", "The queue of jobs.", |section| aws::queue(section, &mut settings.scale_up));
        section.inside("lifecycle", "The queue of events.", |section| {
            aws::queue(section, &mut settings.lifecycle);
        });
    });
    section.inside("lambda", "Lambda.", |section| aws::lambda(section, &mut settings));
    section.inside("throttling", "How many webhooks the API takes.", |section| {
        aws::throttling(section, &mut settings);
    });
    let about = "What goes wrong with calls, functions and instances, by chance.";
    section.inside("faults", about, |section| faults::faults(section, &mut settings.faults));
    let about = "When faults that have no end of their own stop; a minute after the last event of the story if it is \
                 missing. What a period of `github` refuses for good goes on.";
    let faults_stop = match section.get("faults_stop", about, &Or { word: "never", reader: Time }) {
        None => FaultsStop::ByThemselves,
        Some(Some(time)) => FaultsStop::At(time),
        Some(None) => FaultsStop::Never,
    };
    Setting { usual: settings, periods, faults_stop }
}
