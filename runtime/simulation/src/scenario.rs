//! Scenarios: what people do, what goes wrong at the same time, and what must hold. Each is a file that anybody can
//! write ([docs/simulation.md](../../../docs/simulation.md)).
//!
//! ```text
//! file -> Scenario: world, story, hold -> for each seed: settings, happenings -> run -> figures, the worst seed's
//! ```

mod files;
mod hold;
mod run;
mod schema;
mod story;
#[cfg(test)]
mod tests;
mod world;

use std::{fmt, path::PathBuf, sync::Arc, time::Duration};

use jit_runners_yaml::{
    Problem, ProblemKind, Section, parse,
    reader::{Name, OneOrMany, Text, Whole},
    refuse_tags, section,
};

pub use self::{
    files::{FOLDER, ScenarioError, all, find, in_folder, named},
    hold::{Amount, Figure},
    run::{Result, judge, tell},
    schema::{REFERENCE_FILE, SCHEMA_FILE, reference, schema},
};
use self::{
    hold::Hold,
    story::Entry,
    world::{FaultsStop, Setting},
};
use crate::{
    Simulator,
    policy::Policy,
    random::Random,
    statistics::Statistics,
    world::{World, WorldError, WorldSettings},
};

/// A scenario.
#[derive(Clone)]
pub struct Scenario {
    /// Its name: that of its file, without the ending.
    pub name: String,
    /// What it shows.
    pub about: String,
    /// Where it was reported.
    pub sources: Vec<String>,
    /// How many seeds are run, of which the worst counts.
    pub seeds: u32,
    /// Its file.
    pub path: PathBuf,
    setting: Setting,
    story: Vec<Entry>,
    hold: Hold,
}

/// Why a file is no scenario.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Everything that is wrong, in the order of the file.
    pub problems: Vec<Problem>,
}

impl std::error::Error for Refused {}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.problems.len() == 1 { "" } else { "s" };
        write!(f, "{} problem{plural} in the scenario; nothing was run", self.problems.len())?;
        self.problems.iter().try_for_each(|problem| write!(f, "\n{problem}"))
    }
}

/// Seeds of a scenario that does not say how many.
const SEEDS: u32 = 25;
/// How often a run looks whether it is over.
const LOOKS_EVERY: Duration = Duration::from_mins(1);
/// The time from the last event of the story until faults stop.
const FAULTS_GO_ON: Duration = Duration::from_mins(1);

impl Scenario {
    /// The scenario in the file called `file` with these `bytes`.
    pub fn read(file: &str, bytes: &[u8]) -> std::result::Result<Self, Refused> {
        let file: Arc<str> = file.into();
        let parsed = parse(&file, bytes);
        let mut problems: Vec<_> = parsed
            .problems
            .into_iter()
            .map(|problem| Problem { place: problem.place, path: Vec::new(), kind: problem.kind.into() })
            .collect();
        let path = PathBuf::from(&*file);
        let scenario = match &parsed.root {
            Some(root) => {
                refuse_tags(root, &mut Vec::new(), &mut problems);
                let mut scenario = section::decode(root, &mut problems, decode);
                scenario.name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                scenario.path = path;
                Some(scenario)
            }
            None if problems.is_empty() => {
                let kind = ProblemKind::Told { message: "is empty; write what happens".to_owned() };
                problems.push(Problem {
                    place: jit_runners_yaml::Place::whole(file),
                    path: Vec::new(),
                    kind,
                });
                None
            }
            None => None,
        };
        match scenario {
            Some(scenario) if problems.is_empty() => Ok(scenario),
            _ => {
                problems.sort_by(|one, other| one.place.cmp(&other.place));
                Err(Refused { problems })
            }
        }
    }

    /// How many jobs there are.
    pub fn jobs(&self) -> usize {
        let random = &mut Random::new(1).fork(&self.name);
        story::happenings(&self.story, random).iter().map(story::Happening::jobs).sum()
    }

    /// The world of a seed.
    pub fn world(&self, seed: u64) -> WorldSettings {
        self.setting.settings(seed)
    }

