//! The whole deployment as one valid value, what it hands out, and why choices were refused.
//!
//! ```
//! use jit_runners_model::{Choices, Deployment, DeploymentName};
//!
//! assert_eq!(Deployment::new(Choices::default())?.resources()[0].id.logical_id, "WebhookApi");
//! let name = DeploymentName::new("x".repeat(60)).unwrap();
//! let refused = Deployment::new(Choices { name, ..Choices::default() }).unwrap_err();
//! assert_eq!(refused.problems[0].path, ["name"]);
//! # Ok::<(), jit_runners_model::Refused>(())
//! ```

use std::{collections::BTreeSet, fmt};

use crate::{
    choices::{ChoiceProblem, Choices},
    name::TagKey,
    parameter::{InputCondition, Parameter},
    requirement::Requirement,
    resource::{IsKind, Ref, Resource, ResourceId},
    stack,
    value::{Expr, Piece, Text},
};

/// A part of the deployment that people look at on its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Concern {
    /// The HTTP API that receives webhooks.
    Ingress,
    /// The queues.
    Queues,
    /// The table.
    State,
    /// The functions with their logs, and what feeds them.
    Functions,
    /// What each function may do.
    Permissions,
    /// The runners' side.
    Runners,
    /// Schedules and events.
    Events,
    /// Metric filters, alarms, dashboard.
    Observability,
}

impl Concern {
    /// Every concern, in the order in which people read.
    pub const ALL: [Self; 8] = [
        Self::Ingress,
        Self::Queues,
        Self::State,
        Self::Functions,
        Self::Permissions,
        Self::Runners,
        Self::Events,
        Self::Observability,
    ];

    /// A heading.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Ingress => "Ingress: the HTTP API that receives GitHub's webhooks",
            Self::Queues => "Queues, each with its dead-letter queue",
            Self::State => "State of jobs and runners",
            Self::Functions => "Functions, their logs, and what feeds them",
            Self::Permissions => {
                "Permissions: one role per function, with what that function does and no more"
            }
            Self::Runners => "Runners: network, role and instance profile",
            Self::Events => "Schedules and EC2 events",
            Self::Observability => "Metric filters, alarms and dashboard",
        }
    }
}

/// A resource with its place in the deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Its names inside the files.
    pub id: ResourceId,
    /// What it belongs to.
    pub concern: Concern,
    /// The resource.
    pub resource: Resource,
}

/// The whole deployment: valid by construction, or refused with all reasons at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deployment {
    choices: Choices,
    parameters: Vec<Parameter>,
    requirements: Vec<Requirement>,
    resources: Vec<Node>,
    outputs: Vec<Output>,
}

impl Deployment {
    /// The deployment that follows from `choices`.
    pub fn new(choices: Choices) -> Result<Self, Refused> {
        let mut problems = choices.problems();
        let mut builder = DeploymentBuilder::new();
        let outputs = stack::assemble(&mut builder, &choices);
        let resources = builder.finish();
        let (parameters, requirements) = (stack::parameters(&choices), stack::requirements());
        let deployment = Self { choices, parameters, requirements, resources, outputs };
        problems.extend(deployment.name_problem());
        if problems.is_empty() { Ok(deployment) } else { Err(Refused { problems }) }
    }

    /// The deployment with everything in it `copies` times, for measuring how the generator scales. The copies
    /// differ in the names inside the files only; nobody could deploy them side by side.
    #[cfg(feature = "scaling")]
    pub fn repeated(choices: Choices, copies: usize) -> Result<Self, Refused> {
        let once = Self::new(choices)?;
        let mut builder = DeploymentBuilder::new();
        for copy in 0..copies {
            builder.copy = copy;
            stack::assemble(&mut builder, &once.choices);
        }
        Ok(Self { resources: builder.finish(), ..once })
    }

    /// The choices behind it.
    pub const fn choices(&self) -> &Choices {
        &self.choices
    }

    /// Its inputs, in the order in which people are asked for them.
    pub fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    /// What its inputs must fulfil together.
    pub fn requirements(&self) -> &[Requirement] {
        &self.requirements
    }

    /// Its resources, grouped by concern.
    pub fn resources(&self) -> &[Node] {
        &self.resources
    }

    /// Its resources of one kind, in the same order.
    pub fn resources_of<K: IsKind>(&self) -> impl Iterator<Item = (ResourceId, &K)> {
        self.resources.iter().filter_map(|node| Some((node.id, K::of(&node.resource)?)))
    }

    /// Its outputs.
    pub fn outputs(&self) -> &[Output] {
        &self.outputs
    }

