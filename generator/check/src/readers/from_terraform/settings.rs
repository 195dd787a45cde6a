//! What is said of all resources, and of how Terraform treats one: `provider "aws"` and `lifecycle`.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    Copies,
    argument::ResourceSchema,
    body::{alike, says_nothing, when, words},
    weight_of,
};
use crate::{
    graph::{Held, Properties, Symbol, Value, unread},
    problem::{Problem, TranslationProblem},
    read::Place,
    terraform::NamedBlock,
};

/// What the provider says about the deployment.
#[derive(Debug, Default)]
pub(super) struct Provider {
    /// The region, as it is written.
    pub region: Option<Value>,
    /// The variable that is the region.
    pub region_input: Option<Arc<str>>,
    /// Tags of every resource.
    pub tags: Option<Held>,
    /// Whether the region could not be read.
    pub unread_region: bool,
    /// Where the tags of every resource could not be read.
    pub unread_tags: Option<Place>,
}

/// Arguments that say who deploys and how, and nothing about what exists
/// (<https://github.com/hashicorp/terraform-provider-aws/blob/v5.100.0/website/docs/index.html.markdown>).
pub(crate) const IGNORED_OF_PROVIDER: &[(&str, &str)] = &[
    ("access_key", WHO),
    ("secret_key", WHO),
    ("token", WHO),
    ("profile", WHO),
    ("assume_role", WHO),
    ("assume_role_with_web_identity", WHO),
    ("shared_config_files", WHO),
    ("shared_credentials_files", WHO),
    ("allowed_account_ids", "which accounts Terraform refuses"),
    ("forbidden_account_ids", "which accounts Terraform refuses"),
    ("ignore_tags", "which tags Terraform leaves alone when others set them"),
    ("custom_ca_bundle", HOW),
    ("ec2_metadata_service_endpoint", HOW),
    ("ec2_metadata_service_endpoint_mode", HOW),
    ("endpoints", HOW),
    ("http_proxy", HOW),
    ("https_proxy", HOW),
    ("insecure", HOW),
    ("max_retries", HOW),
    ("no_proxy", HOW),
    ("retry_mode", HOW),
    ("s3_us_east_1_regional_endpoint", HOW),
    ("s3_force_path_style", HOW),
    ("s3_use_path_style", HOW),
    ("skip_credentials_validation", HOW),
    ("skip_metadata_api_check", HOW),
    ("skip_region_validation", HOW),
    ("skip_requesting_account_id", HOW),
    ("sts_region", HOW),
    ("tag_policy_compliance", HOW),
    ("token_bucket_rate_limiter_capacity", HOW),
    ("use_dualstack_endpoint", HOW),
    ("use_fips_endpoint", HOW),
    ("user_agent", HOW),
    ("version", "which release of the provider"),
];
/// Those of them that can lead to another account.
pub(super) const ACCOUNT_OF_PROVIDER: &[&str] = &[
    "access_key",
    "secret_key",
    "token",
    "profile",
    "assume_role",
    "assume_role_with_web_identity",
    "shared_config_files",
    "shared_credentials_files",
];
const WHO: &str = "who deploys";
const HOW: &str = "how Terraform reaches AWS";

/// What the providers say that make the resources, by what the root module calls them.
#[derive(Debug, Default)]
pub(super) struct Providers(BTreeMap<Arc<str>, Provider>);

impl Providers {
    /// What `blocks` say. All of them must be in one region.
    pub(super) fn read(blocks: Vec<NamedBlock>, problems: &mut Vec<Problem>) -> Self {
        let mut providers = BTreeMap::new();
        let mut first: Option<(Arc<str>, Option<Value>)> = None;
        for block in blocks {
            let (name, place) = (Arc::clone(&block.name), block.place.clone());
            let place = block.arguments.get("region").map_or(place, |region| region.place.clone());
            let provider = Provider::read(block, problems);
            match &first {
                None => first = Some((Arc::clone(&name), provider.region.clone())),
                Some((_, region)) if *region == provider.region => {}
                Some((other, region)) => {
                    let shown = |region: &Option<Value>| {
                        region.as_ref().map_or_else(|| "whichever region is the default".to_owned(), words)
                    };
                    let kind = TranslationProblem::ProviderRegion {
                        name: Arc::clone(&name),
                        found: shown(&provider.region),
                        other: Arc::clone(other),
                        expected: shown(region),
                    };
                    problems.push(Problem { place, kind: kind.into() });
                }
            }
            providers.insert(name, provider);
        }
        Self(providers)
    }

