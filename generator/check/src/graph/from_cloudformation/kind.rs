//! Types of resources, and what `Ref` and `Fn::GetAtt` give for each
//! (<https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html>,
//! "Return values").

use crate::graph::{Attribute, Kind};

/// What a resource is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ResourceType {
    /// A node of the graph.
    Node(Kind),
    /// A part of other nodes.
    Companion(Companion),
}

/// A resource that says something about another one and is folded into it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Companion {
    /// A policy of roles.
    Policy,
    /// A policy of one role.
    RolePolicy,
    /// A policy that roles attach.
    ManagedPolicy,
    /// A rule of a security group.
    Ingress,
    /// A rule of a security group.
    Egress,
}

impl ResourceType {
    /// Every type that the check understands.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        const COMPANIONS: [Companion; 5] = [
            Companion::Policy,
            Companion::RolePolicy,
            Companion::ManagedPolicy,
            Companion::Ingress,
            Companion::Egress,
        ];
        let kinds = Kind::ALL.iter().copied().map(Self::Node);
        kinds.chain(COMPANIONS.into_iter().map(Self::Companion))
    }

    /// The type of that name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        if is_custom(name) {
            return Some(Self::Node(Kind::CustomResource));
        }
        Self::all().find(|resource_type| resource_type.as_str() == name)
    }

    /// Its name.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Node(kind) => match kind {
                Kind::Api => "AWS::ApiGatewayV2::Api",
                Kind::Integration => "AWS::ApiGatewayV2::Integration",
                Kind::Route => "AWS::ApiGatewayV2::Route",
                Kind::Stage => "AWS::ApiGatewayV2::Stage",
                Kind::Queue => "AWS::SQS::Queue",
                Kind::QueuePolicy => "AWS::SQS::QueuePolicy",
                Kind::Table => "AWS::DynamoDB::Table",
                Kind::Function => "AWS::Lambda::Function",
                Kind::Permission => "AWS::Lambda::Permission",
                Kind::EventSourceMapping => "AWS::Lambda::EventSourceMapping",
                Kind::EventInvokeConfig => "AWS::Lambda::EventInvokeConfig",
                Kind::Role => "AWS::IAM::Role",
                Kind::InstanceProfile => "AWS::IAM::InstanceProfile",
                Kind::ServiceLinkedRole => "AWS::IAM::ServiceLinkedRole",
                Kind::SecurityGroup => "AWS::EC2::SecurityGroup",
                Kind::Schedule => "AWS::Scheduler::Schedule",
                Kind::EventRule => "AWS::Events::Rule",
                Kind::CustomResource => CUSTOM_RESOURCE,
                Kind::LogGroup => "AWS::Logs::LogGroup",
                Kind::MetricFilter => "AWS::Logs::MetricFilter",
                Kind::Alarm => "AWS::CloudWatch::Alarm",
                Kind::Dashboard => "AWS::CloudWatch::Dashboard",
            },
            Self::Companion(companion) => match companion {
                Companion::Policy => "AWS::IAM::Policy",
                Companion::RolePolicy => "AWS::IAM::RolePolicy",
                Companion::ManagedPolicy => "AWS::IAM::ManagedPolicy",
                Companion::Ingress => "AWS::EC2::SecurityGroupIngress",
                Companion::Egress => "AWS::EC2::SecurityGroupEgress",
            },
        }
    }
}

const CUSTOM_RESOURCE: &str = "AWS::CloudFormation::CustomResource";

/// Whether somebody chose the name of a type: `Custom::` and up to 60 letters, digits, `_`, `@` and `-`
/// (<https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-customresource.html>).
fn is_custom(name: &str) -> bool {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "_@-".contains(c);
    name.strip_prefix("Custom::")
        .is_some_and(|chosen| (1..=60).contains(&chosen.len()) && chosen.chars().all(is_allowed))
}

/// What `Ref` gives; nothing, where it gives an id that nobody can use.
pub(crate) const fn reference(kind: Kind) -> Option<Attribute> {
    match kind {
        Kind::Queue => Some(Attribute::Url),
        Kind::Stage
        | Kind::Table
        | Kind::Function
        | Kind::Role
        | Kind::InstanceProfile
        | Kind::ServiceLinkedRole
        | Kind::Schedule
        | Kind::EventRule
        | Kind::LogGroup
        | Kind::MetricFilter
        | Kind::Alarm
        | Kind::Dashboard => Some(Attribute::Name),
        Kind::Api | Kind::Integration | Kind::Route | Kind::EventSourceMapping | Kind::SecurityGroup => {
            Some(Attribute::Id)
        }
        // What a custom resource is called, its function says.
        Kind::QueuePolicy | Kind::Permission | Kind::EventInvokeConfig | Kind::CustomResource => None,
    }
}

/// What `Fn::GetAtt` gives, by the names of attributes.
pub(crate) const fn attributes(kind: Kind) -> &'static [(&'static str, Attribute)] {
    match kind {
        Kind::Api => &[("ApiEndpoint", Attribute::Endpoint), ("ApiId", Attribute::Id)],
        Kind::Integration => &[("IntegrationId", Attribute::Id)],
        Kind::Route => &[("RouteId", Attribute::Id)],
        Kind::Queue => {
            &[("Arn", Attribute::Arn), ("QueueName", Attribute::Name), ("QueueUrl", Attribute::Url)]
        }
        Kind::Table => &[("Arn", Attribute::Arn), ("StreamArn", Attribute::StreamArn)],
        Kind::EventSourceMapping => &[("EventSourceMappingArn", Attribute::Arn), ("Id", Attribute::Id)],
        Kind::Role => &[("Arn", Attribute::Arn), ("RoleId", Attribute::UniqueId)],
        Kind::ServiceLinkedRole => &[("RoleName", Attribute::Name)],
        Kind::SecurityGroup => &[("GroupId", Attribute::Id), ("Id", Attribute::Id)],
        // A log group's is followed by `:*`; see `Evaluator::attribute`.
        Kind::LogGroup
        | Kind::Function
        | Kind::InstanceProfile
        | Kind::Schedule
        | Kind::EventRule
        | Kind::Alarm => &[("Arn", Attribute::Arn)],
        Kind::Stage
        | Kind::QueuePolicy
        | Kind::Permission
        | Kind::EventInvokeConfig
        | Kind::CustomResource
        | Kind::MetricFilter
        | Kind::Dashboard => &[],
    }
}
