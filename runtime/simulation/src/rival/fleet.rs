//! What others' policies have in common: a client of GitHub that waits and tries again, and launches of runners.
//!
//! The client has the plugins that the source uses. The policy that counts from lists has no such plugins, and does not space its
//! requests. Launches follow `createRunners` of `scale-runners/scale-up.ts` and `ec2.ts`.

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use jit_runners_model::{
    InstanceType, Label,
    contract::{environment::ScaleUpEnvironment, message::Repository, runner_release::RunnerRelease},
};
use jit_runners_runtime::{
    port::{
        Clock, ComputeError, EndInstances, Github, GithubError, Instance, Launch, ListInstances,
        Registration, RegistrationTarget, Write,
    },
    record::{Configuration, InstanceId, IntentId, Market, Pool},
    retry::{GithubClass, github_class, is_passing},
    store,
    time::Time,
};

use crate::{SimPorts, ec2::InstantFleet};

/// `retries` of <https://github.com/octokit/plugin-retry.js/blob/main/src/index.ts>: after one, four and nine seconds.
const RETRIES: u32 = 3;
/// `MAX_RATE_LIMIT_RETRIES` and `MAX_SECONDARY_RATE_LIMIT_RETRIES` of `github/auth.ts`.
const PRIMARY_RETRIES: u32 = 2;
const SECONDARY_RETRIES: u32 = 1;
/// The pause between two requests that change something: the group `octokit-write` of
/// <https://github.com/octokit/plugin-throttling.js/blob/main/src/index.ts>.
const BETWEEN_WRITES: Duration = Duration::from_secs(1);
/// `enable_on_demand_failover_for_errors`. Its default is none; these are what it is meant for.
const FAILOVER: [&str; 3] =
    ["InsufficientInstanceCapacity", "UnfulfillableCapacity", "MaxSpotInstanceCountExceeded"];
/// How often the SDK tries a call
/// (<https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html>).
const TRIES: u32 = 3;

/// The client of one invocation.
pub(super) struct Octokit<'a> {
    ports: &'a SimPorts,
    next_write: Cell<Time>,
    between_writes: Duration,
}

impl<'a> Octokit<'a> {
    pub(super) const fn new(ports: &'a SimPorts, spaced: bool) -> Self {
        let between_writes = if spaced { BETWEEN_WRITES } else { Duration::ZERO };
        Self { ports, next_write: Cell::new(Time::from_millis(0)), between_writes }
    }

    /// Asks for something.
    pub(super) async fn read<T, F>(&self, request: impl Fn() -> F) -> Result<T, GithubError>
    where
        F: Future<Output = Result<T, GithubError>>,
    {
        let (mut failed, mut limited) = (0, 0);
        loop {
            let error = match request().await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            let wait = match github_class(&error, self.ports.now()) {
                GithubClass::Wait(wait) if limited < allowed(&error) => {
                    limited += 1;
                    wait
                }
                GithubClass::Again | GithubClass::NameTaken if failed < RETRIES => {
                    failed += 1;
                    Duration::from_secs(u64::from(failed * failed))
                }
                _ => return Err(error),
            };
            self.ports.sleep_until(self.ports.now() + wait).await;
        }
    }

    /// Changes something.
    pub(super) async fn write<T, F>(&self, request: impl Fn() -> F) -> Result<T, GithubError>
    where
        F: Future<Output = Result<T, GithubError>>,
    {
        self.ports.sleep_until(self.next_write.get()).await;
        self.next_write.set(self.ports.now() + self.between_writes);
        self.read(request).await
    }
}

/// How often a request is made again after a rate limit.
fn allowed(error: &GithubError) -> u32 {
    match error {
        GithubError::Refused(refusal) if refusal.message.contains("secondary rate") => SECONDARY_RETRIES,
        _ => PRIMARY_RETRIES,
    }
}

/// What stands in tags of instances.
#[derive(Debug, Default)]
pub(super) struct Tags {
    /// `ghr:github_runner_id`: who has a registration, by the name of the runner.
    pub runners: BTreeMap<InstanceId, String>,
    /// `ghr:orphan`.
    pub orphans: BTreeSet<InstanceId>,
}

/// The means of one invocation.
pub(super) struct Fleet<'a> {
    pub ports: &'a SimPorts,
    pub settings: &'a ScaleUpEnvironment,
    pub octokit: Octokit<'a>,
    pub tags: &'a RefCell<Tags>,
}

impl<'a> Fleet<'a> {
    pub(super) const fn new(
        ports: &'a SimPorts,
        settings: &'a ScaleUpEnvironment,
        tags: &'a RefCell<Tags>,
        spaced: bool,
    ) -> Self {
        Self { ports, settings, octokit: Octokit::new(ports, spaced), tags }
    }

    /// Where runners of `repository` are.
    pub(super) fn target(&self, repository: &Repository) -> RegistrationTarget {
        RegistrationTarget::of(self.settings.runner_scope, repository)
    }

