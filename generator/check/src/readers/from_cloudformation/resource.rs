//! Resources and their attributes
//! (<https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-product-attribute-reference.html>).

use std::collections::{BTreeMap, BTreeSet};

use super::{
    companions::{CompanionResource, Unmerged},
    get,
};
use crate::{
    cloudformation::{
        Companion, ResourceType,
        evaluate::{Evaluator, Scope},
        term::Term,
    },
    graph::{
        Condition, Held, Kind, Node, Omitted, Properties, Symbol, Value, unread,
        value::circle::{Edges, described, order},
    },
    problem::{TemplateProblem, alike, outside},
    read::{Entry, Place, YamlValue},
};

/// Keys of a resource.
const KEYS: &[&str] = &[
    "Type",
    "Properties",
    "Condition",
    "DependsOn",
    "DeletionPolicy",
    "UpdateReplacePolicy",
    "Metadata",
    "CreationPolicy",
    "UpdatePolicy",
];

impl Companion {
    /// The properties that it has, and those of them that it must have.
    pub(super) const fn properties(self) -> &'static [(&'static str, bool)] {
        match self {
            Self::Policy => &[("PolicyName", true), ("PolicyDocument", true), ("Roles", true)],
            Self::RolePolicy => &[("PolicyName", true), ("PolicyDocument", true), ("RoleName", true)],
            Self::ManagedPolicy => &[
                ("ManagedPolicyName", false),
                ("PolicyDocument", true),
                ("Roles", false),
                ("Description", false),
                ("Path", false),
            ],
            Self::Ingress => &[
                ("GroupId", true),
                ("IpProtocol", true),
                ("FromPort", false),
                ("ToPort", false),
                ("CidrIp", false),
                ("CidrIpv6", false),
                ("SourcePrefixListId", false),
                ("SourceSecurityGroupId", false),
                ("Description", false),
            ],
            Self::Egress => &[
                ("GroupId", true),
                ("IpProtocol", true),
                ("FromPort", false),
                ("ToPort", false),
                ("CidrIp", false),
                ("CidrIpv6", false),
                ("DestinationPrefixListId", false),
                ("DestinationSecurityGroupId", false),
                ("Description", false),
            ],
        }
    }
}

impl<'a> Evaluator<'a> {
    /// The resources that `entries` declare, companions merged into what they belong to.
    pub(super) fn resources(&mut self, entries: &'a [Entry], omitted: &mut Omitted) -> Vec<Node<Kind>> {
        let mut unmerged = Unmerged::default();
        for (index, entry) in entries.iter().enumerate() {
            if self.resource_at(index, entry, &mut unmerged, omitted).is_none() {
                leave_out(entry, &mut unmerged, omitted);
            }
        }
        self.check_circles(entries);
        // Companions find what they belong to only if all of it was understood.
        if self.problems.is_empty() || self.is_partial { self.merge(unmerged, omitted) } else { Vec::new() }
    }

