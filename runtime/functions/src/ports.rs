//! All ports of one handler as one value, each with its adapter. An unused port is `()`, and then the handler has no
//! such port.

use jit_runners_model::{
    RunnerVersion,
    contract::{
        message::{JobEvent, JobMessage, JobRef, Repository},
        table::{Key, OpenKind},
    },
};
use jit_runners_runtime::{
    port::{
        AccountError, Answer, AnswerAddress, AnswerStack, Clock, CommitError, ComputeError, Download,
        EndInstances, EndOfLife, Etagged, Github, GithubError, GithubJob, Instance, JitConfiguration, Launch,
        LaunchInstances, ListInstances, LookAtImages, LookAtInstances, Observation, Observe, Page,
        PublishEvents, PublishJobs, RateLimit, Read, Registered, Registration, RegistrationTarget, Run,
        RunStatus, SendError, SpotRole, Stacks, Stored, Table, Write,
    },
    record::{Image, InstanceId, Item},
    time::Time,
};

use crate::{clock::SystemClock, log::Log};

/// All ports of one handler.
#[derive(Debug)]
pub struct Ports<TablePort = (), Compute = (), GithubPort = (), Jobs = (), Events = (), Account = ()> {
    /// The table.
    pub table: TablePort,
    /// Instances.
    pub compute: Compute,
    /// GitHub.
    pub github: GithubPort,
    /// The queue of jobs.
    pub jobs: Jobs,
    /// The queue of events.
    pub events: Events,
    /// The account, and whoever deployed.
    pub account: Account,
    /// The log.
    pub log: Log,
}

impl<TablePort, Compute, GithubPort, Jobs, Events, Account> AsRef<Log>
    for Ports<TablePort, Compute, GithubPort, Jobs, Events, Account>
{
    fn as_ref(&self) -> &Log {
        &self.log
    }
}

impl<TablePort, Compute, GithubPort, Jobs, Events, Account> Clock
    for Ports<TablePort, Compute, GithubPort, Jobs, Events, Account>
{
    fn now(&self) -> Time {
        SystemClock.now()
    }

    async fn sleep_until(&self, time: Time) {
        SystemClock.sleep_until(time).await;
    }
}

impl<TablePort, Compute, GithubPort, Jobs, Events, Account> Observe
    for Ports<TablePort, Compute, GithubPort, Jobs, Events, Account>
{
    fn observe(&self, observation: Observation) {
        self.log.observe(observation);
    }
}

impl<TablePort: Table, Compute, GithubPort, Jobs, Events, Account> Table
    for Ports<TablePort, Compute, GithubPort, Jobs, Events, Account>
{
    async fn get(&self, key: &Key) -> Read<Option<Stored<Item>>> {
        self.table.get(key).await
    }

    async fn commit(&self, writes: Vec<Write>) -> Result<(), CommitError> {
        self.table.commit(writes).await
    }

    async fn open_of_label_set(&self, label_set: &str) -> Read<Vec<Stored<Item>>> {
        self.table.open_of_label_set(label_set).await
    }

    async fn open_of_kind(&self, kind: OpenKind) -> Read<Vec<Stored<Item>>> {
        self.table.open_of_kind(kind).await
    }
}

impl<TablePort, Compute: LaunchInstances, GithubPort, Jobs, Events, Account> LaunchInstances
    for Ports<TablePort, Compute, GithubPort, Jobs, Events, Account>
{
    async fn run_instances(&self, launch: &Launch) -> Result<Vec<InstanceId>, ComputeError> {
        self.compute.run_instances(launch).await
    }
}

impl<TablePort, Compute: LookAtImages, GithubPort, Jobs, Events, Account> LookAtImages
    for Ports<TablePort, Compute, GithubPort, Jobs, Events, Account>
{
    async fn image(&self, image: &str) -> Result<Image, ComputeError> {
        self.compute.image(image).await
    }
}

impl<TablePort, Compute: ListInstances, GithubPort, Jobs, Events, Account> ListInstances
    for Ports<TablePort, Compute, GithubPort, Jobs, Events, Account>
{
    async fn instances(&self) -> Result<Vec<Instance>, ComputeError> {
        self.compute.instances().await
    }
}

