//! The settings of AWS: EC2, the table, the queues, Lambda and the API.

use jit_runners_model::InstanceType;
use jit_runners_model::contract::Handler;
use jit_runners_yaml::{
    Section,
    reader::{Flag, List, Name, Number, Or, Span, Text, Time, Whole},
};

use crate::{
    ec2::{Absent, BucketSize, Ec2Settings, Scarcity},
    queue::QueueSettings,
    table::TableSettings,
    world::WorldSettings,
};

/// The account's EC2.
pub(super) fn ec2(section: &mut Section<'_, '_>, settings: &mut Ec2Settings) {
    limits(section, settings);
    supply(section, settings);
    machines(section, settings);
    calls(section, settings);
}

/// EC2's buckets of tokens.
fn limits(section: &mut Section<'_, '_>, settings: &mut Ec2Settings) {
    for (key, about, target) in [
        ("run_instances", "Calls of RunInstances.", &mut settings.run_instances),
        ("launched", "Instances in calls of RunInstances.", &mut settings.launched),
        ("terminate_instances", "Calls of TerminateInstances.", &mut settings.terminate_instances),
        ("terminated", "Instances in calls of TerminateInstances.", &mut settings.terminated),
        ("describe_images", "Calls of DescribeImages.", &mut settings.describe_images),
        ("describe_instances", "Calls of DescribeInstances.", &mut settings.describe_instances),
    ] {
        section.inside(key, about, |section| bucket(section, target));
    }
    let percent = Whole { low: 0, high: 100 };
    section.set(
        "others_percent",
        "What other users of the account take of each bucket, in percent.",
        &percent,
        &mut settings.others_percent,
    );
}

/// What there is to be had.
fn supply(section: &mut Section<'_, '_>, settings: &mut Ec2Settings) {
    let span = &Span(Time);
    let absent =
        section.one_or_many("absent", "Types that the region, or one of its zones, does not have.", absent);
    settings.absent.extend(absent);
    section.set(
        "spot_forbidden",
        "The account may not have spot instances.",
        &Flag,
        &mut settings.spot_forbidden,
    );
    let image = List(Text { example: "ami-0123456789abcdef0" });
    if let Some(images) = section.get("missing_images", "Images that do not exist.", &image) {
        settings.missing_images.extend(images);
    }
    if let Some(images) = section.get("arm_images", "Images for arm64 machines.", &image) {
        settings.architectures.extend(images.into_iter().map(|image| (image, "arm64".to_owned())));
    }
    section.set(
        "questions_forbidden",
        "A policy of the organization forbids DescribeImages.",
        &Flag,
        &mut settings.questions_forbidden,
    );
    let about = "How scarce capacity is in each pool.";
    if let Some(scarcity) = section.maybe("scarcity", about, scarcity) {
        settings.scarcity = Some(scarcity);
    }
    let began = WorldSettings::quiet(0).began;
    let about = "When no pool has spot capacity: `[5 min, 25 min]`.";
    if let Some((from, until)) = section.get("spot_drought", about, span) {
        settings.spot_drought = Some((began + from, began + until));
    }
    let quota = Or { word: "none", reader: Whole::ANY };
    section.set("spot_quota", "Spot instances that the account may have.", &quota, &mut settings.spot_quota);
    section.set(
        "on_demand_quota",
        "On-demand instances that the account may have.",
        &quota,
        &mut settings.on_demand_quota,
    );
    section.set(
        "quota_in_part",
        "A call for more than is left of a quota gets what is left, and not nothing.",
        &Flag,
        &mut settings.quota_in_part,
    );
}

/// What becomes of instances.
fn machines(section: &mut Section<'_, '_>, settings: &mut Ec2Settings) {
    let (chance, span) = (&Number::CHANCE, &Span(Time));
    section.set("boot", "From the launch until the first line of user data.", span, &mut settings.boot);
    section.set("slow_boot", "How often a boot takes much longer.", chance, &mut settings.slow_boot);
    section.set("slow", "How long it takes then.", span, &mut settings.slow);
    section.set(
        "boot_failure",
        "How often an instance never runs its user data.",
        chance,
        &mut settings.boot_failure,
    );
    section.set("hanging", "The share of those that hang for ever.", chance, &mut settings.hanging);
    section.set(
        "key_forbidden",
        "How often an instance cannot start because of the key of its volume.",
        chance,
        &mut settings.key_forbidden,
    );
    let hourly = Number { high: 3_600.0, what: "a number for an hour" };
    section.set(
        "interruptions",
        "Interruptions of a spot instance in an hour.",
        &hourly,
        &mut settings.interruptions,
    );
    section.set("warned", "The share of interruptions with a warning.", chance, &mut settings.warned);
    section.set("event_lost", "How often an event is lost.", chance, &mut settings.event_lost);
    section.set("event_delay", "How long an event takes.", span, &mut settings.event_delay);
    section.set(
        "describe_late",
        "How long calls do not see changes of an instance.",
        span,
        &mut settings.describe_late,
    );
    section.set("ending", "How long an instance takes to shut down.", span, &mut settings.ending);
}

