//! Reads both dialects, brings them into the same words, and compares them.
//!
//! ```text
//! files -> Graph -> pair inputs -> shape -> rules -> compare -> Report
//! ```

mod ignore;
mod plan;

use std::{fmt, sync::Arc};

pub use ignore::IgnoreList;
use jit_runners_model::{Choices, Deployment};
pub use plan::check_plan;

use crate::{
    compare,
    difference::{Difference, Given, Ignored, LeftOut, Reason, Unknown},
    graph::{Graph, Shaper, forget_inputs},
    problem::{ModuleProblem, Problem},
    read::{Place, SourceFile},
    readers::{from_cloudformation, from_model, from_terraform},
    rules,
    terraform::OtherFiles,
};

/// Reasons that are shown at once, at most: one mistake can have hundreds of consequences.
const MOST_SHOWN: usize = 50;

/// What a check found.
#[derive(Debug)]
pub struct Report {
    /// What was compared.
    pub subject: Subject,
    /// Resources that were compared.
    pub resources: usize,
    /// Properties that were compared.
    pub attributes: usize,
    /// What is not the same everywhere, sorted.
    pub differences: Vec<Difference>,
    /// Values that were not compared, because nobody knows them before a plan is carried out.
    pub unknown: Vec<Unknown>,
    /// Files of somebody else in the module's folder: only what they attach to the module was compared.
    pub guests: Vec<String>,
    /// Inputs whose values stand beside the module, and are not compared.
    pub given: Vec<Given>,
    /// Differences that somebody asked to ignore.
    pub ignored: Vec<Ignored>,
    /// What could not be read, where somebody asked to compare the rest.
    pub partial: Option<Partial>,
}

/// What could not be read of files of which the rest was compared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Partial {
    /// Why, in the order of the files.
    pub reasons: Vec<Reason>,
    /// Resources and values that could not be compared, sorted.
    pub left_out: Vec<LeftOut>,
}

impl Partial {
    /// How many resources, inputs, outputs and requirements, and how many single values, could not be compared.
    pub fn counts(&self) -> (usize, usize) {
        let whole = self.left_out.iter().filter(|out| out.path.is_empty()).count();
        (whole, self.left_out.len() - whole)
    }
}

/// What a report says in the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The files say the same.
    Equivalent,
    /// There are differences.
    Different,
    /// There are none in what could be compared, and something could not.
    Incomplete,
}

/// What a report is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// Two files, as they are written.
    Files,
    /// Two files, as they are written, and the model.
    FilesAndModel,
    /// A plan, and what a template makes of the same inputs.
    Plan,
}

impl Report {
    /// Whether both files say the same, and what the model says, if there is one.
    pub fn is_equivalent(&self) -> bool {
        self.verdict() == Verdict::Equivalent
    }

    /// What the report says in the end: nothing is equivalent of which something could not be read.
    pub fn verdict(&self) -> Verdict {
        let is_whole = self
            .partial
            .as_ref()
            .is_none_or(|partial| partial.reasons.is_empty() && partial.left_out.is_empty());
        match (self.differences.is_empty(), is_whole) {
            (false, _) => Verdict::Different,
            (true, true) => Verdict::Equivalent,
            (true, false) => Verdict::Incomplete,
        }
    }

    /// Whether a model was beside the two files.
    pub fn has_model(&self) -> bool {
        self.subject == Subject::FilesAndModel
    }

    fn of(graphs: Vec<Graph>, subject: Subject) -> Self {
        let is_partial = graphs.iter().any(|graph| graph.omitted.is_partial);
        let reasons = graphs.iter().flat_map(|graph| &graph.omitted.problems).map(Reason::new).collect();
        let compare::Comparison { resources, attributes, unknown, left_out, differences } =
            compare::compare(graphs);
        Self {
            subject,
            resources,
            attributes,
            differences,
            unknown,
            guests: Vec::new(),
            given: Vec::new(),
            ignored: Vec::new(),
            partial: is_partial.then_some(Partial { reasons, left_out }),
        }
    }
}