    /// The provider of this name, if it says anything.
    pub(super) fn get(&self, name: &str) -> Option<&Provider> {
        self.0.get(name)
    }

    /// Whether the region of one of them could not be read.
    pub(super) fn has_unread_region(&self) -> bool {
        self.0.values().any(|provider| provider.unread_region)
    }

    /// The variable that is the region of all of them.
    pub(super) fn region_input(&self) -> Option<&Arc<str>> {
        self.0.values().find_map(|provider| provider.region_input.as_ref())
    }
}

impl Provider {
    /// What `block` says.
    pub(super) fn read(block: NamedBlock, problems: &mut Vec<Problem>) -> Self {
        let mut provider = Self::default();
        for (name, held) in block.arguments {
            match name.as_str() {
                _ if held.value == Value::Absent => {}
                "region" => {
                    provider.region_input = input(&held.value);
                    provider.unread_region = held.mentions(&Symbol::Unknown);
                    provider.region = Some(held.value);
                }
                "default_tags" => {
                    let (before, place) = (problems.len(), held.place.clone());
                    provider.tags = default_tags(held, problems);
                    provider.unread_tags = (problems.len() > before).then_some(place);
                }
                _ if IGNORED_OF_PROVIDER.iter().any(|(ignored, _)| *ignored == name) => {}
                _ => {
                    let known =
                        IGNORED_OF_PROVIDER.iter().map(|(name, _)| *name).chain(["region", "default_tags"]);
                    let suggestion = alike(&name, known);
                    let kind = TranslationProblem::UnknownSetting { of: "the provider", name, suggestion };
                    problems.push(Problem { place: held.place, kind: kind.into() });
                }
            }
        }
        provider
    }

    /// The tags of a resource at `place` that states `own`: its own win.
    pub(super) fn tagged(
        &self,
        own: Option<Held>,
        place: &Place,
        copies: &mut Copies,
        problems: &mut Vec<Problem>,
    ) -> Option<Held> {
        if self.unread_tags.is_some() {
            return Some(Held::new(unread(), place.clone()));
        }
        let Some(Held { value: Value::Map(all), .. }) = &self.tags else { return own };
        if !copies.allow(weight_of(all), place, problems) {
            return own;
        }
        match own {
            None => self.tags.clone().map(|tags| Held { place: place.clone(), ..tags }),
            Some(Held { value, place, rule }) => {
                let value = match value {
                    Value::Absent => Value::Map(all.clone()),
                    Value::Map(own) => {
                        let mut merged = all.clone();
                        merged.extend(own);
                        Value::Map(merged)
                    }
                    Value::Choice(choice) => choice.filter_map(|held| {
                        let place = held.place.clone();
                        self.tagged(Some(held), &place, copies, problems)
                    }),
                    other => {
                        let kind = TranslationProblem::NotUnderstood {
                            of: "the resource".to_owned(),
                            path: "tags".to_owned(),
                            expected: "written out to be merged with the provider's default_tags",
                            found: words(&other),
                        };
                        problems.push(Problem { place: place.clone(), kind: kind.into() });
                        unread()
                    }
                };
                Some(Held { value, place, rule })
            }
        }
    }
}

/// The variable that `value` is.
fn input(value: &Value) -> Option<Arc<str>> {
    match value {
        Value::Text(text) => match text.as_symbol() {
            Some(Symbol::Input(name)) => Some(Arc::clone(name)),
            _ => None,
        },
        _ => None,
    }
}

