//! The generated deployment, running the real program among test doubles.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use jit_runners_model::contract::{
    Handler,
    table::{CONFIGURATION, KEY, Key},
};
use jit_runners_runtime::record::InstanceId;
use jit_runners_witnesses::{
    emulator::{Aws, Emulator, REGION},
    prerequisites::{Prerequisites, Secrets, deploy_stack, stack_output},
    terraform::Terraform,
};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{
    doubles::TestDoubles,
    ec2::StandIn,
    events,
    guard::{Account, Guard},
    packages,
    policy::{Asked, Policy},
    recorder::Recorder,
    services::{Answer, Services, http},
    source::Source,
};
use crate::github::fake::{FakeGithub, KEY as PRIVATE_KEY};

/// The deployment's name.
pub(crate) const NAME: &str = "jit-runners";
/// The webhook secret.
pub(crate) const WEBHOOK_SECRET: &str = "between GitHub and the deployment: 7b1e";

/// The secrets of a deployment.
pub(crate) const SECRETS: Secrets<'_> = Secrets { webhook: WEBHOOK_SECRET, private_key: PRIVATE_KEY };
/// The release of the packages.
pub(crate) const VERSION: &str = "v1.0.0";
/// The longest time for anything that the functions do at once, in milliseconds.
const TIMEOUT: u64 = 30_000;

/// How to deploy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    Terraform,
    CloudFormation,
}

/// What a test must know of a deployment called [`NAME`].
pub(crate) struct Deployed {
    /// The URL for webhooks.
    pub(crate) webhook_url: String,
    /// The webhook secret.
    pub(crate) webhook_secret: String,
    /// The VPC of the runners.
    pub(crate) vpc: String,
}

/// A running deployment.
pub(crate) struct Fixture {
    pub(crate) services: Services,
    pub(crate) github: FakeGithub,
    pub(crate) ec2: Arc<StandIn>,
    pub(crate) emulator: Emulator,
    pub(crate) recorder: Recorder,
    events: Option<JoinHandle<Result<()>>>,
    over: Arc<AtomicBool>,
    webhook_url: String,
    /// The webhook secret.
    pub(crate) webhook_secret: String,
    /// `REGION:ACCOUNT`.
    pub(crate) place: String,
    pub(crate) table: String,
    runner_role_id: String,
    runner_policy: Policy,
    /// The deployed policies by function.
    policies: BTreeMap<&'static str, Policy>,
    /// In milliseconds.
    timeout: AtomicU64,
    /// The files and values that it was deployed with.
    pub(crate) source: Source,
}

impl Fixture {
    /// Deploys in one dialect. `None` if the check was skipped.
    pub(crate) fn set(check: &str, dialect: Dialect) -> Result<Option<Self>> {
        let Some(doubles) = TestDoubles::set(check)? else { return Ok(None) };
        Self::in_place(check, dialect, doubles)
    }

    /// Deploys in one dialect with the given doubles. `None` if the check was skipped.
    pub(crate) fn in_place(check: &str, dialect: Dialect, doubles: TestDoubles) -> Result<Option<Self>> {
        let packages = packages::uploaded(VERSION)?;
        let Some(aws) = Aws::new(check, &doubles.emulator)? else { return Ok(None) };
        let prerequisites = Prerequisites::prepare(&aws, packages.path(), &SECRETS)?;
        let folder = TempDir::with_prefix("jit-runners-generated-")?;
        doubles.generate(folder.path())?;
        let generated = folder.path().join("generated");
        let (webhook_url, source) = match dialect {
            Dialect::Terraform => {
                let module = generated.join("terraform");
                let Some(module) = Terraform::prepare(check, &module, Some(&doubles.emulator))? else {
                    return Ok(None);
                };
                let mut variables = prerequisites.variables(NAME, VERSION);
                variables.insert("max_re_enqueue_attempts".to_owned(), json!(1));
                module.set_variables(&Value::Object(variables.clone()))?;
                module.stdout(&["apply", "-auto-approve"])?;
                let url = module.stdout(&["output", "-raw", "webhook_url"])?;
                (url, Source::Terraform { folder: module.keep().context("no folder")?, variables })
            }
            Dialect::CloudFormation => {
                let mut parameters = prerequisites.parameters(VERSION);
                parameters.push("MaxReEnqueueAttempts=1".to_owned());
                deploy_stack(&aws, &generated.join("cloudformation/template.yaml"), NAME, &parameters)?;
                (stack_output(&aws, NAME, "WebhookUrl")?, Source::CloudFormation { folder, parameters })
            }
        };
        let webhook_secret = WEBHOOK_SECRET.to_owned();
        let mut fixture =
            Self::on(doubles, Deployed { webhook_url, webhook_secret, vpc: prerequisites.vpc })?;
        fixture.source = source;
        Ok(Some(fixture))
    }

