//! The module's `README.md`.

use hcl_edit::structure::BlockLabel;
use jit_runners_model::{Concern, Deployment, Expr, Node, Piece, Text};
use minijinja::{AutoEscape, Environment, Value, context};

use super::{
    concern_file,
    input::{Input, inputs},
    module_files::{PROVIDER_SOURCE, PROVIDER_VERSION, REQUIRED_VERSION},
    print::one_line,
    resource::{blocks, companion},
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
    blocks(node)
        .iter()
        .enumerate()
        .map(|(index, block)| {
            let address = block.labels.iter().map(BlockLabel::as_str).collect::<Vec<_>>().join(".");
            let (name, purpose) = match companion(node.resource.kind()) {
                Some(companion) if index > 0 => ("", companion.purpose),
                _ => (name.as_str(), node.resource.purpose()),
            };
            context! { address, name, purpose => cell(purpose) }
        })
        .collect()
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