/// Why files could not be compared: every reason, in the order of the files.
///
/// ```
/// use jit_runners_check::{SourceFile, check};
///
/// let module = SourceFile::new("main.tf", "locals {\n  name = var.nmae\n}\nvariable \"name\" {}\n");
/// let template = SourceFile::new("template.yaml", "Resources: {}\n");
/// let Err(unreadable) = check(&[module], &template, None) else { unreachable!() };
/// assert_eq!(
///     unreadable.lines()[0],
///     "main.tf:2:10: `var.nmae` is not declared in these files; did you mean `var.name`?"
/// );
/// ```
#[derive(Debug, Clone)]
pub struct Unreadable {
    problems: Vec<Problem>,
}

impl Unreadable {
    pub(crate) fn problems(&self) -> impl Iterator<Item = &Problem> {
        self.problems.iter()
    }

    /// Each reason on a line: file, line and column, what was found and what to do.
    pub fn lines(&self) -> Vec<String> {
        self.problems.iter().map(|problem| format!("{}: {}", problem.place, problem.kind)).collect()
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.problems.len();
        let plural = if count == 1 { "" } else { "s" };
        write!(f, "{count} problem{plural}; nothing was compared")?;
        self.lines().iter().take(MOST_SHOWN).try_for_each(|line| write!(f, "\n{line}"))?;
        match count.checked_sub(MOST_SHOWN) {
            None | Some(0) => Ok(()),
            Some(more) => write!(f, "\n({more} more)"),
        }
    }
}

impl std::error::Error for Unreadable {}

/// Compares the Terraform files in `terraform` with the template in `template`, and both with `model`, if there is one.
///
/// ```
/// use jit_runners_check::{SourceFile, check};
///
/// let module = SourceFile::new(
///     "main.tf",
///     "resource \"aws_cloudwatch_log_group\" \"jobs\" {\n  name = \"/jobs\"\n  retention_in_days = 7\n}\n",
/// );
/// let template = SourceFile::new(
///     "template.yaml",
///     "Resources:\n  Jobs:\n    Type: AWS::Logs::LogGroup\n    Properties:\n      LogGroupName: /jobs\n      RetentionInDays: 14\n",
/// );
/// let report = check(&[module], &template, None)?;
/// let [difference] = report.differences.as_slice() else { unreachable!("{:?}", report.differences) };
/// assert_eq!(difference.path, "RetentionInDays");
/// assert_eq!(difference.terraform.as_ref().and_then(|side| side.line), Some(3));
/// # Ok::<(), jit_runners_check::Unreadable>(())
/// ```
pub fn check(
    terraform: &[SourceFile],
    template: &SourceFile,
    model: Option<&Deployment>,
) -> Result<Report, Unreadable> {
    check_among(terraform, &OtherFiles::default(), template, model)
}

/// Does what [`check`] does, where files of somebody else stand beside those of the module.
pub fn check_among(
    terraform: &[SourceFile],
    others: &OtherFiles,
    template: &SourceFile,
    model: Option<&Deployment>,
) -> Result<Report, Unreadable> {
    compare_files(terraform, others, template, model, false)
}

/// Does what [`check_among`] does, but compares what it can where something cannot be read ([`Report::partial`]).
///
/// ```
/// use jit_runners_check::{OtherFiles, SourceFile, Verdict, check_partly};
///
/// let module = SourceFile::new(
///     "main.tf",
///     "resource \"aws_sns_topic\" \"a\" {\n  name = \"a\"\n}\nresource \"aws_vpc\" \"v\" {\n}\n",
/// );
/// let template = SourceFile::new(
///     "template.yaml",
///     "Resources:\n  A:\n    Type: AWS::SNS::Topic\n    Properties: {TopicName: a}\n",
/// );
/// let report = check_partly(&[module], &OtherFiles::default(), &template, None)?;
/// assert_eq!(report.verdict(), Verdict::Incomplete);
/// assert_eq!(report.partial.map(|partial| partial.counts()), Some((1, 0)));
/// # Ok::<(), jit_runners_check::Unreadable>(())
/// ```
pub fn check_partly(
    terraform: &[SourceFile],
    others: &OtherFiles,
    template: &SourceFile,
    model: Option<&Deployment>,
) -> Result<Report, Unreadable> {
    compare_files(terraform, others, template, model, true)
}

