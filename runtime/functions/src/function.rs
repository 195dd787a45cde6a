//! How a function starts, and how it is invoked.
//!
//! Scale-down is invoked by its schedule, and by CloudFormation or Terraform for the deployment's own resource.

use std::{process::ExitCode, time::Duration};

use anyhow::{Context as _, anyhow};
use jit_runners_model::{
    ApiUrl,
    contract::{
        Handler,
        environment::{
            Count, Id, LifecycleEnvironment, RebalancerEnvironment, ScaleDownEnvironment, ScaleUpEnvironment,
            SecretArn,
        },
        table::Key,
    },
};
use jit_runners_runtime::{
    deployment::{Event, Request, deployment},
    message::Message,
    port::{Clock, Observation, Observe, PublishEvents, PublishJobs, Table},
    scaledown::scaledown,
    time::Time,
    webhook::webhook,
};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::{Map, Value, json};

use crate::{
    account::{AwsAccount, PanicAnswer, answer_when_panicking},
    cloud::Cloud,
    compute::Ec2Instances,
    event::{ApiRequest, ApiResponse, Batch, BatchResponse, Tick},
    github::{Access, GithubApi},
    log::Log,
    ports::Ports,
    queue::SqsQueue,
    secret::{RotatingSecret, secret},
    table::DynamoTable,
};

/// The status of a request without a valid signature.
const UNAUTHORIZED: u16 = 401;

/// Lambda's variable that holds the function's name
/// (<https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime>).
const FUNCTION_NAME: &str = "AWS_LAMBDA_FUNCTION_NAME";
/// How long reading the key may take when a deployment is removed, which is possible without it.
const KEY_TIME: Duration = Duration::from_secs(20);

/// Runs the function that Lambda names until Lambda ends it. It has one thread, as handlers do one thing at a time.
/// If it cannot start, its log says why.
pub fn run(serve: impl AsyncFnOnce(Handler) -> anyhow::Result<()>) -> ExitCode {
    #[expect(clippy::disallowed_methods, reason = "this is Lambda's, and no setting of the deployment")]
    let name = std::env::var(FUNCTION_NAME).unwrap_or_default();
    let handler = Handler::of_function(&name);
    let served = handler.ok_or_else(|| nameless(&name)).and_then(|handler| {
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().context("no runtime");
        runtime.and_then(|runtime| runtime.block_on(serve(handler)))
    });
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            Log::named(handler.map_or(name.as_str(), |handler| handler.name()), "")
                .stopped(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// The error for a name that is none of a function.
fn nameless(name: &str) -> anyhow::Error {
    let names = Handler::ALL.map(|handler| format!("`-{handler}`")).join(", ");
    anyhow!("the function's name, `{name}` in {FUNCTION_NAME}, ends with none of {names}; name it so")
}

/// Passes batches of messages to `handle`, which returns the ids of those that go back to the queue.
pub async fn serve_batches(
    log: &Log,
    handle: impl AsyncFn(&[Message], Time) -> Vec<String>,
) -> anyhow::Result<()> {
    let handle = &handle;
    let served = lambda_runtime::run(service_fn(async move |event: LambdaEvent<Batch>| {
        log.begin(about(&event));
        let deadline = Time::from_millis(event.context.deadline);
        let messages = event.payload.into_messages();
        Ok::<_, Error>(BatchResponse::returning(handle(&messages, deadline).await))
    }));
    served.await.map_err(|error| anyhow!(error))
}

/// Answers webhooks. A wrong signature may come from a new secret, so the secret is read again and the webhook
/// checked once more.
pub async fn serve_requests<P>(ports: &P, secret: &RotatingSecret, installation: Id) -> anyhow::Result<()>
where
    P: PublishJobs + PublishEvents + Clock + Observe + AsRef<Log>,
{
    // The closure must not lend anything of its own to the futures that it returns.
    let installation = &installation;
    let served = lambda_runtime::run(service_fn(async move |event: LambdaEvent<ApiRequest>| {
        let mut about = about(&event);
        about.extend(event.payload.delivery().map(|id| ("delivery".to_owned(), id.into())));
        ports.as_ref().begin(about);
        let request = event.payload.into_request();
        let mut response = webhook(ports, &secret.current(), *installation, &request).await;
        if response.status == UNAUTHORIZED {
            match secret.reread(ports.now()).await {
                Ok(Some(renewed)) => response = webhook(ports, &renewed, *installation, &request).await,
                Ok(None) => {}
                Err(error) => ports.observe(Observation::Failed {
                    what: "the webhook secret was not read again",
                    error: error.to_string(),
                }),
            }
        }
        Ok::<_, Error>(ApiResponse::from(response))
    }));
    served.await.map_err(|error| anyhow!(error))
}

/// Calls `handle` at each tick of a schedule.
pub async fn serve_ticks(log: &Log, handle: impl AsyncFn(Time)) -> anyhow::Result<()> {
    let handle = &handle;
    let served = lambda_runtime::run(service_fn(async move |event: LambdaEvent<Tick>| {
        log.begin(about(&event));
        handle(Time::from_millis(event.context.deadline)).await;
        Ok::<_, Error>(())
    }));
    served.await.map_err(|error| anyhow!(error))
}

/// The fields of each log line of an invocation.
fn about<T>(event: &LambdaEvent<T>) -> Map<String, Value> {
    let mut about = Map::new();
    about.insert("request_id".to_owned(), json!(event.context.request_id));
    about
}

/// A function's settings for GitHub.
#[derive(Debug, Clone, Copy)]
pub struct GithubAccess<'a> {
    api: &'a ApiUrl,
    app: Id,
    installation: Id,
    key: &'a SecretArn,
    runner_group: Option<Count>,
}

macro_rules! github_access {
    ($($environment:ty: $group:expr;)+) => {$(
        impl<'a> From<&'a $environment> for GithubAccess<'a> {
            fn from(settings: &'a $environment) -> Self {
                let group: fn(&$environment) -> Option<Count> = $group;
                Self {
                    api: &settings.github_api_url,
                    app: settings.github_app_id,
                    installation: settings.github_installation_id,
                    key: &settings.private_key_arn,
                    runner_group: group(settings),
                }
            }
        }
    )+};
}