    /// Reads a resource; gives nothing, if it cannot be read as a whole.
    fn resource_at(
        &mut self,
        index: usize,
        resource: &'a Entry,
        unmerged: &mut Unmerged,
        omitted: &mut Omitted,
    ) -> Option<()> {
        self.scope = Scope::Resource { index, attaches: false };
        let entries = self.object("a resource", Term::of(&resource.value))?;
        let Some(type_entry) = entries.iter().find(|entry| entry.key == "Type") else {
            return self
                .refuse(&resource.place, TemplateProblem::Missing { of: "this resource", key: "Type" });
        };
        let resource_type = self.resource_type(Term::of(&type_entry.value));
        let mut condition = Condition::Always;
        let mut properties = Properties::new();
        let mut deletion_policy = None;
        let mut depends_on = Vec::new();
        let mut is_whole = true;
        for entry in entries {
            let term = Term::of(&entry.value);
            match entry.key.as_str() {
                "Type" | "Metadata" => {}
                "Version" if resource_type == Some(ResourceType::Node(Kind::CustomResource)) => {}
                "Properties" => {
                    // Of a type that was refused nothing is known, not even that its properties have values.
                    if let Some(resource_type) = resource_type {
                        let before = self.problems.len();
                        let read = self.properties(index, resource_type, term);
                        is_whole &= read.is_some();
                        properties = read.unwrap_or_default();
                        // What is wrong with a property is noted in its value, too.
                        if self.problems.len() > before && !properties.values().any(is_marked) {
                            omitted.incomplete.insert(resource.key.as_str().into());
                        }
                    }
                }
                "Condition" => {
                    let found = self.condition_of(term);
                    is_whole &= found.is_some();
                    condition = found.unwrap_or(Condition::Always);
                }
                "DependsOn" => depends_on = self.depends_on(index, term),
                "DeletionPolicy" => {
                    let before = self.problems.len();
                    deletion_policy = self.policy("DeletionPolicy", term);
                    if self.problems.len() > before {
                        deletion_policy = Some(Held::new(unread(), term.place.clone()));
                    }
                }
                "UpdateReplacePolicy" => drop(self.policy("UpdateReplacePolicy", term)),
                "CreationPolicy" | "UpdatePolicy" => {
                    let instead = "no resource that the check knows has one";
                    self.refuse::<()>(&entry.place, outside(&entry.key, instead));
                }
                key => self.unknown_key("a resource", key, &entry.place, KEYS).unwrap_or_default(),
            }
        }
        let (address, place) = (resource.key.as_str().into(), resource.place.clone());
        if !is_whole && self.is_partial {
            return None;
        }
        match resource_type {
            Some(ResourceType::Node(kind)) => {
                if kind == Kind::CustomResource {
                    properties = custom_properties(properties, Term::of(&type_entry.value), depends_on);
                }
                properties.extend(deletion_policy.map(|held| ("DeletionPolicy".to_owned(), held)));
                unmerged.nodes.push(Node { kind, address, place, condition, properties });
            }
            Some(ResourceType::Companion(kind)) => {
                if let Some(held) = deletion_policy {
                    let instead = "what it belongs to has a policy of its own";
                    self.refuse::<()>(&held.place, outside("DeletionPolicy", instead));
                }
                unmerged.companions.push(CompanionResource { kind, address, place, condition, properties });
            }
            None => return None,
        }
        Some(())
    }

    fn resource_type(&mut self, term: Term<'a>) -> Option<ResourceType> {
        let Some(name) = term.text() else {
            let (of, expected) = ("Type".to_owned(), "the type of a resource");
            return self.refuse(term.place, TemplateProblem::WrongShape { of, expected, found: term.noun() });
        };
        if let Some(resource_type) = ResourceType::named(name) {
            return Some(resource_type);
        }
        if name.starts_with("Custom::") {
            let expected = "`Custom::` and up to 60 letters, digits, `_`, `@` or `-`";
            let (key, found) = ("Type", name.to_owned());
            return self.refuse(term.place, TemplateProblem::BadValue { key, expected, found });
        }
        // A type of another service exists for all that we know, however alike the names are.
        let service = |name: &str| name.rsplit_once("::").map_or("", |(service, _)| service).to_owned();
        let meant = alike(name, ResourceType::all().map(ResourceType::as_str));
        let kind = match meant.filter(|meant| service(meant) == service(name)) {
            Some(meant) => TemplateProblem::UnknownName {
                what: "type of resource",
                name: name.to_owned(),
                suggestion: Some(meant.to_owned()),
            },
            None => outside(name, "declare it in a template of its own"),
        };
        self.refuse(term.place, kind)
    }

