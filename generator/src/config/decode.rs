//! From the located tree to choices. Starts from the defaults and overwrites what the file gives.

use std::collections::BTreeMap;

use jit_runners_model::{
    ApiUrl, Choices, Cidr, DeploymentName, ImageId, InstanceType, KeyArn, Label, LabelMapping, LabelMappings,
    Mebibytes, PolicyArn, RuleDescription, TagKey, TagValue,
    choices::{Architecture, EgressRule, FunctionChoices, Protocol, RunnerChoices, RunnerScope, Throttling},
    contract::{Handler, runner_release::ReleaseChoice},
};

use jit_runners_yaml::{
    Fields, Given, Located, Place, Problem, ProblemKind, Scalar, excerpt,
    quantity::{self, Quantity},
    refuse_tags,
    scalar::{self, flag, number, one_of, text},
};

use super::inputs::given_when_deploying;

/// The choices in `root`. Where something is wrong, `problems` grows, and the default stands in.
pub(super) fn choices(root: &Located, problems: &mut Vec<Problem>) -> Choices {
    refuse_tags(root, &mut Vec::new(), problems);
    let mut choices = Choices::default();
    let mut fields = Fields::of(root, Vec::new(), problems);
    let usual = choices.name.to_string();
    fields.set(problems, "name", &usual, &mut choices.name, |it| text(it, DeploymentName::new));
    choices.tags = tags(&fields.section(problems, "tags"), problems);
    let usual = choices.architecture.as_str();
    fields.set(problems, "architecture", usual, &mut choices.architecture, architecture);
    let mut functions = fields.section(problems, "functions");
    for handler in Handler::ALL {
        let section = functions.section(problems, handler.name());
        function(handler, section, choices.functions.get_mut(handler), problems);
    }
    functions.finish_with(problems, given_when_deploying);
    if let Some(items) = fields.list(problems, "label_mappings") {
        choices.label_mappings = label_mappings(items, problems);
    }
    runners(fields.section(problems, "runners"), &mut choices.runners, problems);
    let example = "arn:aws:iam::123456789012:policy/boundary";
    fields.set(problems, "permissions_boundary", example, &mut choices.permissions_boundary, |it| {
        text(it, PolicyArn::new).map(Some)
    });
    let example = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    fields.set(problems, "kms_key", example, &mut choices.kms_key, |it| text(it, KeyArn::new).map(Some));
    let usual = choices.github_api_url.to_string();
    fields.set(problems, "github_api_url", &usual, &mut choices.github_api_url, api_url);
    throttling(fields.section(problems, "throttling"), &mut choices.throttling, problems);
    fields.set(problems, "alarms", "true", &mut choices.alarms, flag);
    fields.set(problems, "dashboard", "true", &mut choices.dashboard, flag);
    fields.finish_with(problems, given_when_deploying);
    choices
}

/// An architecture, by any of its names.
fn architecture(scalar: &Scalar) -> Result<Architecture, ProblemKind> {
    let called = |architecture: &Architecture| architecture.other_names().contains(&scalar.text.as_str());
    match Architecture::ALL.into_iter().find(called) {
        Some(architecture) => Ok(architecture),
        None => one_of(scalar, &Architecture::ALL, Architecture::as_str),
    }
}

/// The address of the REST API; of another address of GitHub, it says which one is meant.
fn api_url(scalar: &Scalar) -> Result<ApiUrl, ProblemKind> {
    text(scalar, ApiUrl::new).map_err(|kind| match ApiUrl::meant(&scalar.text) {
        Some(write) => {
            let (found, expected) = (excerpt(&scalar.text), ApiUrl::EXPECTED);
            ProblemKind::Told { message: format!("found `{found}`; expected {expected}; write `{write}`") }
        }
        None => kind,
    })
}

fn tags(fields: &Fields<'_>, problems: &mut Vec<Problem>) -> BTreeMap<TagKey, TagValue> {
    let mut tags = BTreeMap::new();
    for entry in fields.all() {
        let mut refuse = |place: &Place, kind| {
            problems.push(Problem { place: place.clone(), path: fields.path_of(&entry.key), kind });
        };
        let key = TagKey::new(&entry.key).map_err(ProblemKind::from);
        let value = scalar::scalar(&entry.value, &format!("{}: \"\"", excerpt(&entry.key)))
            .and_then(|scalar| text(scalar, TagValue::new));
        match (key, value) {
            (Ok(key), Ok(value)) => {
                tags.insert(key, value);
            }
            (key, value) => {
                key.err().into_iter().for_each(|kind| refuse(&entry.place, kind));
                value.err().into_iter().for_each(|kind| refuse(&entry.value.place, kind));
            }
        }
    }
    tags
}

fn function(
    handler: Handler,
    mut fields: Fields<'_>,
    choices: &mut FunctionChoices,
    problems: &mut Vec<Problem>,
) {
    let (longest, _) = handler.longest_timeout();
    let FunctionChoices { memory, timeout, log_retention } = choices;
    let usual = *memory;
    fields.set(problems, "memory", &usual.written(), memory, |it| quantity::read(it, usual, Mebibytes::MAX));
    let usual = *timeout;
    fields.set(problems, "timeout", &usual.written(), timeout, |it| quantity::read(it, usual, longest.get()));
    let usual = *log_retention;
    fields.set(problems, "log_retention", &usual.written(), log_retention, |it| {
        quantity::read(it, usual, u32::MAX)
    });
    fields.finish_with(problems, given_when_deploying);
}

