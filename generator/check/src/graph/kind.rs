//! The kinds of resources that the check knows: those of the model, and what strangers' files have besides.

use jit_runners_model::resource::Kind as ModelKind;

macro_rules! kinds {
    ($($of_model:ident),+; $($besides:ident),+) => {
        /// A kind of resources.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(crate) enum Kind {
            $(#[doc = "A kind of the model."] $of_model,)+
            $(#[doc = "A kind that the model does not have."] $besides,)+
        }

        impl Kind {
            /// Every kind.
            pub(crate) const ALL: &'static [Self] = &[$(Self::$of_model,)+ $(Self::$besides,)+];

            /// What reports call it.
            pub(crate) const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$of_model => stringify!($of_model),)+
                    $(Self::$besides => stringify!($besides),)+
                }
            }
        }

        // Without a catch-all arm: a new kind of the model does not compile before the check has one for it.
        impl From<ModelKind> for Kind {
            fn from(kind: ModelKind) -> Self {
                match kind { $(ModelKind::$of_model => Self::$of_model,)+ }
            }
        }
    };
}

kinds! {
    Api,
    Integration,
    Route,
    Stage,
    Queue,
    QueuePolicy,
    Table,
    Function,
    Permission,
    EventSourceMapping,
    EventInvokeConfig,
    Role,
    InstanceProfile,
    SecurityGroup,
    Schedule,
    EventRule,
    CustomResource,
    LogGroup,
    MetricFilter,
    Alarm,
    Dashboard;
    ServiceLinkedRole
}
