//! What people read: the architecture as a picture, the page that lists everything, and what can be chosen.
//! Pages are templates of Markdown, with values as people write them: `arn:PARTITION:sqs:REGION:ACCOUNT:<name>-scaleup`.

use std::collections::BTreeMap;

use diagram::Diagram;
use jit_runners_model::{
    Deployment, Expr, Piece, Seconds, Text,
    resource::{Attribute, Kind, Resource, ResourceId},
};
use minijinja::{Environment, syntax::SyntaxConfig, value::Serde};
use serde::Serialize;
use serde_json::Value;

use super::NOTICE;
use crate::GeneratedFile;

mod configuration;
mod diagram;
mod mermaid;
mod page;
mod svg;

pub(super) use mermaid::quoted;
pub(super) use page::{StatementView, statement};

/// The files of `docs/`, sorted by path; `schema` is that of the configuration file.
pub(crate) fn files(deployment: &Deployment, schema: &Value) -> Vec<GeneratedFile> {
    let diagram = Diagram::new(deployment);
    [
        ("docs/architecture.mmd", mermaid::text(&diagram)),
        ("docs/architecture.svg", svg::text(&diagram)),
        ("docs/configuration.md", configuration::text(deployment, schema)),
        ("docs/deployment.md", page::text(deployment)),
    ]
    .map(|(path, contents)| GeneratedFile { path: path.to_owned(), contents })
    .to_vec()
}

/// `template` with the values of `page`.
///
/// # Panics
/// Never: templates are a part of this program and are rendered by its tests.
pub(crate) fn render(template: &str, page: impl Serialize) -> String {
    // Tags of the template leave no blank lines behind, which would end a table.
    let syntax =
        SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true).build();
    let mut environment = Environment::new();
    environment.set_syntax(syntax.expect("the usual delimiters"));
    environment.add_filter("code", |text: &str| format!("`{text}`"));
    environment.add_filter("code_cell", |text: &str| code_cell(text));
    environment.add_filter("anchor", |heading: &str| anchor(heading));
    environment.add_filter("cell", |text: &str| cell(text));
    environment.render_str(template, Serde(page)).expect("the template fits the page")
}

/// `text` as code in a cell of a table.
fn code_cell(text: &str) -> String {
    // A pipe ends a cell even inside code.
    format!("`{}`", text.replace('|', "\\|"))
}

/// `text` in a cell of a table; what stands between backticks stays code.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

/// What GitHub makes of `heading`, to link to: lower case, blanks as hyphens, and no punctuation.
fn anchor(heading: &str) -> String {
    let kept = heading.to_lowercase().replace(' ', "-");
    kept.chars().filter(|c| c.is_alphanumeric() || matches!(c, '-' | '_')).collect()
}

/// A duration in its largest whole unit.
fn duration(seconds: Seconds) -> String {
    const HOUR: u32 = 60 * 60;
    const DAY: u32 = 24 * HOUR;
    match seconds.get() {
        DAY => "1 day".to_owned(),
        days if days >= DAY && days % DAY == 0 => format!("{} days", days / DAY),
        HOUR => "1 hour".to_owned(),
        hours if hours >= HOUR && hours % HOUR == 0 => format!("{} hours", hours / HOUR),
        seconds => format!("{seconds} s"),
    }
}