    /// Takes over an existing deployment called [`NAME`]: from now on its policies are checked, and its events are
    /// carried.
    pub(crate) fn on(doubles: TestDoubles, deployed: Deployed) -> Result<Self> {
        let TestDoubles { github, ec2, emulator, recorder } = doubles;
        let Deployed { webhook_url, webhook_secret, vpc } = deployed;
        let services = Services::new(emulator.endpoint());
        let (function_arn, _) = services.function(&function(Handler::Webhook))?;
        // arn:aws:lambda:REGION:ACCOUNT:function:NAME
        let place = function_arn.split(':').skip(3).take(2).collect::<Vec<_>>().join(":");
        // The names of roles have this form. (The emulator's `Ref` of an instance profile is its ARN; AWS's is its
        // name.)
        let runner_role = role("runner");
        let runner_role_id = services.role_id(&runner_role)?;
        let runner_policy = services.policy(&runner_role)?;
        let id = place.split(':').nth(1).unwrap_or_default().to_owned();
        let runner_role_arn = format!("arn:aws:iam::{id}:role/{runner_role}");
        let mut guard = Guard::new(Account { place: place.clone(), vpc, runner_role_arn });
        let mut policies = BTreeMap::new();
        for handler in Handler::ALL {
            let (arn, role_arn) = services.function(&function(handler))?;
            let policy = services.policy(&role(handler.name()))?;
            services.put_policy(&role(handler.name()), &policy.for_emulator()?)?;
            guard.admit(&function(handler), &arn, &role_arn, &policy);
            policies.insert(handler.name(), policy);
        }
        guard.admit_operator();
        ec2.guard(guard);
        let over = Arc::new(AtomicBool::new(false));
        let events = Some(events::carry(Arc::clone(&ec2), services.clone(), Arc::clone(&over)));
        Ok(Self {
            services,
            github,
            ec2,
            emulator,
            recorder,
            events,
            over,
            webhook_url,
            webhook_secret,
            place,
            table: format!("{NAME}-runners"),
            runner_role_id,
            runner_policy,
            policies,
            timeout: AtomicU64::new(TIMEOUT),
            source: Source::Elsewhere,
        })
    }

    /// Posts a body to the deployed URL, signed with the secret.
    pub(crate) fn post(
        &self,
        event: &str,
        delivery: &str,
        body: &[u8],
        signature: Option<&str>,
    ) -> Result<Answer> {
        // The emulator finds an API by the host name in the URL, which no DNS server knows.
        let (host, path) =
            self.webhook_url.trim_start_matches("http://").split_once('/').context("no path")?;
        let host = host.to_owned();
        let url = format!("{}/{path}", self.emulator.endpoint());
        let mut headers = vec![
            ("host", host.as_str()),
            // The API passes bodies that are not text as base64.
            (
                "content-type",
                if std::str::from_utf8(body).is_ok() {
                    "application/json"
                } else {
                    "application/octet-stream"
                },
            ),
            ("user-agent", "GitHub-Hookshot/e2e"),
            ("x-github-event", event),
            ("x-github-delivery", delivery),
        ];
        headers.extend(signature.map(|signature| ("x-hub-signature-256", signature)));
        http("POST", &url, &headers, body)
    }

    /// An item of the table, in plain JSON.
    pub(crate) fn item(&self, key: &Key) -> Result<Option<Value>> {
        let ask =
            json!({ "TableName": self.table, "Key": { KEY: { "S": key.as_str() } }, "ConsistentRead": true });
        let answer = self.services.json("dynamodb", "DynamoDB_20120810.GetItem", &ask)?;
        Ok(answer.get("Item").map(plain))
    }

