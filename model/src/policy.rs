//! IAM policy documents
//! (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html>).
//!
//! ```
//! use jit_runners_model::{Expr, policy::{Operator, PolicyCondition, Service}};
//!
//! let condition = PolicyCondition::new(Operator::StringEquals, "aws:SourceAccount", Expr::AccountId);
//! assert_eq!(condition.values, [Expr::AccountId.into()]);
//! assert_eq!(Service::Ec2.principal(), "ec2.amazonaws.com");
//! ```

use crate::value::Text;

/// What a role, or a resource, allows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policy {
    /// The statements, in the order in which people read them.
    pub statements: Vec<Statement>,
}

/// One permission and the reason for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Its name, unique in the policy: letters and digits.
    pub sid: &'static str,
    /// Why it is needed, for the reader of the permissions page. A phrase without a full stop.
    pub reason: &'static str,
    /// Who gets it. Only a resource's policy says so; a role's policy applies to those who assume the role.
    pub service: Option<Service>,
    /// API actions such as `sqs:SendMessage`.
    pub actions: Vec<&'static str>,
    /// ARNs, or `*` where the action has no resource-level permissions.
    pub resources: Vec<Text>,
    /// What else must hold, all of it.
    pub conditions: Vec<PolicyCondition>,
}

/// How a condition compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Operator {
    /// Equal, letter by letter.
    StringEquals,
    /// Equal, each of the request's values. A request without the key passes, so this is for keys that every
    /// request of the statement's actions has
    /// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html>).
    ForAllValuesStringEquals,
    /// Equal as an ARN.
    ArnEquals,
}

impl Operator {
    /// The element's name in a policy document.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::StringEquals => "StringEquals",
            Self::ForAllValuesStringEquals => "ForAllValues:StringEquals",
            Self::ArnEquals => "ArnEquals",
        }
    }
}

/// A requirement on a key of the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyCondition {
    /// How to compare.
    pub operator: Operator,
    /// The condition key, for example `iam:PassedToService`.
    pub key: String,
    /// Any one of these.
    pub values: Vec<Text>,
}

impl PolicyCondition {
    /// `key` compared with a single value.
    pub fn new(operator: Operator, key: impl Into<String>, value: impl Into<Text>) -> Self {
        Self { operator, key: key.into(), values: vec![value.into()] }
    }
}

/// An AWS service as the holder of a permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Service {
    /// API Gateway.
    ApiGateway,
    /// EC2, for the role of an instance.
    Ec2,
    /// EC2 Spot, for its service-linked role.
    Ec2Spot,
    /// EventBridge rules.
    Events,
    /// Lambda.
    Lambda,
    /// EventBridge Scheduler.
    Scheduler,
}

impl Service {
    /// The service's principal.
    pub const fn principal(self) -> &'static str {
        match self {
            Self::ApiGateway => "apigateway.amazonaws.com",
            Self::Ec2 => "ec2.amazonaws.com",
            Self::Ec2Spot => "spot.amazonaws.com",
            Self::Events => "events.amazonaws.com",
            Self::Lambda => "lambda.amazonaws.com",
            Self::Scheduler => "scheduler.amazonaws.com",
        }
    }
}
