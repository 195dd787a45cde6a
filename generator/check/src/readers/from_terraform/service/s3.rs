//! `aws_s3_bucket*`.

use super::{
    super::{
        argument::{
            Argument, Becomes, Companion, ResourceSchema, arn, as_is, block, blocks, id, ignored, outside,
            property, provided, read, region, tags, tags_all, timeouts,
        },
        body::{Body, is_unknown, object, says_nothing},
    },
    sqs::OWN_POLICY,
};
use crate::graph::{Choice, Held, Kind, Properties, ResourceAttribute, Symbol, Value};

/// The bucket that a companion belongs to.
pub(in crate::readers::from_terraform) const BUCKET: &str = "Bucket";
/// The events of a notification, before it is taken apart.
pub(in crate::readers::from_terraform) const EVENTS: &str = "Events";
/// How the keys of its objects begin and end, and what the graph calls that.
pub(in crate::readers::from_terraform) const ENDS: [(&str, &str); 2] =
    [("FilterPrefix", "prefix"), ("FilterSuffix", "suffix")];

pub(super) const TYPES: &[ResourceSchema] = &[
    ResourceSchema {
        name: "aws_s3_bucket",
        becomes: Becomes::Node(Kind::Bucket),
        arguments: OF_BUCKET,
        finish: lifecycle,
    },
    ResourceSchema {
        name: "aws_s3_bucket_policy",
        becomes: Becomes::Node(Kind::BucketPolicy),
        arguments: &[
            property("bucket", BUCKET),
            property("policy", "PolicyDocument"),
            region(),
            // The bucket's name, for which there is a reference to the bucket itself.
            provided("id"),
        ],
        finish: as_is,
    },
    companion("aws_s3_bucket_accelerate_configuration", ACCELERATION, as_is),
    companion("aws_s3_bucket_acl", ACL, as_is),
    companion("aws_s3_bucket_cors_configuration", CORS, as_is),
    companion("aws_s3_bucket_lifecycle_configuration", LIFECYCLE, lifecycle),
    companion("aws_s3_bucket_logging", LOGGING, as_is),
    companion("aws_s3_bucket_notification", NOTIFICATION, as_is),
    companion("aws_s3_bucket_object_lock_configuration", OBJECT_LOCK, object_lock),
    companion("aws_s3_bucket_ownership_controls", OWNERSHIP, as_is),
    companion("aws_s3_bucket_public_access_block", PUBLIC_ACCESS, public_access),
    companion("aws_s3_bucket_server_side_encryption_configuration", ENCRYPTION, as_is),
    companion("aws_s3_bucket_versioning", VERSIONING, as_is),
    companion("aws_s3_bucket_website_configuration", WEBSITE, website),
];