/// Fills in what a text says about other resources.
pub(crate) struct Reader<'a> {
    resources: BTreeMap<ResourceId, &'a Resource>,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(deployment: &'a Deployment) -> Self {
        Self { resources: deployment.resources().iter().map(|node| (node.id, &node.resource)).collect() }
    }

    /// `text` with a word in capitals for whatever only the account, the region or AWS knows, `<name>` for the
    /// deployment's name, and an input by its name.
    pub(crate) fn text(&self, text: &Text) -> String {
        text.pieces()
            .iter()
            .map(|piece| match piece {
                Piece::Literal(text) => text.clone(),
                Piece::Expr(expr) => self.expr(expr),
            })
            .collect()
    }

    fn expr(&self, expr: &Expr) -> String {
        match expr {
            Expr::DeploymentName => "<name>".to_owned(),
            Expr::Region => "REGION".to_owned(),
            Expr::AccountId => "ACCOUNT".to_owned(),
            Expr::Partition => "PARTITION".to_owned(),
            Expr::Parameter(id) | Expr::JoinedParameter(id) => format!("<{}>", id.cloudformation),
            Expr::Attribute { kind, of, attribute } => self.attribute(*kind, *of, *attribute),
        }
    }

    /// The name under which the service knows a resource.
    fn physical_name(&self, resource: &Resource) -> Option<String> {
        resource.physical_name().map(|(name, _)| self.text(name))
    }

    fn attribute(&self, kind: Kind, of: ResourceId, attribute: Attribute) -> String {
        let name =
            self.resources.get(&of).and_then(|resource| self.physical_name(resource)).unwrap_or_default();
        match attribute {
            Attribute::Arn => arn(kind, &name).unwrap_or_else(|| format!("<ARN of {}>", of.logical_id)),
            Attribute::Id => format!("<id of {}>", of.logical_id),
            Attribute::Name => name,
            Attribute::Url => format!("https://sqs.REGION.amazonaws.com/ACCOUNT/{name}"),
            Attribute::Endpoint => {
                format!("https://<id of {}>.execute-api.REGION.amazonaws.com", of.logical_id)
            }
            Attribute::UniqueId => format!("<unique id of {}>", of.logical_id),
        }
    }
}

/// How ARNs begin, of the kinds that others refer to by their ARN; the name follows.
const ARNS: [(Kind, &str); 6] = [
    (Kind::Queue, "arn:PARTITION:sqs:REGION:ACCOUNT:"),
    (Kind::Table, "arn:PARTITION:dynamodb:REGION:ACCOUNT:table/"),
    (Kind::Function, "arn:PARTITION:lambda:REGION:ACCOUNT:function:"),
    (Kind::EventRule, "arn:PARTITION:events:REGION:ACCOUNT:rule/"),
    (Kind::Role, "arn:PARTITION:iam::ACCOUNT:role/"),
    (Kind::InstanceProfile, "arn:PARTITION:iam::ACCOUNT:instance-profile/"),
];

/// The ARN of a resource of that name.
fn arn(kind: Kind, name: &str) -> Option<String> {
    ARNS.iter().find(|(known, _)| *known == kind).map(|(_, start)| format!("{start}{name}"))
}

#[cfg(test)]
mod tests {
    use jit_runners_model::{
        Choices, Deployment, Seconds, Text,
        resource::{Resource, ResourceId},
    };

    use super::{Reader, duration};

    #[test]
    fn durations_have_their_largest_whole_unit() {
        let said = [30, 90, 3_600, 5_400, 7_200, 86_400, 1_209_600].map(|s| duration(Seconds::new(s)));
        assert_eq!(said, ["30 s", "90 s", "1 hour", "5400 s", "2 hours", "1 day", "14 days"]);
    }

    #[test]
    fn references_are_filled_in() {
        let deployment = Deployment::new(Choices::default()).unwrap();
        let reader = Reader::new(&deployment);
        let environment: Vec<(&str, Text)> = deployment
            .resources()
            .iter()
            .find_map(|node| match (&node.id, &node.resource) {
                (ResourceId { logical_id: "ScaleUpFunction", .. }, Resource::Function(function)) => {
                    Some(function.environment.clone())
                }
                _ => None,
            })
            .unwrap();
        let said =
            |name: &str| reader.text(&environment.iter().find(|(variable, _)| *variable == name).unwrap().1);
        assert_eq!(said("TABLE_NAME"), "<name>-runners");
        assert_eq!(
            said("RUNNER_INSTANCE_PROFILE_ARN"),
            "arn:PARTITION:iam::ACCOUNT:instance-profile/<name>-REGION-runner"
        );
        assert_eq!(said("GITHUB_APP_ID"), "<GitHubAppId>");
        assert_eq!(said("RUNNER_ROLE_ID"), "<unique id of RunnerRole>");
    }
}