    /// When the run ends at the latest.
    pub const fn lasts(&self) -> Duration {
        self.hold.end.latest()
    }

    /// Schedules what happens. Returns the runs that are pushed, and the time of the last event.
    fn begin(&self, world: &mut World, seed: u64, story: &[Entry]) -> (story::Pushed, Duration) {
        self.setting.schedule(world);
        let happenings = story::happenings(story, &mut Random::new(seed).fork(&self.name));
        let last = happenings.iter().map(story::Happening::at).max().unwrap_or_default();
        let refused: Vec<_> = self
            .setting
            .refusals()
            .filter_map(|refused| Some((refused.push.clone()?, refused.refusal.clone())))
            .collect();
        (story::schedule(happenings, &refused, world), last)
    }

    /// Runs a policy in this world, until everything is over: no job is open and no instance lives. Faults stop only
    /// if the file says when.
    pub fn run<P: Policy>(
        &self,
        settings: WorldSettings,
        policy: P,
    ) -> std::result::Result<(Statistics, Simulator<P>), WorldError> {
        let (seed, began) = (settings.seed, settings.began);
        let mut simulator = Simulator::new(settings, policy)?;
        let (_, last) = {
            let mut world = simulator.world_mut();
            if let FaultsStop::At(after) = self.setting.faults_stop {
                world.at(began + after, World::stop_faults);
            }
            self.begin(&mut world, seed, &self.story)
        };
        let until = began + self.lasts();
        let mut next = began;
        while next < until {
            next = next + LOOKS_EVERY;
            simulator.run_until(next);
            let world = simulator.world();
            if next > began + last && world.github.open_jobs() == 0 && world.ec2.live() == 0 {
                break;
            }
        }
        let mut statistics = Statistics::of(&simulator.world(), began);
        statistics.sort();
        Ok((statistics, simulator))
    }
}

impl fmt::Debug for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scenario").field("name", &self.name).field("path", &self.path).finish_non_exhaustive()
    }
}

/// An address, as people copy it from their browser.
const SOURCE: Name<String> = Name {
    example: "https://github.com/runs-on/runs-on/issues/417",
    check: |text| {
        let is_one = text.starts_with("https://") && !text.contains(char::is_whitespace);
        if is_one {
            Ok(text)
        } else {
            Err(jit_runners_model::NameError { found: text, expected: "an address, https://..." })
        }
    },
    text: Clone::clone,
};

/// Reads a whole scenario, or describes it.
fn decode(section: &mut Section<'_, '_>) -> Scenario {
    let text = Text { example: "An organization forbids repository-level runners" };
    let about = section.required("about", "What the scenario shows, in a sentence.", &text);
    let sources = section.get("source", "Where it was reported; one address or several.", &OneOrMany(SOURCE));
    let mut seeds = SEEDS;
    let about_seeds = "How many seeds are run; what the worst one shows counts.";
    section.set("seeds", about_seeds, &Whole { low: 1, high: 1_000_000 }, &mut seeds);
    let about_world = "The world, where it differs from a quiet one.";
    let setting = section.inside("world", about_world, world::read);
    let story = story::read(section);
    let is_silent = section.is_described() || section.is_refused();
    if story.is_empty() && !section.has("story") && !is_silent {
        section.refuse(None, "nothing happens; add a `story`");
    }
    let hold = section.inside("hold", "What must hold.", |section| hold::read(section, &story));
    for refused in setting.refusals() {
        let known: Vec<_> = story.iter().filter_map(Entry::name).collect();
        if let Some(name) = refused.push.as_deref().filter(|name| !known.contains(name)) {
            section.refuse_at(&refused.spot, story::unknown("push", name, &known));
        }
    }
    let settled = setting.settled();
    if let FaultsStop::At(stop) = setting.faults_stop
        && stop < settled
    {
        section.refuse(
            Some("world"),
            "`faults_stop` comes before the end of a period of `github`, or of a drought",
        );
    }
    Scenario {
        name: String::new(),
        about: about.unwrap_or_default(),
        sources: sources.unwrap_or_default(),
        seeds,
        path: PathBuf::new(),
        setting,
        story,
        hold,
    }
}