/// The tags in `default_tags { tags = {} }`.
fn default_tags(held: Held, problems: &mut Vec<Problem>) -> Option<Held> {
    let place = held.place.clone();
    let found = held.value.to_string();
    let block = match held.value {
        Value::List(mut items) | Value::Set(mut items) if items.len() <= 1 => items.pop()?.value,
        other => other,
    };
    let tags = match block {
        Value::Map(mut arguments) => {
            let tags = arguments.remove("tags");
            if let Some((name, held)) = arguments.pop_first() {
                let suggestion = alike(&name, ["tags"].into_iter());
                let kind = TranslationProblem::UnknownSetting { of: "default_tags", name, suggestion };
                problems.push(Problem { place: held.place, kind: kind.into() });
            }
            tags
        }
        _ => Some(Held::new(found.as_str(), place.clone())),
    };
    match tags {
        None | Some(Held { value: Value::Absent, .. }) => None,
        Some(tags @ Held { value: Value::Map(_), .. }) => Some(tags),
        Some(_) => {
            let kind = TranslationProblem::NotUnderstood {
                of: "the provider".to_owned(),
                path: "default_tags".to_owned(),
                expected: "one block with an object of tags",
                found,
            };
            problems.push(Problem { place, kind: kind.into() });
            None
        }
    }
}

/// Arguments that say how Terraform gets from one state to another, and nothing about what exists.
pub(super) const IGNORED_OF_LIFECYCLE: &[(&str, &str)] = &[
    ("create_before_destroy", "the order in which Terraform replaces a resource"),
    (REPLACE_TRIGGERED_BY, "when Terraform replaces a resource"),
    (
        "ignore_changes",
        "what Terraform leaves alone once others changed it; both files are compared as they are written",
    ),
];
const REPLACE_TRIGGERED_BY: &str = "replace_triggered_by";
const PREVENT_DESTROY: &str = "prevent_destroy";

/// What has Terraform replace a custom resource, whose function is then called to delete.
pub(super) fn replaced_with(lifecycle: &Properties) -> Option<(String, Held)> {
    let held = lifecycle.get(REPLACE_TRIGGERED_BY)?;
    Some(("ReplaceTriggeredBy".to_owned(), held.clone()))
}

/// `DeletionPolicy`, where `prevent_destroy` keeps the resource.
pub(super) fn deletion_policy(
    of: &'static ResourceSchema,
    lifecycle: Properties,
    problems: &mut Vec<Problem>,
) -> Option<Held> {
    let held = prevent_destroy(lifecycle, problems)?;
    let Some(condition) = when(&held.value) else {
        let kind = TranslationProblem::NotUnderstood {
            of: of.name.to_owned(),
            path: format!("lifecycle.{PREVENT_DESTROY}"),
            expected: "true or false",
            found: words(&held.value),
        };
        problems.push(Problem { place: held.place, kind: kind.into() });
        return None;
    };
    let retain = Held::new("Retain", held.place).under(condition);
    (retain.value != Value::Absent).then_some(retain)
}

/// A part goes with its whole: it cannot be kept on its own.
pub(super) fn of_companion(of: &'static ResourceSchema, lifecycle: Properties, problems: &mut Vec<Problem>) {
    let held = prevent_destroy(lifecycle, problems);
    if let Some(held) = held.filter(|held| !says_nothing(&held.value)) {
        let path = format!("lifecycle.{PREVENT_DESTROY}");
        let kind = TranslationProblem::OutsideArgument { of: of.name.to_owned(), path };
        problems.push(Problem { place: held.place, kind: kind.into() });
    }
}

fn prevent_destroy(mut lifecycle: Properties, problems: &mut Vec<Problem>) -> Option<Held> {
    let prevent_destroy = lifecycle.remove(PREVENT_DESTROY);
    for (name, held) in lifecycle {
        if !IGNORED_OF_LIFECYCLE.iter().any(|(ignored, _)| *ignored == name) {
            let known = IGNORED_OF_LIFECYCLE.iter().map(|(name, _)| *name).chain([PREVENT_DESTROY]);
            let suggestion = alike(&name, known);
            let kind = TranslationProblem::UnknownSetting { of: "lifecycle", name, suggestion };
            problems.push(Problem { place: held.place, kind: kind.into() });
        }
    }
    prevent_destroy
}
