//! The kinds of resources, one service a file, with AWS's own field names.

mod api_gateway;
mod cloudwatch;
mod dynamodb;
mod ec2;
mod events;
mod field;
mod iam;
mod lambda;
mod link;
mod sqs;

pub use api_gateway::{Api, Integration, Route, Stage};
pub use cloudwatch::{
    Alarm, Comparison, Dashboard, LogGroup, Metric, MetricFilter, MissingData, Statistic, Widget,
};
pub use dynamodb::{AttributeDefinition, AttributeType, GlobalSecondaryIndex, Table};
pub use ec2::SecurityGroup;
pub use events::{EventPattern, EventRule, Schedule};
pub use field::{FieldValue, Fields};
pub use iam::{InstanceProfile, Role};
pub use lambda::{
    CustomResource, EventInvokeConfig, EventSourceMapping, Function, Permission, SystemLogLevel,
};
pub use link::{AnyRef, Ref};
pub use sqs::{Queue, QueuePolicy, Redrive};

use self::link::attributes;
use crate::{parameter::InputCondition, value::Text};

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
pub trait IsKind: Sized + 'static {
    /// The kind.
    const KIND: Kind;

    /// `resource`, if it is of this kind.
    fn of(resource: &Resource) -> Option<&Self>;
}

/// What each kind says of itself, beside its struct.
pub(crate) trait Describe {
    /// Whether resources of this kind carry the deployment's tags. The others have no tags in one dialect or
    /// the other, or cost nothing.
    const IS_TAGGED: bool;

    /// The name under which the service knows it, and the longest one that the service takes. Resources that
    /// only join two others have none.
    fn physical_name(&self) -> Option<(&Text, usize)>;

    /// What it is for.
    fn purpose(&self) -> &'static str;

    /// The question on which some of its fields depend.
    fn condition_of_fields(&self) -> Option<InputCondition> {
        None
    }

    /// Every field. The struct is taken apart by the names of its fields, so that a new field does not compile before
    /// it is here.
    fn fields(&self) -> Fields<'_>;
}

macro_rules! kinds {
    ($d:tt $($(#[$doc:meta])* $kind:ident,)+) => {
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

            /// Whether resources of this kind carry the deployment's tags. The others have no tags in one dialect or
            /// the other, or cost nothing.
            pub const fn is_tagged(self) -> bool {
                match self { $(Self::$kind => <$kind as Describe>::IS_TAGGED,)+ }
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

            /// The name under which the service knows it, and the longest one that the service takes. Resources that
            /// only join two others have none.
            pub fn physical_name(&self) -> Option<(&Text, usize)> {
                match self { $(Self::$kind(resource) => resource.physical_name(),)+ }
            }

            /// What it is for.
            pub fn purpose(&self) -> &'static str {
                match self { $(Self::$kind(resource) => resource.purpose(),)+ }
            }

            /// The question on which some of its fields depend.
            pub fn condition_of_fields(&self) -> Option<InputCondition> {
                match self { $(Self::$kind(resource) => resource.condition_of_fields(),)+ }
            }

            /// Every field, by its name.
            pub fn fields(&self) -> Fields<'_> {
                match self { $(Self::$kind(resource) => resource.fields(),)+ }
            }
        }

        /// Does the same with a resource of any kind: the body is compiled once for each kind, with `$name` as its struct.
        /// A new kind does not compile before it has all that the body asks for.
        ///
        /// ```
        /// use jit_runners_model::{Choices, Deployment, match_resource, resource::IsKind};
        ///
        /// fn kind<K: IsKind>(_: &K) -> &'static str {
        ///     K::KIND.as_str()
        /// }
        ///
        /// let deployment = Deployment::new(Choices::default())?;
        /// for node in deployment.resources() {
        ///     assert_eq!(match_resource!(&node.resource, it => kind(it)), node.resource.kind().as_str());
        /// }
        /// # Ok::<(), jit_runners_model::Refused>(())
        /// ```
        #[macro_export]
        macro_rules! match_resource {
            ($d resource:expr, $d name:ident => $d body:expr) => {
                match $d resource { $($crate::resource::Resource::$kind($d name) => $d body,)+ }
            };
        }

        /// Does the same for any kind: the body is compiled once for each, with `$name` as the type of its struct.
        ///
        /// ```
        /// use jit_runners_model::{match_kind, resource::{IsKind, Kind}};
        ///
        /// for kind in Kind::ALL {
        ///     assert_eq!(match_kind!(*kind, K => <K as IsKind>::KIND), *kind);
        /// }
        /// ```
        #[macro_export]
        macro_rules! match_kind {
            ($d kind:expr, $d name:ident => $d body:expr) => {
                match $d kind {
                    $($crate::resource::Kind::$kind => {
                        type $d name = $crate::resource::$kind;
                        $d body
                    })+
                }
            };
        }

        $(
            impl IsKind for $kind {
                const KIND: Kind = Kind::$kind;

                fn of(resource: &Resource) -> Option<&Self> {
                    match resource {
                        Resource::$kind(resource) => Some(resource),
                        _ => None,
                    }
                }
            }
            impl From<$kind> for Resource {
                fn from(resource: $kind) -> Self {
                    Self::$kind(resource)
                }
            }
        )+
    };
}

// The first argument is what stands before the names of the arguments in the two macros that it makes.
kinds! {
    $
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
