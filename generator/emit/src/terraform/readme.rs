//! The module's `README.md`.

use hcl_edit::structure::BlockLabel;
use jit_runners_model::{Concern, Deployment, Expr, Node, Piece, Text, resource::Resource};
use minijinja::{AutoEscape, Environment, Value, context};

use super::{
    concern_file,
    input::{Input, inputs},
    module_files::{PROVIDER_SOURCE, PROVIDER_VERSION, REQUIRED_VERSION},
    print::one_line,
    resource::blocks,
};
use crate::{NOTICE, key_policy};

const TEMPLATE: &str = include_str!("readme.md.jinja");

pub(super) fn readme(deployment: &Deployment) -> String {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    let values = context! {
        notice => NOTICE,
        architecture => deployment.choices().architecture.as_str(),
        longest_name => deployment.longest_name().0,
        keys => key_policy::sections(deployment),
        model_count => deployment.resources().len(),
        required_version => REQUIRED_VERSION,
        provider_source => PROVIDER_SOURCE,
        provider_version => PROVIDER_VERSION,
        groups => groups(&inputs(deployment)),
        outputs => deployment.outputs().iter().map(|output| context! {
            name => output.terraform,
            description => cell(output.description),
        }).collect::<Vec<_>>(),
        resource_count => deployment.resources().iter().map(|node| blocks(node).len()).sum::<usize>(),
        files => files(deployment),
    };
    let text = environment.render_str(TEMPLATE, values).expect("the template is part of this program");
    format!("{}\n", text.trim_end())
}

fn groups(inputs: &[Input]) -> Vec<Value> {
    let input = |input: &Input| {
        context! {
            name => input.name,
            description => cell(input.description),
            kind => input.kind,
            default => input.default.as_ref().map_or("required".to_owned(), |default| code(&one_line(default))),
        }
    };
    inputs
        .chunk_by(|a, b| a.group == b.group)
        .map(|run| context! { title => run[0].group, inputs => run.iter().map(input).collect::<Vec<_>>() })
        .collect()
}

fn files(deployment: &Deployment) -> Vec<Value> {
    Concern::ALL
        .into_iter()
        .filter_map(|concern| {
            let nodes = deployment.resources().iter().filter(|node| node.concern == concern);
            let resources: Vec<_> = nodes.flat_map(rows).collect();
            (!resources.is_empty())
                .then(|| context! { path => concern_file(concern), title => concern.title(), resources })
        })
        .collect()
}

/// A row for each block of a resource.
fn rows(node: &Node) -> Vec<Value> {
    let name = node.resource.physical_name().map_or_else(String::new, |(name, _)| code(&shown(name)));
    let purposes = [(name, purpose(&node.resource)), (String::new(), companion_purpose(&node.resource))];
    blocks(node)
        .iter()
        .zip(purposes)
        .map(|(block, (name, purpose))| {
            let address = block.labels.iter().map(BlockLabel::as_str).collect::<Vec<_>>().join(".");
            context! { address, name, purpose => cell(purpose) }
        })
        .collect()
}

/// What a resource is for, where it does not say so itself.
fn purpose(resource: &Resource) -> &str {
    match resource {
        Resource::Api(api) => api.description,
        Resource::Function(function) => function.description,
        Resource::Role(role) => role.description,
        Resource::CustomResource(custom) => custom.description,
        Resource::SecurityGroup(group) => group.group_description,
        Resource::Schedule(schedule) => schedule.description,
        Resource::EventRule(rule) => rule.description,
        Resource::Alarm(alarm) => alarm.alarm_description,
        Resource::Integration(_) => "Hands requests to the webhook function",
        Resource::Route(_) => "The one path that is answered",
        Resource::Stage(_) => "The deployed API, with its access log and limits",
        Resource::Queue(queue) if queue.redrive.is_none() => {
            "What could not be processed, for people to look at"
        }
        Resource::Queue(_) => "Work that waits for its function",
        Resource::QueuePolicy(_) => "Who else may send to the queue",
        Resource::Table(_) => "Where jobs and runners stand",
        Resource::Permission(_) => "Lets the API invoke the function",
        Resource::EventSourceMapping(_) => "Feeds the queue to the function",
        Resource::EventInvokeConfig(_) => "How often a scheduled run is tried again",
        Resource::InstanceProfile(_) => "Hands the runner's role to instances",
        Resource::LogGroup(_) => "Log",
        Resource::MetricFilter(_) => "Makes a metric of log lines",
        Resource::Dashboard(_) => "The graphs that operators look at",
    }
}

/// What the second block of a resource is for.
fn companion_purpose(resource: &Resource) -> &'static str {
    match resource {
        Resource::Role(_) => "What the role permits",
        Resource::EventRule(_) => "Where the rule's events go",
        Resource::Api(_)
        | Resource::Integration(_)
        | Resource::Route(_)
        | Resource::Stage(_)
        | Resource::Queue(_)
        | Resource::QueuePolicy(_)
        | Resource::Table(_)
        | Resource::Function(_)
        | Resource::Permission(_)
        | Resource::EventSourceMapping(_)
        | Resource::EventInvokeConfig(_)
        | Resource::InstanceProfile(_)
        | Resource::SecurityGroup(_)
        | Resource::Schedule(_)
        | Resource::CustomResource(_)
        | Resource::LogGroup(_)
        | Resource::MetricFilter(_)
        | Resource::Alarm(_)
        | Resource::Dashboard(_) => "",
    }
}

/// A name as people think of it: `<name>-scaleup`.
fn shown(name: &Text) -> String {
    let piece = |piece: &Piece| match piece {
        Piece::Literal(characters) => characters.clone(),
        Piece::Expr(Expr::DeploymentName) => "<name>".to_owned(),
        Piece::Expr(Expr::Region) => "<region>".to_owned(),
        Piece::Expr(Expr::AccountId) => "<account>".to_owned(),
        Piece::Expr(Expr::Partition) => "<partition>".to_owned(),
        Piece::Expr(Expr::Parameter(id) | Expr::JoinedParameter(id)) => format!("<{}>", id.terraform),
        Piece::Expr(Expr::Attribute { of, .. }) => format!("<{}>", of.label),
    };
    name.pieces().iter().map(piece).collect()
}

/// Characters that mean themselves, in a cell of a table.
fn code(text: &str) -> String {
    let fence = if text.contains('`') { "``" } else { "`" };
    cell(&format!("{fence}{text}{fence}"))
}

/// A cell of a table: a bar would end it.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
