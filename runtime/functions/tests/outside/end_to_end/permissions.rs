//! Each permission is needed: without one statement of a role, a case fails. [`super::policy`] judges what the emulator
//! itself does with a role without a check, and conditions that it does not know. Those statements are named.

use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use jit_runners_model::contract::{
    Handler,
    message::{JobChange, JobEvent, JobMessage, VERSION},
    table::Key,
    tag,
};
use jit_runners_witnesses::emulator::Aws;
use serde_json::{Value, json};

use super::{
    cases::{get_stuck, is_registered},
    deploying,
    fixture::{Fixture, NAME, function, role},
    job::{Job, Payloads},
    policy::{Asked, Policy},
};

/// How long a probe waits for something that must not happen. Functions are invoked and have ended by then.
const TIMEOUT: Duration = Duration::from_secs(5);

/// How often to repeat a probe that fails for another reason, such as a process that ends while it starts.
const TRIES: u32 = 3;

/// One row of the table.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) role: String,
    pub(crate) statement: String,
    /// What failed without the statement.
    pub(crate) failed: String,
}

/// A case that needs all permissions of a function.
type Probe = fn(&Fixture, &Payloads) -> Result<()>;

const PROBES: [(Handler, Probe); 5] = [
    (Handler::Webhook, webhook),
    (Handler::ScaleUp, scale_up),
    (Handler::ScaleDown, scale_down),
    (Handler::Lifecycle, lifecycle),
    (Handler::Rebalancer, rebalancer),
];

/// Removes each statement of each role once, and returns what failed.
pub(crate) fn table(fixture: &Fixture, payloads: &Payloads) -> Result<Vec<Row>> {
    fixture.set_timeout(TIMEOUT);
    let mut rows = Vec::new();
    for (handler, probe) in PROBES {
        let role = role(handler.name());
        let whole = fixture.services.policy(&role)?;
        fixture.restart(handler)?;
        probe(fixture, payloads)
            .with_context(|| format!("{}, with all of its permissions", handler.name()))?;
        for statement in fixture.policy_of(handler)?.statements()? {
            let policy = fixture.policy_of(handler)?;
            let without = policy.without(&statement)?;
            let failed = if let Some(asked) = by_service(fixture, handler, &statement) {
                refused(&policy, &without, &asked)?
            } else {
                fixture.set_policy(handler, &without)?;
                let failed = fails(fixture, payloads, probe, &policy.actions(&statement)?);
                fixture.set_policy(handler, &policy)?;
                failed.with_context(|| format!("{role} without {statement}"))?
            };
            rows.push(Row { role: role.clone(), statement, failed });
        }
        ensure!(fixture.services.policy(&role)? == whole, "the policy of {role} is not what it was");
        probe(fixture, payloads)
            .with_context(|| format!("{}, with all permissions again", handler.name()))?;
    }
    rows.extend(of_others(fixture)?);
    Ok(rows)
}

/// What a service does with the role, which the emulator does not check with IAM.
fn by_service(fixture: &Fixture, handler: Handler, statement: &str) -> Option<Vec<Asked>> {
    let queue = |name: &str| format!("arn:aws:sqs:{}:{NAME}-{name}", fixture.place);
    let consume = |name: &str| {
        let actions = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"];
        actions.map(|action| Asked::new(action, queue(name))).into()
    };
    match statement {
        // Lambda writes the log of a function.
        "WriteLog" => {
            let stream = format!(
                "arn:aws:logs:{}:log-group:/aws/lambda/{}:log-stream:x",
                fixture.place,
                function(handler)
            );
            Some(
                ["logs:CreateLogStream", "logs:PutLogEvents"]
                    .map(|action| Asked::new(action, &stream))
                    .into(),
            )
        }
        // The emulator does not know the condition.
        "CreateSpotRole" => {
            let account = fixture.place.split(':').nth(1).unwrap_or_default();
            let role = "role/aws-service-role/spot.amazonaws.com/AWSServiceRoleForEC2Spot";
            let make = Asked::new("iam:CreateServiceLinkedRole", format!("arn:aws:iam::{account}:{role}"));
            Some(vec![make.with("iam:AWSServiceName", "spot.amazonaws.com")])
        }
        // Scale-up ends instances only where GitHub refuses their runners, which is a case of its own.
        "TerminateRunners" if handler == Handler::ScaleUp => {
            let instance = format!("arn:aws:ec2:{}:instance/i-0a", fixture.place);
            let ours = format!("ec2:ResourceTag/{}", tag::DEPLOYMENT);
            Some(vec![Asked::new("ec2:TerminateInstances", instance).with(ours, NAME)])
        }
        // Lambda's event source mapping receives the messages.
        "ConsumeJob" => Some(consume("scaleup")),
        "ConsumeEvent" => Some(consume("lifecycle")),
        _ => None,
    }
}