    /// Deletes an item.
    pub(crate) fn forget(&self, key: &Key) -> Result<()> {
        let ask = json!({ "TableName": self.table, "Key": { KEY: { "S": key.as_str() } } });
        self.services.json("dynamodb", "DynamoDB_20120810.DeleteItem", &ask).map(drop)
    }

    /// Changes numbers of an item, for instance to make it older. A name may be a path, as `everything.again_at`.
    pub(crate) fn set_numbers(&self, key: &Key, numbers: &[(&str, u64)]) -> Result<()> {
        let parts = numbers.iter().flat_map(|(path, _)| path.split('.'));
        let names: serde_json::Map<_, _> = parts.map(|name| (format!("#{name}"), json!(name))).collect();
        let values = numbers.iter().enumerate();
        let values: serde_json::Map<_, _> = values
            .map(|(index, (_, value))| (format!(":{index}"), json!({ "N": value.to_string() })))
            .collect();
        let sets = numbers.iter().enumerate();
        let sets: Vec<_> =
            sets.map(|(index, (path, _))| format!("#{} = :{index}", path.replace('.', ".#"))).collect();
        let ask = json!({
            "TableName": self.table, "Key": { KEY: { "S": key.as_str() } },
            "UpdateExpression": format!("SET {}", sets.join(", ")),
            "ExpressionAttributeNames": names, "ExpressionAttributeValues": values,
        });
        self.services.json("dynamodb", "DynamoDB_20120810.UpdateItem", &ask).map(drop)
    }

    /// Takes the configuration of an instance like that instance, with its role.
    pub(crate) fn take_configuration(&self, instance: &InstanceId) -> Result<Option<String>> {
        let key = Key::configuration(&self.runner_role_id, instance.as_str());
        let table = format!("arn:aws:dynamodb:{}:table/{}", self.place, self.table);
        let caller = format!("{}:{instance}", self.runner_role_id);
        let asked = |key: &str| {
            Asked::new("dynamodb:DeleteItem", &table)
                .with("dynamodb:LeadingKeys", key)
                .with("aws:userid", &caller)
        };
        ensure!(
            self.runner_policy.allows(&asked(key.as_str()))?,
            "an instance may not take its configuration"
        );
        let other = Key::configuration(&self.runner_role_id, "i-0other");
        ensure!(
            !self.runner_policy.allows(&asked(other.as_str()))?,
            "an instance may take another's configuration"
        );
        let ask = json!({ "TableName": self.table, "Key": { KEY: { "S": key.as_str() } }, "ReturnValues": "ALL_OLD" });
        let answer = self.services.json("dynamodb", "DynamoDB_20120810.DeleteItem", &ask)?;
        Ok(answer["Attributes"][CONFIGURATION]["S"].as_str().map(str::to_owned))
    }

    /// The number of messages in a queue, visible or in flight.
    pub(crate) fn messages(&self, queue: &str) -> Result<u64> {
        let ask = json!({ "QueueUrl": self.queue_url(queue), "AttributeNames": ["All"] });
        let answer = self.services.json("sqs", "AmazonSQS.GetQueueAttributes", &ask)?;
        let count =
            |name: &str| answer["Attributes"][name].as_str().and_then(|text| text.parse::<u64>().ok());
        let names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"];
        Ok(names.into_iter().filter_map(count).sum())
    }

    /// Puts a message into a queue.
    pub(crate) fn send(&self, queue: &str, body: &str) -> Result<()> {
        let ask = json!({ "QueueUrl": self.queue_url(queue), "MessageBody": body });
        self.services.json("sqs", "AmazonSQS.SendMessage", &ask).map(drop)
    }

    /// From now on, messages that were received and not deleted come back after so many seconds.
    pub(crate) fn shorten_visibility(&self, queue: &str, seconds: u32) -> Result<()> {
        let attributes = json!({ "VisibilityTimeout": seconds.to_string() });
        let ask = json!({ "QueueUrl": self.queue_url(queue), "Attributes": attributes });
        self.services.json("sqs", "AmazonSQS.SetQueueAttributes", &ask).map(drop)
    }

