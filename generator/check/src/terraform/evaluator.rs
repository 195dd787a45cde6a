//! What evaluation remembers: what is declared, what was found out already, what is wrong, and how much work is left. Values
//! that depend on conditions are evaluated once for each way in which the conditions can turn out.

use std::{
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
    sync::Arc,
};

use super::{
    ProviderSchema,
    configuration::Configuration,
    declaration::BlockId,
    given::GivenValues,
    module::{ModuleId, ModuleInstance},
    reference::Operand,
    repetition::Instances,
};
use crate::{
    graph::{
        Address, Condition, Held, Requirement, unread,
        value::{
            circle::Edges,
            outward::{Branches, Reach, condition_of_first, for_each_branch},
            visit::{Budget, Exceeded, Size},
        },
    },
    problem::{ModuleProblem, Problem},
    read::{HclFile, Place},
};

/// Values that one module may make, at most. Copies count, and each [`VALUE`] bytes of text count as one.
const MOST_VALUES: usize = 1_000_000;
/// Bytes that count as one value.
const VALUE: usize = 64;
/// How deeply expressions may be nested, references included.
const MOST_LEVELS: usize = 192;
/// How deeply values may be nested in anything that has a name.
const MOST_NESTED: usize = 100;

/// The result of an evaluation. What is wrong is noted where it is found.
pub(super) type Outcome<T> = Result<T, Refused>;

/// Something could not be evaluated, and what is wrong with it has been noted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Refused;

/// Evaluates expressions of one configuration: of a root module, and of the modules that it calls.
pub(super) struct Evaluator<'a> {
    /// What is declared.
    pub configuration: &'a Configuration<'a>,
    /// The root module.
    pub root: Rc<ModuleInstance<'a>>,
    /// The root module, and all instances of modules that are called.
    pub modules: Vec<Rc<ModuleInstance<'a>>>,
    /// The attributes that a resource has once it exists.
    pub schema: ProviderSchema<'a>,
    /// Values that stand beside the module, by the names of variables.
    pub given: &'a GivenValues,
    /// Whether the other dialect has an input for this variable.
    pub has_partner: &'a dyn Fn(&str) -> bool,
    /// Gives the contents of a file in the module's folder, by its path from there.
    pub files: &'a dyn Fn(&str) -> Option<Vec<u8>>,
    /// What was evaluated already.
    pub known: Known<'a>,
    /// Who refers to whom, and where.
    pub edges: Edges<Definition<'a>, Place>,
    /// Whether what cannot be evaluated is left out.
    pub is_partial: bool,
    /// Whether a module is left out as a whole.
    pub is_open: bool,
    /// Whether something that a module demands of its inputs is left out.
    pub lacks_bounds: bool,
    /// Resources that could not be evaluated.
    pub unread: Vec<(Arc<str>, Address, Place)>,
    /// What the module makes sure of.
    pub requirements: Vec<Requirement>,
    /// What modules demand of inputs of the root module that they are given as they are, by the names of the inputs.
    pub bounds: BTreeMap<Arc<str>, Vec<Held>>,
    /// Providers that anything uses, as the root module calls them, and where it is said first.
    pub used_providers: BTreeMap<Arc<str>, Place>,
    problems: BTreeSet<Problem>,
    definition: Option<Definition<'a>>,
    budget: Budget,
}

