//! One block for each resource, two where the provider splits what is one resource elsewhere.

mod custom;
mod event;
mod function;
mod http_api;
mod iam;
mod network;
mod observability;
mod queue;
mod table;

use hcl_edit::{expr::Expression, structure::Block};
use jit_runners_model::{
    AnyRef, Node,
    resource::{Kind, Resource},
};

use super::tree::{Contents, block, list, path};

/// The provider's type of resource for `kind`.
pub(super) const fn resource_type(kind: Kind) -> &'static str {
    match kind {
        Kind::Api => "aws_apigatewayv2_api",
        Kind::Integration => "aws_apigatewayv2_integration",
        Kind::Route => "aws_apigatewayv2_route",
        Kind::Stage => "aws_apigatewayv2_stage",
        Kind::Queue => "aws_sqs_queue",
        Kind::QueuePolicy => "aws_sqs_queue_policy",
        Kind::Table => "aws_dynamodb_table",
        Kind::Function => "aws_lambda_function",
        Kind::Permission => "aws_lambda_permission",
        Kind::EventSourceMapping => "aws_lambda_event_source_mapping",
        Kind::EventInvokeConfig => "aws_lambda_function_event_invoke_config",
        Kind::Role => "aws_iam_role",
        Kind::InstanceProfile => "aws_iam_instance_profile",
        Kind::SecurityGroup => "aws_security_group",
        Kind::Schedule => "aws_scheduler_schedule",
        Kind::EventRule => "aws_cloudwatch_event_rule",
        Kind::CustomResource => "aws_lambda_invocation",
        Kind::LogGroup => "aws_cloudwatch_log_group",
        Kind::MetricFilter => "aws_cloudwatch_log_metric_filter",
        Kind::Alarm => "aws_cloudwatch_metric_alarm",
        Kind::Dashboard => "aws_cloudwatch_dashboard",
    }
}

/// What a resource says of itself.
struct Emitted {
    contents: Contents,
    /// Resources to wait for that nothing in `contents` refers to.
    depends_on: Vec<Expression>,
    /// The part that the provider makes a resource of its own, with its type.
    companion: Option<(&'static str, Contents)>,
}

impl From<Contents> for Emitted {
    fn from(contents: Contents) -> Self {
        Self { contents, depends_on: Vec::new(), companion: None }
    }
}

/// What has to be there before whatever waits for `resource`: where the provider splits it in two, the part that comes
/// last.
fn dependency(resource: &AnyRef) -> Expression {
    let last = match resource.kind() {
        Kind::Role => iam::ROLE_POLICY,
        Kind::EventRule => event::EVENT_TARGET,
        kind => resource_type(kind),
    };
    path(&[last, resource.id().label])
}

/// What the second block of a resource is for, by its type.
pub(super) fn companion_purpose(block_type: &str) -> &'static str {
    match block_type {
        iam::ROLE_POLICY => "What the role permits",
        event::EVENT_TARGET => "Where the rule's events go",
        _ => "",
    }
}

/// The blocks of one resource, under its label.
pub(super) fn blocks(node: &Node) -> Vec<Block> {
    let Node { id, concern: _, resource } = node;
    let Emitted { contents, depends_on, companion } = match resource {
        Resource::Api(api) => http_api::api(api),
        Resource::Integration(integration) => http_api::integration(integration),
        Resource::Route(route) => http_api::route(route),
        Resource::Stage(stage) => http_api::stage(stage),
        Resource::Queue(queue) => queue::queue(queue),
        Resource::QueuePolicy(policy) => queue::queue_policy(policy),
        Resource::Table(table) => table::table(table),
        Resource::Function(function) => function::function(function),
        Resource::Permission(permission) => function::permission(permission),
        Resource::EventSourceMapping(mapping) => function::event_source_mapping(mapping),
        Resource::EventInvokeConfig(config) => function::event_invoke_config(config),
        Resource::Role(role) => iam::role(*id, role),
        Resource::InstanceProfile(profile) => iam::instance_profile(profile),
        Resource::SecurityGroup(group) => network::security_group(group),
        Resource::Schedule(schedule) => event::schedule(schedule),
        Resource::EventRule(rule) => event::rule(*id, rule),
        Resource::CustomResource(custom) => custom::custom_resource(custom),
        Resource::LogGroup(group) => observability::log_group(group),
        Resource::MetricFilter(filter) => observability::metric_filter(filter),
        Resource::Alarm(alarm) => observability::alarm(alarm),
        Resource::Dashboard(dashboard) => observability::dashboard(dashboard),
    };
    let kind = resource.kind();
    let tags = kind.is_tagged().then(|| path(&["local", "tags"]));
    let main = contents
        .set_some("tags", tags)
        .set_some("depends_on", (!depends_on.is_empty()).then(|| list(depends_on)));
    let main = block("resource", &[resource_type(kind), id.label], main);
    let companion = companion.map(|(kind, contents)| block("resource", &[kind, id.label], contents));
    std::iter::once(main).chain(companion).collect()
}