    /// The properties of a resource; nothing, if they are not written out.
    fn properties(
        &mut self,
        index: usize,
        resource_type: ResourceType,
        term: Term<'a>,
    ) -> Option<Properties> {
        let mut properties = Properties::new();
        let mut is_written_out = true;
        let entries = self.object("Properties", term)?;
        for entry in entries {
            if entry.key.starts_with("Fn::") || entry.key == "Ref" {
                let instead = "only single properties can be chosen or computed";
                self.refuse::<()>(&entry.place, outside(&entry.key, instead));
                is_written_out = false;
                continue;
            }
            if is_invented(resource_type, &entry.key) {
                self.unknown_key::<()>("the properties of a resource", &entry.key, &entry.place, &[]);
                continue;
            }
            let before = self.problems.len();
            if resource_type == ResourceType::Node(Kind::Function) && entry.key == "Code" {
                self.check_code(Term::of(&entry.value));
            }
            if self.problems.len() > before {
                properties.insert(entry.key.clone(), Held::new(unread(), entry.value.place.clone()));
                continue;
            }
            let attaches =
                resource_type == ResourceType::Node(Kind::Role) && entry.key == "ManagedPolicyArns";
            self.scope = Scope::Resource { index, attaches };
            if let Some(held) = self.value(Term::of(&entry.value)) {
                properties.insert(entry.key.clone(), held);
            }
        }
        self.scope = Scope::Resource { index, attaches: false };
        is_written_out.then_some(properties)
    }

    /// A package on a disk is Terraform's.
    fn check_code(&mut self, code: Term<'a>) {
        for entry in code.entries().unwrap_or_default() {
            if entry.key == "Filename" {
                self.unknown_key::<()>("a function's code", &entry.key, &entry.place, &[]);
            }
            self.check_code(Term::of(&entry.value));
        }
        // The branches of `Fn::If`.
        if let YamlValue::Sequence(items) = code.value {
            for item in items {
                self.check_code(Term::of(item));
            }
        }
    }

    /// The names of what the resource waits for, as far as they are known.
    fn depends_on(&mut self, index: usize, term: Term<'a>) -> Vec<Held> {
        let mut known = Vec::new();
        let names: Vec<_> = match term.items() {
            Some(items) => items.iter().map(Term::of).collect(),
            None => vec![term],
        };
        for term in names {
            let Some(name) = term.text() else {
                let (of, expected) = ("DependsOn".to_owned(), "the name of a resource, or a list of names");
                let kind = TemplateProblem::WrongShape { of, expected, found: term.noun() };
                self.refuse::<()>(term.place, kind);
                continue;
            };
            if let Some(resource) = self.declared.resources.get(name) {
                self.references.insert((index, resource.index));
                known.push(Held::new(name, term.place.clone()));
                continue;
            }
            let suggestion = alike(name, self.declared.resources.keys().copied()).map(str::to_owned);
            let kind = TemplateProblem::UnknownName { what: "resource", name: name.to_owned(), suggestion };
            self.refuse::<()>(term.place, kind);
        }
        known
    }

    /// What becomes of a resource that is no longer wanted; nothing, where it is deleted.
    fn policy(&mut self, key: &'static str, term: Term<'a>) -> Option<Held> {
        match (key, term.text()) {
            (_, Some("Delete")) => None,
            (_, Some(policy @ "Retain")) | ("DeletionPolicy", Some(policy @ "RetainExceptOnCreate")) => {
                Some(Held::new(policy, term.place.clone()))
            }
            _ => {
                let found = term.text().unwrap_or(term.noun()).to_owned();
                let expected = "`Delete` or `Retain`";
                self.refuse(term.place, TemplateProblem::BadValue { key, expected, found })
            }
        }
    }