/// The statements of roles that do not belong to functions.
fn of_others(fixture: &Fixture) -> Result<Vec<Row>> {
    let invoke = [Handler::ScaleDown, Handler::Rebalancer].map(|handler| {
        Asked::new(
            "lambda:InvokeFunction",
            format!("arn:aws:lambda:{}:function:{}", fixture.place, function(handler)),
        )
    });
    let instance = format!("arn:aws:ec2:{}:instance/i-0a", fixture.place);
    let ours = format!("ec2:ResourceTag/{}", tag::DEPLOYMENT);
    let end = Asked::new("ec2:TerminateInstances", &instance)
        .with(&ours, NAME)
        .with("ec2:SourceInstanceARN", &instance)
        .with("ec2:InstanceID", "i-0a");
    let take = Asked::new(
        "dynamodb:DeleteItem",
        format!("arn:aws:dynamodb:{}:table/{}", fixture.place, fixture.table),
    )
    .with("dynamodb:LeadingKeys", "AROA:i-0a")
    .with("aws:userid", "AROA:i-0a");
    let mut rows = Vec::new();
    for (role_of, statement, asked) in [
        ("scheduler", "InvokeScheduled", invoke.to_vec()),
        ("runner", "TakeOwnConfiguration", vec![take.clone()]),
        ("runner", "TerminateItself", vec![end.clone()]),
    ] {
        let role = role(role_of);
        let policy = fixture.services.policy(&role)?;
        let failed = refused(&policy, &policy.without(statement)?, &asked)?;
        rows.push(Row { role, statement: statement.to_owned(), failed });
    }
    let runner = fixture.services.policy(&role("runner"))?;
    for other in [
        take.with("dynamodb:LeadingKeys", "AROA:i-0b"),
        end.clone().with("ec2:SourceInstanceARN", format!("arn:aws:ec2:{}:instance/i-0b", fixture.place)),
        end.with(ours, "another"),
    ] {
        ensure!(!runner.allows(&other)?, "an instance may {other:?}");
    }
    ensure!(rows.len() == runner.statements()?.len() + 1, "a statement that nobody looks at");
    Ok(rows)
}

fn refused(policy: &Policy, without: &Policy, asked: &[Asked]) -> Result<String> {
    for asked in asked {
        ensure!(policy.allows(asked)?, "not allowed: {asked:?}");
        ensure!(!without.allows(asked)?, "allowed without its statement: {asked:?}");
    }
    let actions: Vec<_> = asked.iter().map(|asked| asked.action).collect();
    Ok(format!("judged: {} is refused", actions.join(", ")))
}

/// Runs a probe that must fail because one of `actions` is refused. Returns what failed.
fn fails(fixture: &Fixture, payloads: &Payloads, probe: Probe, actions: &[String]) -> Result<String> {
    let mut last = None;
    for _ in 0..TRIES {
        let from = now();
        let Err(error) = probe(fixture, payloads) else { bail!("nothing fails") };
        let calls = fixture.recorder.calls().into_iter().chain(fixture.ec2.calls());
        let mut refused = calls.filter(|call| call.at.as_millis() >= from).filter_map(|call| call.refused);
        // The emulator's action for `sqs:SendMessage` of a batch.
        if let Some(action) =
            refused.find(|action| actions.contains(&action.replace("MessageBatch", "Message")))
        {
            let what = error.to_string();
            let what = what.split(['{', '\n']).next().unwrap_or_default().trim().to_owned();
            return Ok(format!("{action} refused: {what}"));
        }
        last = Some(error);
    }
    Err(last.context("never tried")?).context("what fails has another reason")
}

fn webhook(fixture: &Fixture, payloads: &Payloads) -> Result<()> {
    let job = Job::new(fixture, payloads, &["small"]);
    job.say("completed", None, Some("skipped")).context("an event is queued")?;
    job.say("queued", None, None).context("a job is queued")
}

fn scale_up(fixture: &Fixture, payloads: &Payloads) -> Result<()> {
    let job = Job::new(fixture, payloads, &["small"]);
    // As in the first launch of a deployment.
    fixture.forget(&Key::findings())?;
    let message = JobMessage {
        version: VERSION,
        job: job.reference()?,
        labels: job.label_set()?,
        queued_at: now(),
        received_at: 0,
        re_enqueued: 0,
    };
    invoke(fixture, Handler::ScaleUp, &serde_json::to_value(message)?)?;
    let (instance, runner) = job.served()?;
    // Launches do not depend on this answer, so the test checks whether the answer was stored.
    let findings = fixture.item(&Key::findings())?.context("nothing is known of EC2")?;
    let images = findings["images"].as_object().context("no images")?;
    ensure!(images.values().any(|image| image["architecture"] == "x86_64"), "no image is known: {findings}");
    fixture.take_configuration(&instance)?.context("no configuration")?;
    fixture.github.set(|world| world.runners.retain(|it| it.name != runner.name));
    fixture.ec2.shut_down(&instance);
    Ok(())
}

