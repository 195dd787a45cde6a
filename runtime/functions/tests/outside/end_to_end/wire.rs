//! EC2's query protocol, as far as our calls need it
//! (<https://docs.aws.amazon.com/AWSEC2/latest/APIReference/Query-Requests.html>).

use std::{collections::BTreeMap, fmt::Write as _};

use anyhow::{Context as _, Result};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use jit_runners_model::{
    InstanceType, Label, RunnerVersion,
    contract::{
        message::Repository,
        runner_release::{Archive, Checksum, RunnerRelease},
        tag,
    },
};
use jit_runners_runtime::{
    port::{Instance, InstanceState, Launch},
    record::{EndReason, Image, InstanceId, IntentId, Market, Pool},
};

/// The parameters of a call.
pub(crate) type Parameters = BTreeMap<String, String>;

/// Reads a form.
pub(crate) fn form(body: &str) -> Parameters {
    let plain = |text: &str| {
        percent_encoding::percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
    };
    body.split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (plain(name), plain(value)))
        .collect()
}

/// The values of `<name>.1`, `<name>.2`, ...
pub(crate) fn listed(parameters: &Parameters, name: &str) -> Vec<String> {
    (1..).map_while(|number| parameters.get(&format!("{name}.{number}"))).cloned().collect()
}

/// The filters of a call, each with its values.
pub(crate) fn filters(parameters: &Parameters) -> Vec<(String, Vec<String>)> {
    let filter = |number: usize| {
        let name = parameters.get(&format!("Filter.{number}.Name"))?.clone();
        Some((name, listed(parameters, &format!("Filter.{number}.Value"))))
    };
    (1..).map_while(filter).collect()
}

/// EC2's name for a state.
pub(crate) const fn state_name(state: InstanceState) -> &'static str {
    match state {
        InstanceState::Pending => "pending",
        InstanceState::Running => "running",
        InstanceState::Ending => "shutting-down",
        InstanceState::Terminated => "terminated",
    }
}

/// The tags in a call that launches instances.
pub(crate) fn tags(parameters: &Parameters) -> BTreeMap<String, String> {
    (1..)
        .map_while(|number| {
            let part =
                |part: &str| parameters.get(&format!("TagSpecification.1.Tag.{number}.{part}")).cloned();
            Some((part("Key")?, part("Value")?))
        })
        .collect()
}

/// Whether a call launches instances for a label.
pub(crate) fn is_for(parameters: &Parameters, label: &str) -> bool {
    tags(parameters).get(tag::LABELS).is_some_and(|all| all.split(' ').any(|it| it == label))
}

/// The launch that a call of `RunInstances` requests.
pub(crate) fn launch(parameters: &Parameters) -> Result<Launch> {
    let text = |name: &str| parameters.get(name).with_context(|| format!("{name} is missing"));
    let tags = tags(parameters);
    let tag = |name: &str| tags.get(name).with_context(|| format!("the tag {name} is missing"));
    let market = parameters.get("InstanceMarketOptions.MarketType").map(String::as_str);
    Ok(Launch {
        token: text("ClientToken")?.clone(),
        pool: Pool {
            instance_type: InstanceType::new(text("InstanceType")?)?,
            subnet: text("SubnetId")?.clone(),
            market: if market == Some("spot") { Market::Spot } else { Market::OnDemand },
        },
        image: text("ImageId")?.clone(),
        release: release(&user_data(parameters)?)?,
        count: text("MaxCount")?.parse()?,
        intent: IntentId::from(tag(tag::INTENT)?.clone()),
        repository: Repository::new(tag(tag::REPOSITORY)?)?,
        labels: tag(tag::LABELS)?.split(' ').map(Label::new).collect::<Result<_, _>>()?,
    })
}

/// The user data in a call.
pub(crate) fn user_data(parameters: &Parameters) -> Result<String> {
    let encoded = parameters.get("UserData").context("no user data")?;
    Ok(String::from_utf8(BASE64_STANDARD.decode(encoded)?)?)
}

/// The release of the runner that the user data installs.
pub(crate) fn release(user_data: &str) -> Result<RunnerRelease> {
    let value = |name: &str| {
        let start = format!("{name}='");
        let line = user_data.lines().find_map(|line| line.strip_prefix(&start));
        line.and_then(|rest| rest.strip_suffix('\'')).with_context(|| format!("no {name} in user data"))
    };
    let archive = |architecture: &str| -> Result<Archive> {
        let url = value(&format!("url_{architecture}"))?.to_owned();
        Ok(Archive { url, checksum: Checksum::new(value(&format!("checksum_{architecture}"))?)? })
    };
    Ok(RunnerRelease {
        version: RunnerVersion::new(value("version")?)?,
        x64: archive("x64")?,
        arm64: archive("arm64")?,
    })
}

/// The answer to `RunInstances`.
pub(crate) fn launched(instances: &[InstanceId]) -> String {
    let items = instances.iter().fold(String::new(), |mut items, instance| {
        let _ = write!(items, "<item><instanceId>{instance}</instanceId></item>");
        items
    });
    format!("<reservationId>r-1</reservationId><instancesSet>{items}</instancesSet>")
}

/// The answer to `DescribeImages`.
pub(crate) fn images_set(images: &[(&String, Image)]) -> String {
    let items = images.iter().fold(String::new(), |mut items, (id, Image { architecture })| {
        let _ = write!(
            items,
            "<item><imageId>{id}</imageId><imageState>available</imageState><architecture>{architecture}</architecture></item>"
        );
        items
    });
    format!("<imagesSet>{items}</imagesSet>")
}

/// The answer to `DescribeInstances`.
pub(crate) fn found(instances: &[Instance]) -> String {
    let items = instances.iter().fold(String::new(), |mut items, instance| {
        let name = state_name(instance.state);
        let code = match instance.state {
            InstanceState::Pending => 0,
            InstanceState::Running => 16,
            InstanceState::Ending => 32,
            InstanceState::Terminated => 48,
        };
        let reason = instance.ended.as_ref().map_or_else(String::new, |reason| {
            let EndReason { code, message } = reason;
            format!("<stateReason><code>{code}</code><message>{message}</message></stateReason>")
        });
        let intent = instance.intent.as_ref().map_or("", IntentId::as_str);
        let seconds = i64::try_from(instance.launched_at.as_millis() / 1_000).unwrap_or_default();
        let launched = jiff::Timestamp::from_second(seconds).unwrap_or_default();
        let _ = write!(
            items,
            "<item><instanceId>{}</instanceId><instanceState><code>{code}</code><name>{name}</name></instanceState>\
             <launchTime>{launched}</launchTime>{reason}<tagSet><item><key>{}</key><value>{intent}</value></item></tagSet></item>",
            instance.id,
            tag::INTENT,
        );
        items
    });
    format!(
        "<reservationSet><item><reservationId>r-1</reservationId><instancesSet>{items}</instancesSet></item></reservationSet>"
    )
}
