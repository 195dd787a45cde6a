//! Random models: for all choices, the generated files must say the same as the model.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{cell::Cell, collections::BTreeMap};

use jit_runners_check::{SourceFile, check};
use jit_runners_generator::files;
use jit_runners_model::{
    ApiUrl, Choices, Cidr, Deployment, DeploymentName, KeyArn, Mebibytes, PolicyArn, RetentionDays,
    RuleDescription, Seconds, TagKey, TagValue, Timeout,
    choices::{Architecture, EgressRule, FunctionChoices, Protocol, RunnerScope, Throttling},
    contract::{Handler, PerHandler},
};
use proptest::{
    collection, option,
    prelude::*,
    sample,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};

/// Characters that are special in one of the dialects.
const VALUE: &str = "[ -~äß開]{0,40}";

fn function(handler: Handler) -> impl Strategy<Value = FunctionChoices> {
    let timeouts = handler.shortest_timeout().0.get()..=handler.longest_timeout().0.get();
    (128..=10_240_u32, timeouts, sample::select(RetentionDays::OFFERED.to_vec())).prop_map(
        |(memory, timeout, days)| FunctionChoices {
            memory: Mebibytes::new(memory).unwrap(),
            timeout: Timeout::new(Seconds::new(timeout)).unwrap(),
            log_retention: RetentionDays::new(days).unwrap(),
        },
    )
}

fn egress() -> impl Strategy<Value = EgressRule> {
    let cidr = sample::select(vec!["0.0.0.0/0", "::/0", "10.0.0.0/8", "192.168.7.0/24", "2001:db8::/32"]);
    (sample::select(Protocol::ALL.to_vec()), 1..=65_535_u16, cidr, "[a-zA-Z0-9. ${}()]{0,30}").prop_map(
        |(protocol, port, cidr, description)| EgressRule {
            protocol,
            port,
            cidr: Cidr::new(cidr).unwrap(),
            description: RuleDescription::new(description.trim())
                .unwrap_or_else(|_| RuleDescription::new("HTTPS").unwrap()),
        },
    )
}

prop_compose! {
    fn choices()(
        name in "[a-z][a-z0-9-]{0,20}",
        tags in collection::btree_map("[A-Za-z][A-Za-z0-9:/=+@_. -]{0,20}", VALUE, 0..4),
        arm in any::<bool>(),
        functions in Vec::from(Handler::ALL.map(function)),
        max in 1..=10_000_u32,
        organization in any::<bool>(),
        group in 1..=100_u32,
        egress in collection::vec(egress(), 1..6),
        boundary in any::<bool>(),
        key in any::<bool>(),
        server in option::of("[a-z]{1,12}"),
        rate in 1..=Throttling::MOST_RATE,
        burst in 1..=Throttling::MOST_BURST,
        alarms in any::<bool>(),
        dashboard in any::<bool>(),
    ) -> Choices {
        let mut choices = Choices::default();
        choices.name = DeploymentName::new(name).unwrap_or(choices.name);
        choices.tags = tags
            .into_iter()
            .filter_map(|(key, value)| Some((TagKey::new(key).ok()?, TagValue::new(value).ok()?)))
            .collect::<BTreeMap<_, _>>();
        choices.architecture = if arm { Architecture::Arm64 } else { Architecture::X86_64 };
        let mut functions = functions.into_iter();
        choices.functions = PerHandler::from_fn(|_| functions.next().unwrap());
        choices.runners.max = max;
        choices.runners.max_per_repository = max;
        choices.runners.scope = if organization { RunnerScope::Organization } else { RunnerScope::Repository };
        choices.runners.group = group;
        // The rule that every deployment has, and any others.
        choices.runners.egress.truncate(1);
        choices.runners.egress.extend(egress);
        let account = "123456789012";
        choices.permissions_boundary =
            boundary.then(|| PolicyArn::new(format!("arn:aws:iam::{account}:policy/limits")).unwrap());
        let id = "1234abcd-12ab-34cd-56ef-1234567890ab";
        choices.kms_key = key.then(|| KeyArn::new(format!("arn:aws:kms:eu-west-1:{account}:key/{id}")).unwrap());
        if let Some(server) = server {
            choices.github_api_url = ApiUrl::new(format!("https://{server}.example.com/api/v3")).unwrap();
        }
        choices.throttling = Throttling { rate, burst };
        choices.alarms = alarms;
        choices.dashboard = dashboard;
        choices
    }
}

#[test]
fn what_is_emitted_for_a_random_model_says_what_the_model_says() {
    let compared = Cell::new(0);
    // The same models in every run, so that everybody can repeat a failure.
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let config = Config { cases: 64, failure_persistence: None, ..Config::default() };
    let result = TestRunner::new_with_rng(config, rng).run(&choices(), |choices| {
        // Combinations that a rule forbids, such as two equal egress rules, are not models.
        let Ok(deployment) = Deployment::new(choices) else { return Err(TestCaseError::reject("no model")) };
        let files = files(&deployment);
        let source = |path: &str, contents: &str| SourceFile::new(path, contents);
        let module: Vec<_> = files
            .iter()
            .filter(|file| {
                file.path.starts_with("terraform/")
                    && std::path::Path::new(&file.path).extension() == Some("tf".as_ref())
            })
            .map(|file| source(&file.path, &file.contents))
            .collect();
        let template = files.iter().find(|file| file.path.ends_with("template.yaml")).unwrap();
        let template = source(&template.path, &template.contents);
        let report = check(&module, &template, Some(&deployment))
            .map_err(|error| TestCaseError::fail(error.to_string()))?;
        prop_assert!(report.is_equivalent(), "{:#?}", report.differences);
        prop_assert!(report.resources == deployment.resources().len());
        compared.set(compared.get() + 1);
        Ok(())
    });
    assert!(result.is_ok(), "{result:?}");
    assert!(compared.get() >= 32, "only {} models", compared.get());
}
