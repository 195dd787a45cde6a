//! Values that stand beside a module: `terraform.tfvars` and `*.auto.tfvars`, which Terraform reads without being asked
//! (<https://developer.hashicorp.com/terraform/language/values/variables#variable-definitions-tfvars-files>).
//!
//! An input that the template has, too, gets its value when either of the two is deployed, so a value for one of them says
//! nothing; unless it stands in the place of a default. An input that the template lacks takes its value here.

use std::{collections::BTreeMap, rc::Rc};

use hcl_edit::{expr::Expression, structure::Body};

use super::{
    ProviderSchema,
    characters::compose,
    configuration::Configuration,
    declaration::DeclaredBlock,
    evaluator::{Evaluator, Outcome, Scope},
    function::decoded,
    module::ModuleInstance,
};
use crate::{
    graph::{Held, Value},
    problem::{ModuleProblem, Problem},
    read::{HclFile, HclProblemKind, Place, SourceFile, parse_hcl},
};

/// Values by the names of variables.
pub(super) type GivenValues = BTreeMap<String, Held>;

/// What a file beside the module is to Terraform.
fn rank(file: &SourceFile) -> Option<(u8, &str)> {
    let name = file.name.rsplit(['/', '\\']).next().unwrap_or_default();
    match name {
        "terraform.tfvars" => Some((0, name)),
        "terraform.tfvars.json" => Some((1, name)),
        _ if name.ends_with(".auto.tfvars") || name.ends_with(".auto.tfvars.json") => Some((2, name)),
        _ => None,
    }
}

/// The values in `files`. A later file wins over an earlier one.
pub(super) fn values(
    files: &[SourceFile],
    schema: ProviderSchema<'_>,
    problems: &mut Vec<Problem>,
) -> GivenValues {
    let mut ranked: Vec<_> = files.iter().filter_map(|file| Some((rank(file)?, file))).collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    let mut values = GivenValues::new();
    for (_, file) in ranked {
        if file.name.ends_with(".json") {
            values.extend(of_json(file, problems));
            continue;
        }
        match parse_hcl(file) {
            Ok(tree) => values.extend(of_hcl(&tree, schema, problems)),
            Err(problem) => problems.push(Problem { place: problem.place, kind: problem.kind.into() }),
        }
    }
    values
}

fn of_json(file: &SourceFile, problems: &mut Vec<Problem>) -> GivenValues {
    let place = Place::whole(file.name.clone());
    match serde_json::from_slice::<BTreeMap<String, serde_json::Value>>(&file.bytes) {
        Ok(entries) => {
            let held = |json| {
                let mut held = Held::new(decoded(json, &place), place.clone());
                compose(&mut held);
                held
            };
            entries.into_iter().map(|(name, json)| (name, held(json))).collect()
        }
        Err(error) => {
            let kind = HclProblemKind::Syntax { found: error.to_string() }.into();
            problems.push(Problem { place, kind });
            GivenValues::new()
        }
    }
}

/// Values are written out: nothing can be referred to.
fn of_hcl(tree: &HclFile, schema: ProviderSchema<'_>, problems: &mut Vec<Problem>) -> GivenValues {
    let configuration = Configuration::default();
    let nothing = GivenValues::new();
    let mut evaluator = Evaluator::new(&configuration, schema, &nothing, &|_| true);
    let scope = Scope::of(&evaluator.root, tree);
    let mut values = GivenValues::new();
    for attribute in tree.body.attributes() {
        if let Ok(held) = evaluator.value(&scope, &attribute.value) {
            values.insert(attribute.key.to_string(), held);
        }
    }
    problems.extend(evaluator.into_problems());
    values
}

impl<'a> Evaluator<'a> {
    /// The value that the input `name` of the `root` module has whoever deploys: it stands beside the module and the template has no
    /// such input, or no template can have one, because it is a map.
    pub(super) fn settled(
        &mut self,
        root: &Rc<ModuleInstance<'a>>,
        name: &str,
        place: &Place,
    ) -> Outcome<Option<Held>> {
        let declarations = root.declarations();
        let Some(variable) = declarations.variables.get(name) else { return Ok(None) };
        if declarations.is_of_others(variable.file) || !self.is_settled(name, variable) {
            return Ok(None);
        }
        let scope = Scope::of(root, variable.file);
        if let Some(held) = self.given.get(name) {
            let held = self.copy(held, place)?;
            return self.of_type_of(&scope, name, variable, held).map(Some);
        }
        let Some(default) = variable.body().get_attribute("default").map(|default| &default.value) else {
            return self.refuse(place, ModuleProblem::NoValue { name: format!("var.{name}") });
        };
        let held = self.value(&scope, default)?;
        self.of_type_of(&scope, name, variable, held).map(Some)
    }

    /// Whether the input is one whose value is settled.
    pub(super) fn is_settled(&self, name: &str, variable: &DeclaredBlock<'_>) -> bool {
        let is_given = self.given.get(name).is_some_and(|held| held.value != Value::Absent);
        is_map(variable.body()) || (is_given && !(self.has_partner)(name))
    }
}

/// Whether the variable is a map, an object or a list of such, which no parameter of a template can be.
fn is_map(body: &Body) -> bool {
    let Some(Expression::FuncCall(call)) = body.get_attribute("type").map(|constraint| &constraint.value)
    else {
        return false;
    };
    match (call.name.name.as_str(), call.args.iter().next()) {
        ("map" | "object" | "tuple", _) => true,
        ("list" | "set", Some(of)) => matches!(of, Expression::FuncCall(_)),
        _ => false,
    }
}
