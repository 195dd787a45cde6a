//! `AWS::S3`.

use super::{
    Arn, ArnPart, ArnScope, Facts, Field, Name, Off, OffValue, Shape, field, flag, iam, number, object, tags,
    text, texts,
};
use crate::graph::ResourceAttribute;

/// Which objects a notification is about, by the two ends of their keys.
const FILTER: Field = object(
    "Filter",
    &[object(
        "S3Key",
        &[field(
            "Rules",
            Shape::Keyed {
                key: "Name",
                value: Some("Value"),
                item: &Shape::Object(&[text("Name"), text("Value")]),
            },
        )],
    )],
);

/// Notifications that go to what `to` is an ARN of. Each is about one event.
const fn notifications(name: &'static str, to: &'static Shape) -> Field {
    field(name, Shape::Set(to))
}

const TRANSITION: Shape =
    Shape::Object(&[text("StorageClass"), number("TransitionInDays"), text("TransitionDate")]);
const NONCURRENT_TRANSITION: Shape =
    Shape::Object(&[text("StorageClass"), number("TransitionInDays"), number("NewerNoncurrentVersions")]);

const LIFECYCLE_RULE: Shape = Shape::Object(&[
    text("Id"),
    text("Status"),
    text("Prefix"),
    field("TagFilters", Shape::Tags),
    number("ObjectSizeGreaterThan"),
    number("ObjectSizeLessThan"),
    number("ExpirationInDays"),
    text("ExpirationDate"),
    flag("ExpiredObjectDeleteMarker"),
    field("Transition", TRANSITION),
    field("Transitions", Shape::Set(&TRANSITION)),
    number("NoncurrentVersionExpirationInDays"),
    object("NoncurrentVersionExpiration", &[number("NoncurrentDays"), number("NewerNoncurrentVersions")]),
    field("NoncurrentVersionTransition", NONCURRENT_TRANSITION),
    field("NoncurrentVersionTransitions", Shape::Set(&NONCURRENT_TRANSITION)),
    object("AbortIncompleteMultipartUpload", &[number("DaysAfterInitiation")]),
]);

const CORS_RULE: Shape = Shape::Object(&[
    text("Id"),
    texts("AllowedHeaders"),
    texts("AllowedMethods"),
    texts("AllowedOrigins"),
    texts("ExposedHeaders"),
    number("MaxAge"),
]);

const ENCRYPTION_RULE: Shape = Shape::Object(&[
    object("ServerSideEncryptionByDefault", &[text("SSEAlgorithm"), text("KMSMasterKeyID")]),
    flag("BucketKeyEnabled"),
]);

pub(super) const BUCKET: Facts = Facts {
    cloudformation_type: "AWS::S3::Bucket",
    identity: &["BucketName"],
    reference: Some(ResourceAttribute::Name),
    attributes: &[
        ("Arn", ResourceAttribute::Arn),
        ("DomainName", ResourceAttribute::DomainName),
        ("RegionalDomainName", ResourceAttribute::RegionalDomainName),
    ],
    name: Some(Name { property: "BucketName", is_id: true }),
    arn: Some(Arn { service: "s3", scope: ArnScope::Everywhere, name: &[ArnPart::Property("BucketName")] }),
    attaches: false,
    off: &[
        // Terraform's word for a bucket that never had versions.
        Off { path: "VersioningConfiguration", value: OffValue::Member("Status", "Disabled") },
        Off { path: "AccelerateConfiguration", value: OffValue::Member("AccelerationStatus", "Suspended") },
    ],
    fields: &[
        text("BucketName"),
        text("AccessControl"),
        object("AccelerateConfiguration", &[text("AccelerationStatus")]),
        object(
            "BucketEncryption",
            &[field("ServerSideEncryptionConfiguration", Shape::List(&ENCRYPTION_RULE))],
        ),
        // The first rule that fits counts.
        object("CorsConfiguration", &[field("CorsRules", Shape::List(&CORS_RULE))]),
        object(
            "LifecycleConfiguration",
            &[field("Rules", Shape::Set(&LIFECYCLE_RULE)), text("TransitionDefaultMinimumObjectSize")],
        ),
        object("LoggingConfiguration", &[text("DestinationBucketName"), text("LogFilePrefix")]),
        object(
            "NotificationConfiguration",
            &[
                object("EventBridgeConfiguration", &[flag("EventBridgeEnabled")]),
                notifications(
                    "LambdaConfigurations",
                    &Shape::Object(&[text("Event"), text("Function"), FILTER]),
                ),
                notifications("QueueConfigurations", &Shape::Object(&[text("Event"), text("Queue"), FILTER])),
                notifications("TopicConfigurations", &Shape::Object(&[text("Event"), text("Topic"), FILTER])),
            ],
        ),
        flag("ObjectLockEnabled"),
        object(
            "ObjectLockConfiguration",
            &[
                text("ObjectLockEnabled"),
                object(
                    "Rule",
                    &[object("DefaultRetention", &[text("Mode"), number("Days"), number("Years")])],
                ),
            ],
        ),
        object(
            "OwnershipControls",
            &[field("Rules", Shape::List(&Shape::Object(&[text("ObjectOwnership")])))],
        ),
        object(
            "PublicAccessBlockConfiguration",
            &[
                flag("BlockPublicAcls"),
                flag("BlockPublicPolicy"),
                flag("IgnorePublicAcls"),
                flag("RestrictPublicBuckets"),
            ],
        ),
        object("VersioningConfiguration", &[text("Status")]),
        object(
            "WebsiteConfiguration",
            &[
                text("IndexDocument"),
                text("ErrorDocument"),
                object("RedirectAllRequestsTo", &[text("HostName"), text("Protocol")]),
            ],
        ),
        text("DeletionPolicy"),
        tags(),
    ],
};

pub(super) const BUCKET_POLICY: Facts = Facts {
    cloudformation_type: "AWS::S3::BucketPolicy",
    identity: &["Bucket"],
    reference: None,
    attributes: &[],
    name: None,
    arn: None,
    attaches: true,
    off: &[],
    fields: &[text("Bucket"), field("PolicyDocument", iam::POLICY), text("DeletionPolicy")],
};