/// What calls answer.
fn calls(section: &mut Section<'_, '_>, settings: &mut Ec2Settings) {
    let chance = &Number::CHANCE;
    section.set(
        "internal_error",
        "How often a call fails with an error of EC2.",
        chance,
        &mut settings.internal_error,
    );
    section.set(
        "internal_error_done",
        "The share of those in which the call was carried out all the same.",
        chance,
        &mut settings.internal_error_done,
    );
    section.set(
        "throttle",
        "How often a call is throttled although the bucket has tokens.",
        chance,
        &mut settings.throttle,
    );
    section.set(
        "fatal",
        "How often a launch is refused as if somebody had to repair the account.",
        chance,
        &mut settings.fatal,
    );
}

fn bucket(section: &mut Section<'_, '_>, size: &mut BucketSize) {
    section.set("capacity", "Tokens when the bucket is full.", &Whole::SOME, &mut size.capacity);
    section.set("per_second", "Tokens that come back in a second.", &Whole::SOME, &mut size.per_second);
}

fn absent(section: &mut Section<'_, '_>) -> Option<Absent> {
    let kind = Name {
        example: "c5.large",
        check: |text| InstanceType::new(text),
        text: |kind: &InstanceType| kind.to_string(),
    };
    let instance_type = section.required("instance_type", "The type.", &kind);
    let about = "The only zone that lacks it, by its subnet; all if it is missing.";
    let subnet = section.get("subnet", about, &Text { example: "subnet-0a" });
    Some(Absent { instance_type: instance_type?, subnet })
}

fn scarcity(section: &mut Section<'_, '_>) -> Option<Scarcity> {
    let period = section.required("period", "How long a supply stays as it is.", &Span(Time));
    let mut scarcity = Scarcity { period: period.unwrap_or_default(), drought: 0.0, limited: 0.0, limit: 1 };
    section.set("drought", "How often a pool has nothing.", &Number::CHANCE, &mut scarcity.drought);
    section.set("limited", "How often it has little.", &Number::CHANCE, &mut scarcity.limited);
    section.set("limit", "How much that is, at most.", &Whole::SOME, &mut scarcity.limit);
    period.map(|_| scarcity)
}

/// The table.
pub(super) fn table(section: &mut Section<'_, '_>, settings: &mut TableSettings) {
    let (chance, span) = (&Number::CHANCE, &Span(Time));
    section.set("index_delay", "How long a change takes to the indexes.", span, &mut settings.index_delay);
    section.set("slow_index", "How often it takes much longer.", chance, &mut settings.slow_index);
    section.set("slow", "How long it takes then.", span, &mut settings.slow);
    section.set("throttle", "How often a call is throttled.", chance, &mut settings.throttle);
    section.set(
        "conflict",
        "How often a transaction conflicts with another one.",
        chance,
        &mut settings.conflict,
    );
}

/// One queue.
pub(super) fn queue(section: &mut Section<'_, '_>, settings: &mut QueueSettings) {
    let (chance, span) = (&Number::CHANCE, &Span(Time));
    section.set("visibility", "How long a received message stays hidden.", &Time, &mut settings.visibility);
    section.set(
        "max_receives",
        "After so many receives a message becomes a dead letter.",
        &Whole::SOME,
        &mut settings.max_receives,
    );
    section.set("retention", "How long a message waits at most.", &Time, &mut settings.retention);
    section.set("delay", "How long a message takes until it can be received.", span, &mut settings.delay);
    section.set("straggler", "How often it takes much longer.", chance, &mut settings.straggler);
    section.set("straggling", "How long it takes then.", span, &mut settings.straggling);
    section.set("duplicate", "How often a message is delivered twice.", chance, &mut settings.duplicate);
    section.set(
        "resurrection",
        "How often a deleted message comes again.",
        chance,
        &mut settings.resurrection,
    );
    section.set("copy_after", "When a copy shows up.", span, &mut settings.copy_after);
    section.set(
        "lost_receive",
        "How often a message counts as received, but reaches no receiver.",
        chance,
        &mut settings.lost_receive,
    );
}

/// Lambda and its functions.
pub(super) fn lambda(section: &mut Section<'_, '_>, settings: &mut WorldSettings) {
    let lambda = &mut settings.lambda;
    section.set(
        "concurrency",
        "Invocations at the same time that other functions leave to ours.",
        &Whole::SOME,
        &mut lambda.concurrency,
    );
    section.set(
        "scale_up_at_once",
        "The most invocations of scale-up at the same time.",
        &Whole::SOME,
        &mut lambda.scale_up_at_once,
    );
    section.inside("timeouts", "How long an invocation of each function may take.", |section| {
        for handler in Handler::ALL {
            section.set(handler.name(), handler.purpose(), &Time, lambda.timeouts.get_mut(handler));
        }
    });
}

/// The API before the webhook function.
pub(super) fn throttling(section: &mut Section<'_, '_>, settings: &mut WorldSettings) {
    let throttling = &mut settings.throttling;
    section.set("rate", "Webhooks that are let through in a second.", &Whole::SOME, &mut throttling.rate);
    section.set("burst", "Webhooks at once, before the rate applies.", &Whole::SOME, &mut throttling.burst);
}