fn label_mappings(items: Vec<(&Located, Vec<String>)>, problems: &mut Vec<Problem>) -> LabelMappings {
    let mut first_places: BTreeMap<Label, Place> = BTreeMap::new();
    let mut mappings = Vec::new();
    for (item, path) in items {
        let mut fields = Fields::of(item, path.clone(), problems);
        // GitHub compares labels without regard to case.
        let label = fields.required(problems, "label", "large", |it| {
            text(it, |text| Label::in_mappings(text.to_lowercase()))
        });
        let instance_type =
            fields.required(problems, "instance_type", "c5.xlarge", |it| text(it, InstanceType::new));
        let mut instance_types = Vec::new();
        for (item, path) in fields.list(problems, "instance_types").unwrap_or_default() {
            match scalar::scalar(item, "- c5.xlarge").and_then(|it| text(it, InstanceType::new)) {
                Ok(candidate) => instance_types.push(candidate),
                Err(kind) => problems.push(Problem { place: item.place.clone(), path, kind }),
            }
        }
        let mut ami = None;
        fields.set(problems, "ami", "ami-0123456789abcdef0", &mut ami, |it| text(it, ImageId::new).map(Some));
        fields.finish_with(problems, given_when_deploying);
        let Some(label) = label else { continue };
        let place = item.place_of(&["label".to_owned()]);
        if let Some(first) = first_places.get(&label) {
            let label = excerpt(label.as_str());
            let message = format!("label `{label}` is mapped twice, first at {first}; remove one");
            let kind = ProblemKind::Told { message };
            let path = path.into_iter().chain(["label".to_owned()]).collect();
            problems.push(Problem { place, path, kind });
            continue;
        }
        first_places.insert(label.clone(), place);
        mappings.extend(instance_type.map(|instance_type| LabelMapping {
            label,
            instance_type,
            instance_types,
            ami,
        }));
    }
    // Labels that are there twice were reported above, with their places.
    LabelMappings::new(mappings).unwrap_or_default()
}

fn runners(mut fields: Fields<'_>, choices: &mut RunnerChoices, problems: &mut Vec<Problem>) {
    let usual = choices.default_instance_type.to_string();
    fields.set(problems, "default_instance_type", &usual, &mut choices.default_instance_type, |it| {
        text(it, InstanceType::new)
    });
    let usual = choices.version.to_string();
    fields.set(problems, "version", &usual, &mut choices.version, |it| text(it, ReleaseChoice::new));
    let most = RunnerChoices::MOST_RUNNERS;
    let usual = choices.max;
    let given =
        fields.set(problems, "max", &usual.to_string(), &mut choices.max, |it| number(it, 0, most, usual));
    // A cap that could not be read must not make the cap per repository look wrong.
    if given == Given::Refused {
        choices.max = most;
    }
    // Whoever gives only the one means both. The rules say what to do instead of a cap of 0.
    choices.max_per_repository = choices.max.max(1);
    let usual = choices.max_per_repository;
    fields.set(problems, "max_per_repository", &usual.to_string(), &mut choices.max_per_repository, |it| {
        number(it, 1, most, usual)
    });
    let usual = choices.scope.as_str();
    fields.set(problems, "scope", usual, &mut choices.scope, |it| {
        one_of(it, &RunnerScope::ALL, RunnerScope::as_str)
    });
    let usual = choices.group;
    fields
        .set(problems, "group", &usual.to_string(), &mut choices.group, |it| number(it, 1, u32::MAX, usual));
    if let Some(items) = fields.list(problems, "egress") {
        let before = problems.len();
        let rules: Vec<_> = items.into_iter().map(|(item, path)| egress(item, path, problems)).collect();
        // The rules between rules count entries, so they only make sense once every entry could be read.
        if before == problems.len() {
            choices.egress = rules.into_iter().flatten().collect();
        }
    }
    fields.finish_with(problems, given_when_deploying);
}

fn throttling(mut fields: Fields<'_>, choices: &mut Throttling, problems: &mut Vec<Problem>) {
    let Throttling { rate, burst } = choices;
    for (key, target, most) in
        [("rate", rate, Throttling::MOST_RATE), ("burst", burst, Throttling::MOST_BURST)]
    {
        let usual = *target;
        fields.set(problems, key, &usual.to_string(), target, |it| number(it, 1, most, usual));
    }
    fields.finish_with(problems, given_when_deploying);
}

fn egress(item: &Located, path: Vec<String>, problems: &mut Vec<Problem>) -> Option<EgressRule> {
    let mut fields = Fields::of(item, path, problems);
    let protocol =
        fields.required(problems, "protocol", "tcp", |it| one_of(it, &Protocol::ALL, Protocol::as_str));
    let port = fields.required(problems, "port", "443", |it| {
        let port = number(it, 1, u16::MAX.into(), 443)?;
        // Within the bounds of a port by the line above.
        Ok(u16::try_from(port).unwrap_or(u16::MAX))
    });
    let cidr = fields.required(problems, "cidr", "0.0.0.0/0", |it| text(it, Cidr::new));
    let description = fields.required(problems, "description", "HTTPS", |it| text(it, RuleDescription::new));
    fields.finish_with(problems, given_when_deploying);
    Some(EgressRule { protocol: protocol?, port: port?, cidr: cidr?, description: description? })
}