/// What was evaluated already.
#[derive(Default)]
pub(super) struct Known<'a> {
    /// Values of `locals`.
    pub locals: BTreeMap<(ModuleId, &'a str), Memo<Rc<Held>>>,
    /// Values of the variables of modules that are called.
    pub inputs: BTreeMap<(ModuleId, &'a str), Memo<Rc<Held>>>,
    /// Values of their outputs.
    pub outputs: BTreeMap<(ModuleId, &'a str), Memo<Rc<Held>>>,
    /// Instances of modules that are called.
    pub calls: BTreeMap<(ModuleId, &'a str), Memo<Rc<Instances<'a>>>>,
    /// Instances of blocks.
    pub instances: BTreeMap<(ModuleId, BlockId), Memo<Rc<Instances<'a>>>>,
    /// Arguments of resources, and documents of data sources, by address and name.
    pub arguments: BTreeMap<(Address, String), Memo<Rc<Held>>>,
}

/// Something that is evaluated once.
#[derive(Debug, Clone)]
pub(super) enum Memo<T> {
    /// It is being evaluated.
    Running,
    /// It is known, or it is known to be wrong.
    Done(Outcome<T>),
}

/// Something with a name that others can refer to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Definition<'a> {
    /// The module that it is in.
    pub module: ModuleId,
    /// What it is there.
    pub of: Defined<'a>,
}

/// What can be defined in a module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Defined<'a> {
    /// A value of `locals`.
    Local(&'a str),
    /// A resource or a data source.
    Block(BlockId),
    /// A module that it calls.
    Call(&'a str),
    /// A variable.
    Input(&'a str),
    /// An output.
    Output(&'a str),
}

/// What an expression can refer to where it stands.
#[derive(Clone)]
pub(super) struct Scope<'a> {
    /// The module.
    pub module: Rc<ModuleInstance<'a>>,
    /// The file.
    pub file: &'a HclFile,
    /// `each`, `count`, and what `for` and `dynamic` name.
    pub names: BTreeMap<Arc<str>, Operand<'a>>,
}

impl<'a> Scope<'a> {
    /// A scope with no names but those that `module` declares.
    pub(super) fn of(module: &Rc<ModuleInstance<'a>>, file: &'a HclFile) -> Self {
        Self { module: Rc::clone(module), file, names: BTreeMap::new() }
    }

    /// This scope, with `name` in it.
    pub(super) fn with(&self, name: &str, operand: Operand<'a>) -> Self {
        let mut scope = self.clone();
        scope.names.insert(name.into(), operand);
        scope
    }
}

impl<'a> Evaluator<'a> {
    /// An evaluator that has evaluated nothing yet.
    pub(super) fn new(
        configuration: &'a Configuration<'a>,
        schema: ProviderSchema<'a>,
        given: &'a GivenValues,
        has_partner: &'a dyn Fn(&str) -> bool,
    ) -> Self {
        let root = ModuleInstance::root(configuration);
        Self {
            configuration,
            modules: vec![Rc::clone(&root)],
            root,
            schema,
            given,
            has_partner,
            files: &|_| None,
            known: Known::default(),
            edges: BTreeMap::new(),
            is_partial: false,
            is_open: false,
            lacks_bounds: false,
            unread: Vec::new(),
            requirements: Vec::new(),
            bounds: BTreeMap::new(),
            used_providers: BTreeMap::new(),
            problems: BTreeSet::new(),
            definition: None,
            budget: Budget::new(MOST_VALUES * VALUE, MOST_LEVELS),
        }
    }

    /// Everything that is wrong, in the order of the files.
    pub(super) fn into_problems(self) -> BTreeSet<Problem> {
        self.problems
    }

    /// Notes what is wrong.
    pub(super) fn refuse<T>(&mut self, place: &Place, kind: ModuleProblem) -> Outcome<T> {
        self.problems.insert(Problem { place: place.clone(), kind: kind.into() });
        Err(Refused)
    }

    /// The result of `evaluate`, if there is one. What is wrong is not noted: the caller goes on without it.
    pub(super) fn quietly<T>(&mut self, evaluate: impl FnOnce(&mut Self) -> Outcome<T>) -> Option<T> {
        let problems = std::mem::take(&mut self.problems);
        let outcome = evaluate(self);
        self.problems = problems;
        outcome.ok()
    }

    /// The result of `evaluate`, or what is wrong with it, which is not noted.
    pub(super) fn tried<T>(
        &mut self,
        evaluate: impl FnOnce(&mut Self) -> Outcome<T>,
    ) -> Result<T, BTreeSet<Problem>> {
        let before = std::mem::take(&mut self.problems);
        let outcome = evaluate(self);
        let found = std::mem::replace(&mut self.problems, before);
        outcome.map_err(|Refused| found)
    }

    /// Notes all of `problems`.
    pub(super) fn note_all<T>(&mut self, problems: BTreeSet<Problem>) -> Outcome<T> {
        self.problems.extend(problems);
        Err(Refused)
    }

    /// Notes that the check does not follow `what`.
    pub(super) fn outside<T>(
        &mut self,
        place: &Place,
        what: impl Into<String>,
        instead: &'static str,
    ) -> Outcome<T> {
        self.refuse(place, ModuleProblem::Outside { what: what.into(), instead })
    }

    /// What was evaluated; or, where what cannot be evaluated is left out, a value that says so.
    pub(super) fn or_unread(&self, outcome: Outcome<Held>, place: &Place) -> Outcome<Held> {
        match outcome {
            Err(Refused) if self.is_partial => Ok(Held::new(unread(), place.clone())),
            outcome => outcome,
        }
    }

    /// The same of what is no part of what exists, such as an order: where it is left out, nothing stands in its place.
    pub(super) fn unless_partial<T: Default>(&self, outcome: Outcome<T>) -> Outcome<T> {
        match outcome {
            Err(Refused) if self.is_partial => Ok(T::default()),
            outcome => outcome,
        }
    }

    /// Counts `amount` values against the limit.
    pub(super) fn spend(&mut self, amount: usize, place: &Place) -> Outcome<()> {
        self.spend_bytes(amount.saturating_mul(VALUE), place)
    }

    fn spend_bytes(&mut self, bytes: usize, place: &Place) -> Outcome<()> {
        match self.budget.spend(bytes) {
            Ok(()) => Ok(()),
            Err(Exceeded { is_first: true }) => self.refuse(place, ModuleProblem::TooLarge),
            Err(Exceeded { is_first: false }) => Err(Refused),
        }
    }

    /// Counts the values in `held` against the limit.
    pub(super) fn pay(&mut self, held: &Held, place: &Place) -> Outcome<()> {
        self.spend_bytes(Size::of(held).weight(VALUE), place)
    }

    /// A copy of `held`, whose values count against the limit.
    pub(super) fn copy(&mut self, held: &Held, place: &Place) -> Outcome<Held> {
        self.pay(held, place)?;
        Ok(held.clone())
    }

    /// Evaluates one level deeper.
    pub(super) fn deeper<T>(
        &mut self,
        place: &Place,
        evaluate: impl FnOnce(&mut Self) -> Outcome<T>,
    ) -> Outcome<T> {
        if !self.budget.enter() {
            return self.refuse(place, ModuleProblem::TooDeep);
        }
        let outcome = evaluate(self);
        self.budget.leave();
        outcome
    }

    /// Notes that what is being evaluated refers to `definition`.
    pub(super) fn refers_to(&mut self, definition: Definition<'a>, place: &Place) {
        if let Some(from) = self.definition {
            self.edges.entry(from).or_default().entry(definition).or_insert_with(|| place.clone());
        }
    }

    /// Evaluates what belongs to `definition`.
    pub(super) fn within<T>(
        &mut self,
        definition: Option<Definition<'a>>,
        evaluate: impl FnOnce(&mut Self) -> Outcome<T>,
    ) -> Outcome<T> {
        let outer = std::mem::replace(&mut self.definition, definition);
        let outcome = evaluate(self);
        self.definition = outer;
        outcome
    }

    /// Evaluates something once. What needs itself is refused here, and named later, when the circles are looked for.
    pub(super) fn once<K: Ord + Clone, T: Clone>(
        &mut self,
        memos: for<'k> fn(&'k mut Known<'a>) -> &'k mut BTreeMap<K, Memo<T>>,
        key: K,
        find_out: impl FnOnce(&mut Self) -> Outcome<T>,
    ) -> Outcome<T> {
        match memos(&mut self.known).get(&key) {
            Some(Memo::Done(outcome)) => return outcome.clone(),
            Some(Memo::Running) => return Err(Refused),
            None => {}
        }
        memos(&mut self.known).insert(key.clone(), Memo::Running);
        let outcome = find_out(self);
        memos(&mut self.known).insert(key, Memo::Done(outcome.clone()));
        outcome
    }

    /// Refuses values that are nested too deeply.
    pub(super) fn bounded(&mut self, held: Held) -> Outcome<Rc<Held>> {
        if Size::of(&held).levels > MOST_NESTED {
            return self.refuse(&held.place, ModuleProblem::TooDeep);
        }
        Ok(Rc::new(held))
    }
}

impl Branches for Evaluator<'_> {
    type Refused = Refused;
    const REACH: Reach = Reach::Surface;
    const BOTH: bool = false;

    fn first_condition(&mut self, values: &[Held], _: &Place) -> Outcome<Option<Condition>> {
        Ok(condition_of_first(values))
    }

    fn pay_for(&mut self, values: &[Held], place: &Place) -> Outcome<()> {
        values.iter().try_for_each(|held| self.pay(held, place))
    }

    fn deeper<T>(&mut self, place: &Place, evaluate: impl FnOnce(&mut Self) -> Outcome<T>) -> Outcome<T> {
        Evaluator::deeper(self, place, evaluate)
    }
}

impl Evaluator<'_> {
    /// Evaluates with `values` for each way in which their conditions can turn out.
    pub(super) fn each_branch(
        &mut self,
        values: Vec<Held>,
        place: &Place,
        evaluate: &mut dyn FnMut(&mut Self, Vec<Held>) -> Outcome<Held>,
    ) -> Outcome<Held> {
        for_each_branch(self, values, place, evaluate)
    }
}