fn compare_files(
    terraform: &[SourceFile],
    others: &OtherFiles,
    template: &SourceFile,
    model: Option<&Deployment>,
    is_partial: bool,
) -> Result<Report, Unreadable> {
    let mut problems = Vec::new();
    let template_graph = from_cloudformation(&template.name, &template.bytes, is_partial);
    let inputs: Vec<Arc<str>> = template_graph
        .iter()
        .flat_map(|graph| &graph.inputs)
        .map(|input| Arc::clone(&input.address))
        .collect();
    let ours = names_of_ours(model);
    // Of a template that cannot be read nobody knows what it asks for.
    let has_partner = |name: &str| {
        template_graph.is_err() || compare::has_partner(name, &inputs, &known(model, ours.as_ref()))
    };
    let terraform_graph = from_terraform(terraform, others, &has_partner, is_partial);
    let mut keep = |read: Result<Graph, Vec<Problem>>| match read {
        Ok(graph) => Some(graph),
        Err(found) => {
            problems.extend(found);
            None
        }
    };
    let template_file = template;
    let read = (keep(terraform_graph), keep(template_graph));
    let (Some(terraform), Some(template)) = read else { return Err(unreadable(problems)) };
    let given = terraform.given.iter().map(|(input, place)| Given::new(input, place)).collect();
    let report = compare_graphs(terraform, template, model)?;
    // Only a plan, or a part, has values that nobody knows. Nothing that passes over one may pass for an answer.
    if !is_partial && !report.unknown.is_empty() {
        let place = Place::whole(Arc::clone(&template_file.name));
        return Err(unreadable(vec![Problem { place, kind: ModuleProblem::Unfinished.into() }]));
    }
    let guests = others.names().iter().map(ToString::to_string).collect();
    Ok(Report { guests, given, ..report })
}

fn compare_graphs(
    mut terraform: Graph,
    template: Graph,
    model: Option<&Deployment>,
) -> Result<Report, Unreadable> {
    pair(&mut terraform, &template, model);
    compare::not_given(&mut terraform, &template);
    let mut graphs = vec![template, terraform];
    if graphs.iter().any(|graph| graph.omitted.is_partial) {
        forget_inputs(&mut graphs);
    }
    if let Some(model) = model {
        graphs.insert(0, from_model(model));
    }
    normalise(&mut graphs)?;
    let subject = if model.is_some() { Subject::FilesAndModel } else { Subject::Files };
    Ok(Report::of(graphs, subject))
}

/// Gives Terraform's inputs and outputs the template's names. Returns the input that stands for a stack's name.
fn pair(terraform: &mut Graph, template: &Graph, model: Option<&Deployment>) -> Option<Arc<str>> {
    let ours = names_of_ours(model);
    compare::pair(terraform, template, &known(model, ours.as_ref()))
}

/// Our own deployment, where there is no `model`: the names that our users already have in their scripts hold all the same.
fn names_of_ours(model: Option<&Deployment>) -> Option<Deployment> {
    if model.is_some() { None } else { Deployment::new(Choices::default()).ok() }
}

/// Pairs of Terraform's name and a template's, of inputs and outputs.
fn known<'m>(
    model: Option<&'m Deployment>,
    ours: Option<&'m Deployment>,
) -> Vec<(&'static str, &'static str)> {
    let names = model.or(ours);
    let inputs = names
        .iter()
        .flat_map(|names| names.parameters())
        .map(|input| (input.id.terraform, input.id.cloudformation));
    let outputs = names
        .iter()
        .flat_map(|names| names.outputs())
        .map(|output| (output.terraform, output.cloudformation));
    inputs.chain(outputs).collect()
}

/// Brings all graphs into the same words.
fn normalise(graphs: &mut [Graph]) -> Result<(), Unreadable> {
    let mut problems = Vec::new();
    let is_partial = graphs.iter().any(|graph| graph.omitted.is_partial);
    for graph in &mut *graphs {
        let mut shaper = Shaper::default();
        rules::spell_out_names(graph);
        shaper.graph(graph);
        rules::apply(graph);
        if is_partial && !shaper.problems.iter().any(|problem| problem.kind.is_fatal()) {
            graph.omitted.problems.extend(shaper.problems);
        } else {
            problems.extend(shaper.problems);
        }
    }
    problems.extend(graphs.iter().flat_map(compare::doubled_names));
    if problems.is_empty() { Ok(()) } else { Err(unreadable(problems)) }
}

fn unreadable(mut problems: Vec<Problem>) -> Unreadable {
    problems.sort_by(|left, right| left.place.cmp(&right.place));
    Unreadable { problems }
}