const fn companion(
    name: &'static str,
    arguments: &'static [Argument],
    finish: fn(&mut Body<'_>, &Properties),
) -> ResourceSchema {
    ResourceSchema { name, becomes: Becomes::Companion(Companion::BucketProperty), arguments, finish }
}

/// What was a block of the bucket before it was a resource of its own is understood in both forms
/// (<https://github.com/hashicorp/terraform-provider-aws/blob/v5.100.0/website/docs/r/s3_bucket.html.markdown>).
const OF_BUCKET: &[Argument] = &[
    property("bucket", "BucketName").or(ResourceAttribute::Name),
    ignored(
        "bucket_prefix",
        "Terraform makes the name when it creates the resource, so there is none to compare",
    ),
    property("object_lock_enabled", "ObjectLockEnabled"),
    property("acceleration_status", "AccelerateConfiguration.AccelerationStatus"),
    read("acl", canned_acl),
    property("policy", OWN_POLICY),
    blocks("cors_rule", "CorsConfiguration.CorsRules", CORS_RULE),
    blocks("lifecycle_rule", "LifecycleConfiguration.Rules", OLD_LIFECYCLE_RULE),
    block("logging", "LoggingConfiguration", LOGGING_BLOCK),
    block(
        "server_side_encryption_configuration",
        "BucketEncryption",
        &[blocks("rule", "ServerSideEncryptionConfiguration", ENCRYPTION_RULE)],
    ),
    block(
        "versioning",
        "VersioningConfiguration",
        &[
            read("enabled", |versioning, held| {
                // A new bucket is left alone where it is false.
                put_one_of(versioning, "enabled", held, "Status", ["Enabled", "Disabled"]);
            }),
            outside("mfa_delete"),
        ],
    ),
    block(
        "website",
        "WebsiteConfiguration",
        &[
            property("index_document", "IndexDocument"),
            property("error_document", "ErrorDocument"),
            outside("redirect_all_requests_to"),
            outside("routing_rules"),
        ],
    ),
    tags(),
    tags_all(),
    region().or_text(|_| Symbol::Region.into()),
    timeouts(),
    ignored("force_destroy", "how Terraform takes a bucket away that is not empty"),
    arn(),
    id(ResourceAttribute::Name),
    provided("bucket_domain_name").or(ResourceAttribute::DomainName),
    provided("bucket_regional_domain_name").or(ResourceAttribute::RegionalDomainName),
    provided("bucket_region").or_text(|_| Symbol::Region.into()),
    provided("hosted_zone_id"),
    provided("website_domain"),
    provided("website_endpoint"),
    outside("bucket_namespace"),
    outside("grant"),
    outside("object_lock_configuration"),
    outside("replication_configuration"),
    outside("request_payer"),
];

const ACCELERATION: &[Argument] = &[
    property("bucket", BUCKET),
    property("status", "AccelerateConfiguration.AccelerationStatus"),
    expected_owner(),
    region(),
    provided("id"),
];

const ACL: &[Argument] = &[
    property("bucket", BUCKET),
    read("acl", canned_acl),
    outside("access_control_policy"),
    expected_owner(),
    region(),
    provided("id"),
];

const CORS_RULE: &[Argument] = &[
    property("id", "Id"),
    property("allowed_headers", "AllowedHeaders"),
    property("allowed_methods", "AllowedMethods"),
    property("allowed_origins", "AllowedOrigins"),
    property("expose_headers", "ExposedHeaders"),
    property("max_age_seconds", "MaxAge"),
];

const CORS: &[Argument] = &[
    property("bucket", BUCKET),
    blocks("cors_rule", "CorsConfiguration.CorsRules", CORS_RULE),
    expected_owner(),
    region(),
    provided("id"),
];

/// Blocks whose arguments are a template's properties of the rule itself: which objects it is about, and when they go.
const FILTER: &str = "Filter";
const AND: &str = "And";
const EXPIRATION: &str = "Expiration";
/// The only tag of a filter.
const TAG: &str = "Tag";

const LARGER: Argument = property("object_size_greater_than", "ObjectSizeGreaterThan");
const SMALLER: Argument = property("object_size_less_than", "ObjectSizeLessThan");

const EXPIRATION_BLOCK: &[Argument] = &[
    property("date", "ExpirationDate"),
    // The provider says 0 where there is none.
    read("days", |expiration, held| {
        if !matches!(&held.value, Value::Number(number) if number.as_str() == "0") {
            expiration.put("ExpirationInDays", held);
        }
    }),
    property("expired_object_delete_marker", "ExpiredObjectDeleteMarker"),
];

const TRANSITION: &[Argument] = &[
    property("date", "TransitionDate"),
    property("days", "TransitionInDays"),
    property("storage_class", "StorageClass"),
];

const LIFECYCLE_RULE: &[Argument] = &[
    property("id", "Id"),
    property("status", "Status"),
    property("prefix", "Prefix"),
    block(
        "filter",
        FILTER,
        &[
            property("prefix", "Prefix"),
            block("tag", TAG, &[property("key", "Key"), property("value", "Value")]),
            LARGER,
            SMALLER,
            block(
                "and",
                AND,
                &[property("prefix", "Prefix"), property("tags", "TagFilters"), LARGER, SMALLER],
            ),
        ],
    ),
    block("expiration", EXPIRATION, EXPIRATION_BLOCK),
    blocks("transition", "Transitions", TRANSITION),
    block(
        "noncurrent_version_expiration",
        "NoncurrentVersionExpiration",
        &[
            property("noncurrent_days", "NoncurrentDays"),
            property("newer_noncurrent_versions", "NewerNoncurrentVersions"),
        ],
    ),
    blocks(
        "noncurrent_version_transition",
        "NoncurrentVersionTransitions",
        &[
            property("noncurrent_days", "TransitionInDays"),
            property("newer_noncurrent_versions", "NewerNoncurrentVersions"),
            property("storage_class", "StorageClass"),
        ],
    ),
    block(
        "abort_incomplete_multipart_upload",
        "AbortIncompleteMultipartUpload",
        &[property("days_after_initiation", "DaysAfterInitiation")],
    ),
];

const OLD_LIFECYCLE_RULE: &[Argument] = &[
    property("id", "Id"),
    read("enabled", |rule, held| put_one_of(rule, "enabled", held, "Status", ["Enabled", "Disabled"])),
    property("prefix", "Prefix"),
    property("tags", "TagFilters"),
    block("expiration", EXPIRATION, EXPIRATION_BLOCK),
    blocks("transition", "Transitions", TRANSITION),
    block(
        "noncurrent_version_expiration",
        "NoncurrentVersionExpiration",
        &[property("days", "NoncurrentDays")],
    ),
    blocks(
        "noncurrent_version_transition",
        "NoncurrentVersionTransitions",
        &[property("days", "TransitionInDays"), property("storage_class", "StorageClass")],
    ),
    property("abort_incomplete_multipart_upload_days", "AbortIncompleteMultipartUpload.DaysAfterInitiation"),
];

const LIFECYCLE: &[Argument] = &[
    property("bucket", BUCKET),
    blocks("rule", "LifecycleConfiguration.Rules", LIFECYCLE_RULE),
    property(
        "transition_default_minimum_object_size",
        "LifecycleConfiguration.TransitionDefaultMinimumObjectSize",
    ),
    expected_owner(),
    region(),
    timeouts(),
    provided("id"),
];

const LOGGING_BLOCK: &[Argument] =
    &[property("target_bucket", "DestinationBucketName"), property("target_prefix", "LogFilePrefix")];

const LOGGING: &[Argument] = &[
    property("bucket", BUCKET),
    property("target_bucket", "LoggingConfiguration.DestinationBucketName"),
    property("target_prefix", "LoggingConfiguration.LogFilePrefix"),
    outside("target_grant"),
    outside("target_object_key_format"),
    expected_owner(),
    region(),
    provided("id"),
];

const LABEL: Argument =
    ignored("id", "a label in the list of notifications, which CloudFormation makes itself");
const PREFIX: Argument = property("filter_prefix", ENDS[0].0);
const SUFFIX: Argument = property("filter_suffix", ENDS[1].0);

const NOTIFICATION: &[Argument] = &[
    property("bucket", BUCKET),
    read("eventbridge", |notification, held| {
        let Some(condition) = notification.condition("eventbridge", &held) else { return };
        let enabled = Held::new(true, held.place.clone());
        let place = held.place.clone();
        let bridge = object([("EventBridgeEnabled", enabled)], place).under(condition);
        if bridge.value != Value::Absent {
            notification.put("NotificationConfiguration.EventBridgeConfiguration", bridge);
        }
    }),
    blocks(
        "lambda_function",
        "NotificationConfiguration.LambdaConfigurations",
        &[property("lambda_function_arn", "Function"), property("events", EVENTS), PREFIX, SUFFIX, LABEL],
    ),
    blocks(
        "queue",
        "NotificationConfiguration.QueueConfigurations",
        &[property("queue_arn", "Queue"), property("events", EVENTS), PREFIX, SUFFIX, LABEL],
    ),
    blocks(
        "topic",
        "NotificationConfiguration.TopicConfigurations",
        &[property("topic_arn", "Topic"), property("events", EVENTS), PREFIX, SUFFIX, LABEL],
    ),
    region(),
    provided("id"),
];

const OBJECT_LOCK: &[Argument] = &[
    property("bucket", BUCKET),
    property("object_lock_enabled", "ObjectLockConfiguration.ObjectLockEnabled"),
    block(
        "rule",
        "ObjectLockConfiguration.Rule",
        &[block(
            "default_retention",
            "DefaultRetention",
            &[property("mode", "Mode"), property("days", "Days"), property("years", "Years")],
        )],
    ),
    outside("token"),
    expected_owner(),
    region(),
    provided("id"),
];

const OWNERSHIP: &[Argument] = &[
    property("bucket", BUCKET),
    blocks("rule", "OwnershipControls.Rules", &[property("object_ownership", "ObjectOwnership")]),
    region(),
    provided("id"),
];

/// Which public access a bucket blocks, and how each is called here.
const BLOCKED: [(&str, &str); 4] = [
    ("block_public_acls", "PublicAccessBlockConfiguration.BlockPublicAcls"),
    ("block_public_policy", "PublicAccessBlockConfiguration.BlockPublicPolicy"),
    ("ignore_public_acls", "PublicAccessBlockConfiguration.IgnorePublicAcls"),
    ("restrict_public_buckets", "PublicAccessBlockConfiguration.RestrictPublicBuckets"),
];

const PUBLIC_ACCESS: &[Argument] = &[
    property("bucket", BUCKET),
    property(BLOCKED[0].0, BLOCKED[0].1),
    property(BLOCKED[1].0, BLOCKED[1].1),
    property(BLOCKED[2].0, BLOCKED[2].1),
    property(BLOCKED[3].0, BLOCKED[3].1),
    ignored("skip_destroy", "how Terraform takes the settings away"),
    region(),
    provided("id"),
];

const ENCRYPTION_RULE: &[Argument] = &[
    block(
        "apply_server_side_encryption_by_default",
        "ServerSideEncryptionByDefault",
        &[property("sse_algorithm", "SSEAlgorithm"), property("kms_master_key_id", "KMSMasterKeyID")],
    ),
    property("bucket_key_enabled", "BucketKeyEnabled"),
    outside("blocked_encryption_types"),
];

const ENCRYPTION: &[Argument] = &[
    property("bucket", BUCKET),
    blocks("rule", "BucketEncryption.ServerSideEncryptionConfiguration", ENCRYPTION_RULE),
    expected_owner(),
    region(),
    provided("id"),
];

const VERSIONING: &[Argument] = &[
    property("bucket", BUCKET),
    block(
        "versioning_configuration",
        "VersioningConfiguration",
        &[
            property("status", "Status"),
            read("mfa_delete", |versioning, held| {
                if held.as_literal() != Some("Disabled") && !says_nothing(&held.value) {
                    versioning.refuse_value(
                        "mfa_delete",
                        "`Disabled`, which is all that a template can say",
                        &held,
                    );
                }
            }),
        ],
    ),
    outside("mfa"),
    expected_owner(),
    region(),
    provided("id"),
];

/// A block with one argument, before that is the property.
const ONLY: &str = "Only";

const WEBSITE: &[Argument] = &[
    property("bucket", BUCKET),
    block("index_document", "WebsiteConfiguration.IndexDocument", &[property("suffix", ONLY)]),
    block("error_document", "WebsiteConfiguration.ErrorDocument", &[property("key", ONLY)]),
    block(
        "redirect_all_requests_to",
        "WebsiteConfiguration.RedirectAllRequestsTo",
        &[property("host_name", "HostName"), property("protocol", "Protocol")],
    ),
    outside("routing_rule"),
    outside("routing_rules"),
    expected_owner(),
    region(),
    provided("id"),
    provided("website_domain"),
    provided("website_endpoint"),
];

const fn expected_owner() -> Argument {
    ignored("expected_bucket_owner", "which account Terraform expects")
}

/// What a template calls the access that Terraform has other words for
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#canned-acl>).
const CANNED: &[(&str, &str)] = &[
    ("private", "Private"),
    ("public-read", "PublicRead"),
    ("public-read-write", "PublicReadWrite"),
    ("aws-exec-read", "AwsExecRead"),
    ("authenticated-read", "AuthenticatedRead"),
    ("bucket-owner-read", "BucketOwnerRead"),
    ("bucket-owner-full-control", "BucketOwnerFullControl"),
    ("log-delivery-write", "LogDeliveryWrite"),
];

fn canned_acl(body: &mut Body<'_>, mut held: Held) {
    let mut strange = None;
    held.each_alternative(&mut |held| {
        let named = held.as_literal().and_then(|found| CANNED.iter().find(|(name, _)| *name == found));
        match named {
            Some((_, name)) => held.value = (*name).into(),
            None if says_nothing(&held.value) => held.value = Value::Absent,
            None => strange = Some(held.clone()),
        }
    });
    match strange {
        Some(strange) => body.refuse_value("acl", "the name of a canned ACL", &strange),
        None => body.put("AccessControl", held),
    }
}

/// The first of `names` where the flag is true, the second where it is not.
fn put_one_of(
    body: &mut Body<'_>,
    argument: &'static str,
    held: Held,
    property: &'static str,
    names: [&'static str; 2],
) {
    let Some(condition) = body.condition(argument, &held) else { return };
    let [yes, no] = names.map(|name| Held::new(name, held.place.clone()));
    body.put(property, Held::new(Value::choice(condition, yes, no), held.place));
}

/// What the block does not say is false
/// (<https://github.com/hashicorp/terraform-provider-aws/blob/v5.100.0/website/docs/r/s3_bucket_public_access_block.html.markdown>).
fn public_access(block: &mut Body<'_>, arguments: &Properties) {
    let Some(place) = arguments.get("bucket").map(|held| held.place.clone()) else { return };
    for (argument, path) in BLOCKED {
        match arguments.get(argument).cloned() {
            Some(mut held) if held.value != Value::Absent => {
                held.each_alternative(&mut |held| {
                    if held.value == Value::Absent {
                        held.value = false.into();
                    }
                });
                block.put(path, held);
            }
            _ => block.put(path, Held::new(false, place.clone())),
        }
    }
}

/// `Enabled` is all that it can be, and what it is where nobody says
/// (<https://github.com/hashicorp/terraform-provider-aws/blob/v5.100.0/website/docs/r/s3_bucket_object_lock_configuration.html.markdown>).
fn object_lock(body: &mut Body<'_>, arguments: &Properties) {
    let is_said = arguments.get("object_lock_enabled").is_some_and(|held| held.value != Value::Absent);
    if let (false, Some(bucket)) = (is_said, arguments.get("bucket")) {
        body.put("ObjectLockConfiguration.ObjectLockEnabled", Held::new("Enabled", bucket.place.clone()));
    }
}

fn website(body: &mut Body<'_>, _: &Properties) {
    let Some(website) = body.properties.get_mut("WebsiteConfiguration") else { return };
    website.each_object(&mut |website| {
        for document in ["IndexDocument", "ErrorDocument"] {
            let Some(held) = website.get_mut(document) else { continue };
            held.each_alternative(&mut |held| {
                if let Value::Map(block) = &mut held.value
                    && let Some(only) = block.remove(ONLY)
                {
                    *held = only;
                }
            });
        }
    });
}

/// Puts what Terraform has in blocks of a rule into the rule.
fn lifecycle(body: &mut Body<'_>, _: &Properties) {
    let Some(mut lifecycle) = body.properties.remove("LifecycleConfiguration") else { return };
    let mut doubled = Vec::new();
    lifecycle.each_object(&mut |lifecycle| {
        let Some(rules) = lifecycle.get_mut("Rules") else { return };
        rules.each_list(&mut |rules| {
            for rule in rules.iter_mut() {
                rule.each_object(&mut |rule| {
                    for block in [FILTER, AND, EXPIRATION] {
                        doubled.extend(hoist(rule, block));
                    }
                    if let Some(tag) = rule.remove(TAG) {
                        doubled.extend(rule.insert("TagFilters".to_owned(), listed(tag)));
                    }
                });
            }
        });
    });
    for held in doubled {
        body.refuse_value("rule", "one that says each thing once", &held);
    }
    body.properties.insert("LifecycleConfiguration".to_owned(), lifecycle);
}

/// Puts the entries of the object `block` beside it, and gives those that were said already.
fn hoist(rule: &mut Properties, block: &str) -> Vec<Held> {
    let Some(held) = rule.remove(block) else { return Vec::new() };
    let mut doubled = Vec::new();
    for (name, held) in entries(held) {
        if rule.get(&name).is_some_and(|held| !says_nothing(&held.value)) {
            doubled.push(held);
        } else {
            rule.insert(name, held);
        }
    }
    doubled
}

/// The entries of the object that `held` is, each under the condition under which the object is there.
fn entries(held: Held) -> Properties {
    match held.value {
        Value::Map(entries) => entries,
        Value::Choice(choice) => {
            let Choice { condition, then, otherwise } = *choice;
            let place = held.place;
            let (mut then, mut otherwise) = (entries(then), entries(otherwise));
            let names: Vec<String> = then.keys().chain(otherwise.keys()).cloned().collect();
            let absent = || Held::new(Value::Absent, place.clone());
            let chosen = names.into_iter().filter_map(|name| {
                let (yes, no) = (then.remove(&name), otherwise.remove(&name));
                let place = yes.as_ref().or(no.as_ref())?.place.clone();
                let (yes, no) = (yes.unwrap_or_else(absent), no.unwrap_or_else(absent));
                Some((name, Held::new(Value::choice(condition.clone(), yes, no), place)))
            });
            chosen.collect()
        }
        // It could not be read.
        value if is_unknown(&value) => [("Prefix".to_owned(), Held { value, ..held })].into(),
        _ => Properties::new(),
    }
}

/// A list of the one tag.
fn listed(mut tag: Held) -> Held {
    tag.each_alternative(&mut |held| {
        if matches!(held.value, Value::Map(_)) {
            held.value = Value::List(vec![held.clone()]);
        }
    });
    tag
}