    /// Refuses resources that wait for each other.
    fn check_circles(&mut self, entries: &'a [Entry]) {
        let mut references: Edges<usize, &Place> = BTreeMap::new();
        for (from, to) in &self.references {
            let place = entries.get(*from).map(|entry| (*to, &entry.place));
            references.entry(*from).or_default().extend(place);
        }
        for circle in order(&references).circles {
            let Some((_, place)) = circle.first() else { continue };
            let named = circle.iter().filter_map(|(index, _)| entries.get(*index));
            let circle = described(&named.map(|entry| &entry.key).collect::<Vec<_>>());
            self.refuse::<()>(place, TemplateProblem::Circle { what: "resources", circle });
        }
    }
}

/// Whether something in the value could not be read.
fn is_marked(held: &Held) -> bool {
    held.mentions(&Symbol::Unknown)
}

/// Notes that a resource is left out.
fn leave_out(entry: &Entry, unmerged: &mut Unmerged, omitted: &mut Omitted) {
    let type_of = get(Term::of(&entry.value), "Type").and_then(Term::text);
    let (address, place) = (entry.key.as_str().into(), &entry.place);
    match type_of.and_then(ResourceType::named) {
        Some(ResourceType::Node(kind)) => {
            omitted.node(kind, kind.facts().cloudformation_type, &address, place);
        }
        Some(ResourceType::Companion(kind)) => {
            omitted.other(ResourceType::Companion(kind).as_str(), kind.kinds(), &address, place);
            unmerged.broken.push((kind, place.clone(), BTreeSet::new()));
        }
        None => {
            omitted.other(type_of.unwrap_or("a resource"), &[], &address, place);
            // Each of them makes resources of its own (https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/).
            let makes_more = |name: &str| {
                name.starts_with("AWS::Serverless::")
                    || name.starts_with("AWS::CloudFormation::")
                    || name.ends_with("::MODULE")
            };
            omitted.is_open |= type_of.is_none_or(makes_more);
        }
    }
}

/// Whether the vocabulary has the property for what a template says elsewhere, or in other words.
fn is_invented(resource_type: ResourceType, property: &str) -> bool {
    // A custom resource's properties have the names that its users like.
    resource_type != ResourceType::Node(Kind::CustomResource)
        && (matches!(property, "DeletionPolicy" | "DependsOn")
            || (resource_type == ResourceType::Node(Kind::Role) && property == "AttachedPolicies")
            || (resource_type == ResourceType::Node(Kind::Function) && property == "Publish")
            || (resource_type == ResourceType::Node(Kind::QueuePolicy) && property == "Queue")
            || (resource_type == ResourceType::Node(Kind::TopicPolicy) && property == "Topic"))
}

/// The properties that are the stack's own; the function is handed all the others as `ResourceProperties`.
const OF_THE_STACK: &[&str] = &["ServiceToken", "ServiceTimeout"];

/// What a stack hands to the function of a custom resource
/// (<https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requests.html>): the type `resource_type`
/// with its `written` properties, in the words of the vocabulary.
fn custom_properties(written: Properties, resource_type: Term<'_>, depends_on: Vec<Held>) -> Properties {
    let (mut stated, mut handed): (Properties, Properties) =
        written.into_iter().partition(|(name, _)| OF_THE_STACK.contains(&name.as_str()));
    if let Some(place) = handed.values().map(|held| held.place.clone()).min() {
        handed.values_mut().for_each(as_text);
        let handed = Held::new(handed, place);
        stated.insert("ResourceProperties".to_owned(), handed);
    }
    if let Some(name) = resource_type.text() {
        stated.insert("Type".to_owned(), Held::new(name, resource_type.place.clone()));
    }
    if let Some(place) = depends_on.first().map(|held| held.place.clone()) {
        stated.insert("DependsOn".to_owned(), Held::new(Value::List(depends_on), place));
    }
    stated
}

/// Numbers and flags reach the function as text. The text of a document is text already.
fn as_text(held: &mut Held) {
    match &mut held.value {
        Value::Flag(flag) => held.value = flag.to_string().as_str().into(),
        Value::Number(number) => held.value = number.as_str().into(),
        Value::Json(_) => {}
        value => value.change_inside(&mut as_text),
    }
}