    /// `runners_maximum_count`, which the source counts for each owner of runners.
    pub(super) fn maximum(&self) -> usize {
        self.settings.max_runners_per_repository.0.get() as usize
    }

    /// `listEC2Runners`: instances that run or start.
    pub(super) async fn instances(&self) -> Result<Vec<Instance>, ComputeError> {
        let instances = self.call(|| self.ports.instances()).await?;
        Ok(instances.into_iter().filter(|instance| instance.state.is_live()).collect())
    }

    /// The same, for one owner, which is in a tag.
    pub(super) async fn running(&self, repository: &Repository) -> Result<Vec<Instance>, ComputeError> {
        let mut instances = self.instances().await?;
        instances.retain(|instance| owner(instance).as_ref() == Some(repository));
        Ok(instances)
    }

    /// Launches and registers up to `count` runners; returns how many there are.
    pub(super) async fn create_runners(
        &self,
        repository: &Repository,
        labels: &BTreeSet<Label>,
        count: usize,
    ) -> usize {
        let Ok(fleet) = self.create_fleet(repository, labels, count, Market::Spot).await else { return 0 };
        let mut instances = fleet.instances;
        let missing = count - instances.len();
        if missing > 0 && fleet.errors.iter().any(|code| FAILOVER.contains(&code.as_str())) {
            let rest = self.create_fleet(repository, labels, missing, Market::OnDemand).await;
            instances.extend(rest.unwrap_or_default().instances);
        }
        let mut failed = Vec::new();
        let launched = instances.len();
        for instance in instances {
            if self.register(repository, labels, &instance).await.is_none() {
                failed.push(instance);
            }
        }
        for instance in &failed {
            // Failures are logged; scale-down finds what is left.
            let _ = self.terminate(instance).await;
        }
        launched - failed.len()
    }

    /// Ends an instance.
    pub(super) async fn terminate(&self, instance: &InstanceId) -> Result<(), ComputeError> {
        self.call(|| self.ports.terminate(std::slice::from_ref(instance))).await
    }

    /// `createJitConfig`, and the parameter that the instance reads.
    async fn register(
        &self,
        repository: &Repository,
        labels: &BTreeSet<Label>,
        instance: &InstanceId,
    ) -> Option<()> {
        let name = name(labels, instance);
        let registration =
            Registration { target: self.target(repository), name: name.clone(), labels: labels.clone() };
        let configuration = self.octokit.write(|| self.ports.register(&registration)).await.ok()?;
        self.tags.borrow_mut().runners.insert(instance.clone(), name);
        let item = Configuration {
            role_id: self.settings.runner_role_id.as_str().to_owned(),
            instance: instance.clone(),
            encoded: configuration.encoded,
            at: self.ports.now(),
        };
        store::commit(self.ports, vec![Write::create(item)]).await.ok()
    }

    async fn create_fleet(
        &self,
        repository: &Repository,
        labels: &BTreeSet<Label>,
        count: usize,
        market: Market,
    ) -> Result<InstantFleet, ComputeError> {
        let types: &[InstanceType] = match self.settings.label_mappings.find(labels) {
            Some(mapping) => mapping.candidates(),
            None => std::slice::from_ref(&self.settings.default_instance_type),
        };
        let pools = self.settings.subnet_ids.as_slice().iter().flat_map(|subnet| {
            types.iter().map(move |instance_type| Pool {
                instance_type: instance_type.clone(),
                subnet: subnet.clone(),
                market,
            })
        });
        let launches: Vec<_> = pools
            .map(|pool| Launch {
                token: String::new(),
                pool,
                image: self.settings.default_ami.as_str().to_owned(),
                release: RunnerRelease::newest_shipped(),
                count: u32::try_from(count).unwrap_or(u32::MAX),
                intent: IntentId::from(String::from(repository.clone())),
                repository: repository.clone(),
                labels: labels.clone(),
            })
            .collect();
        self.call(|| self.ports.create_fleet(launches.clone())).await
    }

    /// One call of EC2, as the SDK makes it.
    async fn call<T, F>(&self, request: impl Fn() -> F) -> Result<T, ComputeError>
    where
        F: Future<Output = Result<T, ComputeError>>,
    {
        let mut tries = 1;
        loop {
            match request().await {
                Err(error) if tries < TRIES && is_passing(&error) => {
                    self.ports
                        .sleep_until(self.ports.now() + Duration::from_millis(500 * u64::from(tries)))
                        .await;
                    tries += 1;
                }
                answer => return answer,
            }
        }
    }
}

/// The owner in the tag of an instance.
pub(super) fn owner(instance: &Instance) -> Option<Repository> {
    Repository::try_from(instance.intent.as_ref()?.as_str().to_owned()).ok()
}

/// `runner_name_prefix` and the instance. The prefix belongs to one configuration of runners, and therefore to its
/// labels.
pub(super) fn name(labels: &BTreeSet<Label>, instance: &InstanceId) -> String {
    let joined = labels.iter().map(Label::as_str).collect::<Vec<_>>().join(".");
    format!("{}-{}", joined.chars().take(40).collect::<String>(), instance.as_str())
}
