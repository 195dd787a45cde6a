//! The kinds of resources, one idea a file, with AWS's own field names.

mod custom;
mod function;
mod http_api;
mod links;
mod observability;
mod queue;
mod role;
mod schedule;
mod security_group;
mod table;

pub use custom::CustomResource;
pub use function::{
    EventInvokeConfig, EventSourceMapping, Function, Integration, Permission, SystemLogLevel,
};
pub use http_api::{Api, Route, Stage};
pub use observability::{
    Alarm, Comparison, Dashboard, LogGroup, Metric, MetricFilter, MissingData, Statistic, Widget,
};
pub use queue::{Queue, QueuePolicy, Redrive};
pub use role::{InstanceProfile, Role};
pub use schedule::{EventPattern, EventRule, Schedule};
pub use security_group::SecurityGroup;
pub use table::{AttributeDefinition, AttributeType, GlobalSecondaryIndex, Table};

use crate::{parameter::Condition, value::Text};

/// A resource's two names inside the files, which people see in plans and in stack events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourceId {
    /// `CloudFormation`'s logical id, for example `ScaleUpQueue`.
    pub logical_id: &'static str,
    /// Terraform's label, for example `scaleup` in `aws_sqs_queue.scaleup`.
    pub label: &'static str,
}

#[cfg(feature = "scaling")]
impl ResourceId {
    /// The id of a copy. The names live as long as the process, like all the others.
    pub(crate) fn numbered(self, copy: usize) -> Self {
        Self {
            logical_id: format!("{}{copy}", self.logical_id).leak(),
            label: format!("{}_{copy}", self.label).leak(),
        }
    }
}

/// An attribute that a resource has once it exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Attribute {
    /// Its ARN.
    Arn,
    /// The id that the service gave it.
    Id,
    /// Its name.
    Name,
    /// Its URL.
    Url,
    /// The address where it answers.
    Endpoint,
    /// A role's stable unique id.
    UniqueId,
}

/// How data is encrypted at rest. There is no way to say "not at all".
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Encryption {
    /// With a key that the service owns, at no cost.
    ServiceOwned,
    /// With a key of the account, by its ARN.
    CustomerManaged(Text),
}

/// A struct that stands for a kind of resource.
pub trait IsKind {
    /// The kind.
    const KIND: Kind;
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident,)+) => {
        /// The kinds of resources.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind {
            $($(#[$doc])* $kind,)+
        }

        impl Kind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$kind,)+];

            /// The name of its struct.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$kind => stringify!($kind),)+ }
            }
        }

        /// A resource of any kind.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum Resource {
            $($(#[$doc])* $kind($kind),)+
        }

        impl Resource {
            /// Its kind.
            pub const fn kind(&self) -> Kind {
                match self { $(Self::$kind(_) => Kind::$kind,)+ }
            }
        }

        $(
            impl IsKind for $kind {
                const KIND: Kind = Kind::$kind;
            }
            impl From<$kind> for Resource {
                fn from(resource: $kind) -> Self {
                    Self::$kind(resource)
                }
            }
        )+
    };
}

kinds! {
    /// An HTTP API.
    Api,
    /// What an HTTP API calls.
    Integration,
    /// Which requests go where.
    Route,
    /// A deployed HTTP API.
    Stage,
    /// A queue.
    Queue,
    /// Who else may use a queue.
    QueuePolicy,
    /// A table.
    Table,
    /// A Lambda function.
    Function,
    /// Lets a service invoke a function.
    Permission,
    /// Feeds a queue to a function.
    EventSourceMapping,
    /// Retries of asynchronous invocations.
    EventInvokeConfig,
    /// A role.
    Role,
    /// Hands a role to instances.
    InstanceProfile,
    /// A firewall around instances.
    SecurityGroup,
    /// Invokes a function at a steady rate.
    Schedule,
    /// Sends events to a queue.
    EventRule,
    /// What a function makes and takes away.
    CustomResource,
    /// Keeps log events.
    LogGroup,
    /// Counts log events.
    MetricFilter,
    /// Tells people.
    Alarm,
    /// A page of graphs.
    Dashboard,
}

impl Kind {
    /// Whether resources of this kind carry the deployment's tags. The others have no tags in one dialect or
    /// the other, or nobody is billed for them.
    pub const fn is_tagged(self) -> bool {
        match self {
            Self::Api
            | Self::Queue
            | Self::Table
            | Self::Function
            | Self::Role
            | Self::SecurityGroup
            | Self::LogGroup => true,
            Self::Integration
            | Self::Route
            | Self::Stage
            | Self::QueuePolicy
            | Self::Permission
            | Self::EventSourceMapping
            | Self::EventInvokeConfig
            | Self::InstanceProfile
            | Self::Schedule
            | Self::EventRule
            | Self::CustomResource
            | Self::MetricFilter
            | Self::Alarm
            | Self::Dashboard => false,
        }
    }
}

impl Resource {
    /// The question on which some of its fields depend.
    pub const fn condition_of_fields(&self) -> Option<Condition> {
        match self {
            Self::Alarm(alarm) => Some(Condition::IsSet(alarm.topic)),
            Self::Api(_)
            | Self::Integration(_)
            | Self::Route(_)
            | Self::Stage(_)
            | Self::Queue(_)
            | Self::QueuePolicy(_)
            | Self::Table(_)
            | Self::Function(_)
            | Self::Permission(_)
            | Self::EventSourceMapping(_)
            | Self::EventInvokeConfig(_)
            | Self::Role(_)
            | Self::InstanceProfile(_)
            | Self::SecurityGroup(_)
            | Self::Schedule(_)
            | Self::EventRule(_)
            | Self::CustomResource(_)
            | Self::LogGroup(_)
            | Self::MetricFilter(_)
            | Self::Dashboard(_) => None,
        }
    }

    /// The name under which the service knows it, and the longest one that the service takes. Resources that
    /// only join two others have none.
    pub fn physical_name(&self) -> Option<(&Text, usize)> {
        match self {
            Self::Api(api) => Some((&api.name, 128)),
            Self::Queue(queue) => Some((&queue.queue_name, 80)),
            Self::Table(table) => Some((&table.table_name, 255)),
            Self::Function(function) => Some((&function.function_name, 64)),
            Self::Role(role) => Some((&role.role_name, 64)),
            Self::InstanceProfile(profile) => Some((&profile.instance_profile_name, 128)),
            Self::SecurityGroup(group) => Some((&group.group_name, 255)),
            Self::Schedule(schedule) => Some((&schedule.name, 64)),
            Self::EventRule(rule) => Some((&rule.name, 64)),
            Self::LogGroup(group) => Some((&group.log_group_name, 512)),
            Self::Alarm(alarm) => Some((&alarm.alarm_name, 255)),
            Self::Dashboard(dashboard) => Some((&dashboard.dashboard_name, 255)),
            Self::Integration(_)
            | Self::Route(_)
            | Self::Stage(_)
            | Self::QueuePolicy(_)
            | Self::Permission(_)
            | Self::EventSourceMapping(_)
            | Self::EventInvokeConfig(_)
            | Self::CustomResource(_)
            | Self::MetricFilter(_) => None,
        }
    }
}