    /// The tags of each resource whose kind is tagged: keys sorted, ours first.
    pub fn tags(&self) -> Vec<(&str, Text)> {
        let ours = (crate::contract::tag::DEPLOYMENT, Text::from(Expr::DeploymentName));
        let chosen =
            self.choices.tags.iter().map(|(key, value)| (TagKey::as_str(key), Text::literal(value.as_str())));
        std::iter::once(ours).chain(chosen).collect()
    }

    /// The conditions on which something in it depends, each once.
    pub fn conditions(&self) -> Vec<InputCondition> {
        let conditions = self.resources.iter().filter_map(|node| node.resource.condition_of_fields());
        conditions.collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// How long a deployment's name may be, so that every resource's name stays within its service's limit in
    /// every region, and the resource that sets the limit.
    ///
    /// # Panics
    /// Never: a deployment has functions, and functions have names.
    pub fn longest_name(&self) -> (usize, ResourceId) {
        self.resources
            .iter()
            .filter_map(|node| {
                let (name, limit) = node.resource.physical_name()?;
                Some((limit.saturating_sub(longest_without_deployment_name(name)), node.id))
            })
            .min_by_key(|(room, _)| *room)
            .expect("a deployment has named resources")
    }

    fn name_problem(&self) -> Option<ChoiceProblem> {
        let (longest, id) = self.longest_name();
        let name = self.choices.name.as_str();
        (name.len() > longest).then(|| ChoiceProblem {
            path: vec!["name".to_owned()],
            message: format!(
                "`{name}` has {} characters; {longest} is the most, because the name of {} is made from it; shorten it",
                name.len(),
                id.logical_id
            ),
        })
    }
}

/// The longest that a name can get apart from the deployment's name.
fn longest_without_deployment_name(name: &Text) -> usize {
    name.pieces()
        .iter()
        .map(|piece| match piece {
            Piece::Literal(text) => text.len(),
            // `ap-southeast-1` is the longest commercial name, `us-gov-west-1` and `us-isob-east-1` are no longer.
            Piece::Expr(Expr::Region) => "ap-southeast-1".len(),
            Piece::Expr(Expr::AccountId) => 12,
            Piece::Expr(Expr::Partition) => "aws-us-gov".len(),
            // The name itself is what is asked for; inputs and other resources are in no name.
            Piece::Expr(
                Expr::DeploymentName | Expr::Parameter(_) | Expr::JoinedParameter(_) | Expr::Attribute { .. },
            ) => 0,
        })
        .sum()
}

/// Collects resources. A link to a resource only comes from here, so every link points at something.
#[derive(Debug)]
pub struct DeploymentBuilder {
    concern: Concern,
    nodes: Vec<Node>,
    /// Which copy is being added, see [`Deployment::repeated`].
    #[cfg(feature = "scaling")]
    copy: usize,
}

impl DeploymentBuilder {
    pub(crate) const fn new() -> Self {
        Self {
            concern: Concern::Ingress,
            nodes: Vec::new(),
            #[cfg(feature = "scaling")]
            copy: 0,
        }
    }

    /// What is added from here on belongs to `concern`.
    pub(crate) const fn concern(&mut self, concern: Concern) -> &mut Self {
        self.concern = concern;
        self
    }

    /// Adds a resource under its two names and returns the link to it.
    pub fn add<K: IsKind + Into<Resource>>(
        &mut self,
        logical_id: &'static str,
        label: &'static str,
        resource: K,
    ) -> Ref<K> {
        Ref::new(self.push(ResourceId { logical_id, label }, resource.into()))
    }

    fn push(&mut self, id: ResourceId, resource: Resource) -> ResourceId {
        #[cfg(feature = "scaling")]
        let id = if self.copy == 0 { id } else { id.numbered(self.copy) };
        self.nodes.push(Node { id, concern: self.concern, resource });
        id
    }

    /// The resources, grouped by concern, each group in the order in which it was added.
    pub(crate) fn finish(mut self) -> Vec<Node> {
        self.nodes.sort_by_key(|node| node.concern);
        self.nodes
    }
}

/// One output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// `CloudFormation`'s name of it. It is exported as `<stack name>-<this name>`.
    pub cloudformation: &'static str,
    /// Terraform's name of it.
    pub terraform: &'static str,
    /// What it is good for.
    pub description: &'static str,
    /// The value.
    pub value: Text,
}

/// Every reason why choices do not make a deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The reasons; at least one.
    pub problems: Vec<ChoiceProblem>,
}

impl std::error::Error for Refused {}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            let newline = if index == 0 { "" } else { "\n" };
            write!(f, "{newline}{}: {}", problem.path.join("."), problem.message)?;
        }
        Ok(())
    }
}