github_access! {
    ScaleUpEnvironment: |settings| Some(settings.runner_group_id);
    ScaleDownEnvironment: |_| None;
    LifecycleEnvironment: |_| None;
    RebalancerEnvironment: |_| None;
}

impl GithubAccess<'_> {
    /// What `settings` say.
    pub fn of(settings: impl Into<Self>) -> Self {
        settings.into()
    }

    /// A client of GitHub that acts as the App whose key is in a secret. It makes no request yet.
    pub async fn connect(self, cloud: &Cloud) -> anyhow::Result<GithubApi> {
        Ok(GithubApi::new(&self.read_key(cloud).await?)?)
    }

    /// Gives `github` the App's key from its secret, unless it has the key already.
    pub async fn give_key(self, cloud: &Cloud, github: &GithubApi) -> anyhow::Result<()> {
        if !github.has_key() {
            github.take_key(&self.read_key(cloud).await?)?;
        }
        Ok(())
    }

    async fn read_key(self, cloud: &Cloud) -> anyhow::Result<Access> {
        let key = secret(&cloud.secrets(), self.key).await?;
        Ok(Access::new(self.api, self.app, self.installation, key, self.runner_group))
    }
}

/// Opens the connections that the first invocation needs, while Lambda's start still gives it a whole core
/// (<https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html>).
pub async fn warm_up(ports: &(impl Table + Clock), github: &GithubApi) {
    let fleet = Key::fleet();
    let (read, ()) = tokio::join!(ports.get(&fleet), github.sign_in());
    // The first invocation reports any error.
    drop(read);
}

/// What scale-down reaches.
pub type ScaleDownPorts = Ports<DynamoTable, Ec2Instances, GithubApi, SqsQueue, (), AwsAccount>;

/// Runs scale-down at each tick of its schedule, and carries out requests of CloudFormation and Terraform. The latter
/// need no key of the App, so the function starts without one; a tick without a key fails.
pub async fn serve_scale_down(
    ports: &ScaleDownPorts,
    settings: &ScaleDownEnvironment,
    cloud: &Cloud,
) -> anyhow::Result<()> {
    answer_when_panicking();
    let emulator = cloud.endpoint_of("s3");
    let emulator = &emulator;
    // An error is reported when the key is needed.
    drop(GithubAccess::of(settings).give_key(cloud, &ports.github).await);
    warm_up(ports, &ports.github).await;
    let served = lambda_runtime::run(service_fn(async move |event: LambdaEvent<Event>| {
        ports.log.begin(about(&event));
        let deadline = Time::from_millis(event.context.deadline);
        let done = match event.payload.request(emulator.as_deref()) {
            Ok(None) => tick(ports, settings, cloud, deadline).await,
            Ok(Some(request)) => carry_out(ports, settings, cloud, &request, deadline).await,
            Err(error) => {
                ports.observe(Observation::Failed {
                    what: "a request of whoever deploys cannot be read",
                    error: error.to_string(),
                });
                Err(error.into())
            }
        };
        done.map_err(|error| Error::from(format!("{error:#}")))
    }));
    served.await.map_err(|error| anyhow!(error))
}

async fn tick(
    ports: &ScaleDownPorts,
    settings: &ScaleDownEnvironment,
    cloud: &Cloud,
    deadline: Time,
) -> anyhow::Result<()> {
    let key = GithubAccess::of(settings).give_key(cloud, &ports.github).await;
    if let Err(error) = &key {
        ports.log.stopped(&format!("{error:#}"));
    }
    key?;
    scaledown(ports, settings, deadline).await;
    Ok(())
}

async fn carry_out(
    ports: &ScaleDownPorts,
    settings: &ScaleDownEnvironment,
    cloud: &Cloud,
    request: &Request,
    deadline: Time,
) -> anyhow::Result<()> {
    let _panic_answer = match request {
        Request::Stack(request) => Some(PanicAnswer::prepared(request, settings.deployment.as_str())),
        Request::Terraform(_) => None,
    };
    if request.is_delete() {
        let key = GithubAccess::of(settings).give_key(cloud, &ports.github);
        let key = tokio::time::timeout(KEY_TIME, key).await.context("Secrets Manager does not answer");
        if let Err(error) = key.and_then(|key| key) {
            ports.observe(Observation::Failed {
                what: "GitHub cannot be asked to remove registrations; it removes them by itself",
                error: format!("{error:#}"),
            });
        }
    }
    // This future is large, and seldom needed.
    Ok(Box::pin(deployment(ports, settings, request, deadline)).await?)
}