fn lifecycle(fixture: &Fixture, payloads: &Payloads) -> Result<()> {
    let job = Job::new(fixture, payloads, &["small"]);
    job.queue()?;
    let (instance, runner) = job.served().context("a job to cancel")?;
    let change =
        JobChange::Completed { runner_name: None, runner_id: None, conclusion: "cancelled".to_owned() };
    let event =
        JobEvent { version: VERSION, job: job.reference()?, labels: job.label_set()?, change, at: now() };
    invoke(fixture, Handler::Lifecycle, &serde_json::to_value(event)?)?;
    fixture.eventually("the runner of a cancelled job ends", || {
        Ok((!fixture.ec2.is_live(&instance)).then_some(()))
    })?;
    ensure!(!is_registered(fixture, &runner.name), "a runner that was let go is still registered");

    let job = Job::new(fixture, payloads, &["small"]);
    job.queue()?;
    let (first, _) = job.served().context("a job whose instance is taken back")?;
    let warning = json!({
        "detail-type": "EC2 Spot Instance Interruption Warning", "source": "aws.ec2",
        "detail": { "instance-id": first.as_str(), "instance-action": "terminate" },
    });
    invoke(fixture, Handler::Lifecycle, &warning)?;
    let second = job.instance_besides(&[first])?;
    job.registered(&second)?;
    fixture.ec2.shut_down(&second);
    let end = json!({
        "detail-type": "EC2 Instance State-change Notification", "source": "aws.ec2",
        "detail": { "instance-id": second.as_str(), "state": "shutting-down" },
    });
    invoke(fixture, Handler::Lifecycle, &end)?;
    fixture.eventually("why an instance ended is written down", || {
        let record = fixture.item(&Key::runner(second.as_str()))?.context("no runner")?;
        Ok((record["ended_because"]["code"] == "Client.InstanceInitiatedShutdown").then_some(()))
    })
}

fn scale_down(fixture: &Fixture, payloads: &Payloads) -> Result<()> {
    let job = Job::new(fixture, payloads, &["small"]);
    job.queue()?;
    let (stuck, _) = job.served().context("a job whose runner gets stuck")?;
    let orphan = fixture.ec2.launch_orphan()?;
    fixture.ec2.age(&orphan);
    get_stuck(fixture, &stuck)?;
    job.instance_besides(std::slice::from_ref(&stuck))?;
    ensure!(!fixture.ec2.is_live(&stuck), "a stuck runner lives on");
    ensure!(!fixture.ec2.is_live(&orphan), "an instance that nobody owns lives on");
    deploying::prepare(fixture).context("whoever deploys asks for what every deployment needs")?;
    let aws = Aws::new("permissions of scale-down", &fixture.emulator)?.context("no command line of AWS")?;
    deploying::clean_up(fixture, &aws).context("whoever deploys cleans up")
}

fn rebalancer(fixture: &Fixture, payloads: &Payloads) -> Result<()> {
    // A tick that was cut off does not release the lease, which must expire.
    let lease = Key::lease("rebalancer");
    if fixture.item(&lease)?.is_some() {
        fixture.set_numbers(&lease, &[("until", 0)])?;
    }
    let job = Job::new(fixture, payloads, &["small"]).ago(300);
    // As if the repository had never been looked at. Otherwise, its lists are read again after a while only.
    fixture.forget(&Key::repository(&job.reference()?.repository))?;
    job.is_queued_at_github();
    // A scheduled tick may hold the lease for a moment.
    fixture.eventually("a lost webhook is found", || {
        let done = fixture.services.invoke(&function(Handler::Rebalancer), &Value::Null)?;
        ensure!(done.is_clean(), "the rebalancer says {} {}", done.answer, done.log);
        job.record().map(|record| record.map(drop))
    })?;
    job.served().map(drop)
}

/// Passes one message to a function, like its event source mapping.
fn invoke(fixture: &Fixture, handler: Handler, message: &Value) -> Result<()> {
    let records = json!({ "Records": [{ "messageId": "1", "body": message.to_string() }] });
    let done = fixture.services.invoke(&function(handler), &records)?;
    ensure!(!done.failed, "{} does not start: {}", handler.name(), done.answer);
    ensure!(done.took_all(), "{} gives the message back", handler.name());
    Ok(())
}

fn now() -> u64 {
    jit_runners_functions::clock::now().as_millis()
}