impl<TablePort, Compute: LookAtInstances, GithubPort, Jobs, Events, Account> LookAtInstances
    for Ports<TablePort, Compute, GithubPort, Jobs, Events, Account>
{
    async fn look_at(&self, instances: &[InstanceId]) -> Result<Vec<Instance>, ComputeError> {
        self.compute.look_at(instances).await
    }
}

impl<TablePort, Compute: EndInstances, GithubPort, Jobs, Events, Account> EndInstances
    for Ports<TablePort, Compute, GithubPort, Jobs, Events, Account>
{
    async fn terminate(&self, instances: &[InstanceId]) -> Result<(), ComputeError> {
        self.compute.terminate(instances).await
    }
}

impl<TablePort, Compute, GithubPort: Github, Jobs, Events, Account> Github
    for Ports<TablePort, Compute, GithubPort, Jobs, Events, Account>
{
    async fn register(&self, registration: &Registration) -> Result<JitConfiguration, GithubError> {
        self.github.register(registration).await
    }

    async fn remove(&self, target: &RegistrationTarget, runner_id: u64) -> Result<(), GithubError> {
        self.github.remove(target, runner_id).await
    }

    async fn find(&self, target: &RegistrationTarget, name: &str) -> Result<Option<Registered>, GithubError> {
        self.github.find(target, name).await
    }

    async fn runners(&self, target: &RegistrationTarget, page: u32) -> Result<Vec<Registered>, GithubError> {
        self.github.runners(target, page).await
    }

    async fn job(&self, job: &JobRef) -> Result<Option<GithubJob>, GithubError> {
        self.github.job(job).await
    }

    async fn runs(
        &self,
        repository: &Repository,
        status: RunStatus,
        page: u32,
        etag: Option<&str>,
    ) -> Result<Etagged<Vec<Run>>, GithubError> {
        self.github.runs(repository, status, page, etag).await
    }

    async fn jobs(
        &self,
        repository: &Repository,
        run: u64,
        page: Page,
    ) -> Result<Vec<GithubJob>, GithubError> {
        self.github.jobs(repository, run, page).await
    }

    async fn repositories(&self, page: u32) -> Result<Vec<Repository>, GithubError> {
        self.github.repositories(page).await
    }

    async fn downloads(&self, target: &RegistrationTarget) -> Result<Vec<Download>, GithubError> {
        self.github.downloads(target).await
    }

    async fn end_of_life(
        &self,
        target: &RegistrationTarget,
        version: &RunnerVersion,
    ) -> Result<EndOfLife, GithubError> {
        self.github.end_of_life(target, version).await
    }

    fn renamed(&self, repository: &Repository) -> Option<Repository> {
        self.github.renamed(repository)
    }

    fn rate_limit(&self) -> Option<RateLimit> {
        self.github.rate_limit()
    }
}

impl<TablePort, Compute, GithubPort, Jobs: PublishJobs, Events, Account> PublishJobs
    for Ports<TablePort, Compute, GithubPort, Jobs, Events, Account>
{
    async fn publish_jobs(&self, messages: Vec<JobMessage>) -> Result<(), SendError> {
        self.jobs.publish_jobs(messages).await
    }
}

impl<TablePort, Compute, GithubPort, Jobs, Events: PublishEvents, Account> PublishEvents
    for Ports<TablePort, Compute, GithubPort, Jobs, Events, Account>
{
    async fn publish_event(&self, message: JobEvent) -> Result<(), SendError> {
        self.events.publish_event(message).await
    }
}

impl<TablePort, Compute, GithubPort, Jobs, Events, Account: SpotRole> SpotRole
    for Ports<TablePort, Compute, GithubPort, Jobs, Events, Account>
{
    async fn make_sure_of_spot_role(&self) -> Result<(), AccountError> {
        self.account.make_sure_of_spot_role().await
    }
}

impl<TablePort, Compute, GithubPort, Jobs, Events, Account: Stacks> Stacks
    for Ports<TablePort, Compute, GithubPort, Jobs, Events, Account>
{
    async fn stack_status(&self, stack: &str) -> Result<String, AccountError> {
        self.account.stack_status(stack).await
    }
}

impl<TablePort, Compute, GithubPort, Jobs, Events, Account: AnswerStack> AnswerStack
    for Ports<TablePort, Compute, GithubPort, Jobs, Events, Account>
{
    async fn answer(&self, address: &AnswerAddress, answer: &Answer) -> Result<(), AccountError> {
        self.account.answer(address, answer).await
    }
}