    /// The function with this access key.
    pub(crate) fn name_of(&self, access_key: &str) -> String {
        let name = self.ec2.name_of(access_key).unwrap_or_default();
        name.trim_start_matches(&format!("{NAME}-")).to_owned()
    }

    /// Waits until `look` finds something.
    pub(crate) fn eventually<T>(&self, what: &str, look: impl FnMut() -> Result<Option<T>>) -> Result<T> {
        within(Duration::from_millis(self.timeout.load(Ordering::Relaxed)), what, look)
    }

    /// From now on, the longest time for anything.
    pub(crate) fn set_timeout(&self, timeout: Duration) {
        let millis = u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX);
        self.timeout.store(millis, Ordering::Relaxed);
    }

    /// The deployed policy of a function's role.
    pub(crate) fn policy_of(&self, handler: Handler) -> Result<Policy> {
        self.policies.get(handler.name()).cloned().context("a function without a role")
    }

    /// Gives a function's role a policy, in the emulator and in the stand-in, and restarts the function.
    pub(crate) fn set_policy(&self, handler: Handler, policy: &Policy) -> Result<()> {
        self.services.put_policy(&role(handler.name()), &policy.for_emulator()?)?;
        self.ec2.change_guard(|guard| guard.change(&function(handler), policy));
        self.restart(handler)
    }

    /// Restarts a function, so that it forgets what it knows.
    pub(crate) fn restart(&self, handler: Handler) -> Result<()> {
        self.services.restart_function(&function(handler))
    }

    /// The log of a function so far.
    pub(crate) fn log(&self, handler: Handler) -> Result<Vec<String>> {
        self.services.log(&format!("/aws/lambda/{}", function(handler)))
    }

    /// Adds to a failure the latest output of the emulator and of the functions. A log that is too long keeps its
    /// beginning.
    pub(crate) fn explain(&self, error: &anyhow::Error) -> anyhow::Error {
        anyhow!("{error:#}\n\n{}", self.said())
    }

    fn said(&self) -> String {
        let log = self.emulator.log();
        let lines: Vec<_> = log.lines().collect();
        let mut said = lines[lines.len().saturating_sub(60)..].join("\n");
        for handler in Handler::ALL {
            let lines = self.log(handler).unwrap_or_default();
            let last = lines[lines.len().saturating_sub(30)..].join("\n");
            let _ = write!(said, "\n--- {}\n{last}", handler.name());
        }
        said
    }

    fn queue_url(&self, queue: &str) -> String {
        let account = self.place.split(':').nth(1).unwrap_or_default();
        format!("{}/{account}/{NAME}-{queue}", self.emulator.endpoint())
    }
}

impl Drop for Fixture {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        let ended = self.events.take().map(JoinHandle::join);
        if !thread::panicking() && !matches!(ended, Some(Ok(Ok(())))) {
            eprintln!("events were not carried: {ended:?}");
        }
    }
}

/// The name of a deployed role.
pub(crate) fn role(of: &str) -> String {
    format!("{NAME}-{REGION}-{of}")
}

/// The name of a deployed function.
pub(crate) fn function(handler: Handler) -> String {
    format!("{NAME}-{}", handler.name())
}

/// Waits until `look` finds something, for this long at most.
pub(crate) fn within<T>(
    timeout: Duration,
    what: &str,
    mut look: impl FnMut() -> Result<Option<T>>,
) -> Result<T> {
    let deadline = Instant::now() + timeout;
    loop {
        if let Some(found) = look()? {
            return Ok(found);
        }
        if Instant::now() > deadline {
            bail!("not within {timeout:?}: {what}");
        }
        thread::sleep(Duration::from_millis(25));
    }
}

/// Attributes of DynamoDB as plain JSON.
fn plain(item: &Value) -> Value {
    let value = |attribute: &Value| -> Value {
        let Some((kind, value)) = attribute.as_object().and_then(|it| it.iter().next()) else {
            return Value::Null;
        };
        match kind.as_str() {
            "N" => value.as_str().and_then(|text| text.parse::<u64>().ok()).map_or(Value::Null, Value::from),
            "M" => plain(value),
            _ => value.clone(),
        }
    };
    let fields = item.as_object().into_iter().flatten();
    Value::Object(fields.map(|(name, attribute)| (name.clone(), value(attribute))).collect())
}
