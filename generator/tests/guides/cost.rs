//! The numbers of resources and of calls in `docs/cost.md`.

use std::{collections::BTreeMap, fs};

use jit_runners_model::{
    Choices, Deployment,
    contract::Handler,
    resource::{Kind, Resource},
};
use jit_runners_witnesses::files::root;
use regex_lite::Regex;

const MINUTES_IN_30_DAYS: u32 = 30 * 24 * 60;

fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The rows of the table whose first line begins with `| head`, without the two lines of its head.
fn table(page: &str, head: &str) -> Vec<Vec<String>> {
    let lines = page.lines().skip_while(|line| !line.starts_with(&format!("| {head}")));
    let rows = lines.skip(2).take_while(|line| line.starts_with('|'));
    let cells = |row: &str| row.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect();
    let rows: Vec<_> = rows.map(cells).collect();
    assert!(!rows.is_empty(), "docs/cost.md has no table `{head}`");
    rows
}

/// `51840` with commas, as people write it.
fn with_commas(number: u32) -> String {
    if number < 1_000 {
        return number.to_string();
    }
    format!("{},{:03}", with_commas(number / 1_000), number % 1_000)
}

/// The custom metrics, as the contract declares them.
fn metrics() -> Vec<String> {
    let declared = Regex::new(r#"(?m)^ +pub const [A-Z_]+: &str = "([A-Za-z]+)";"#).unwrap();
    let contract = text("model/src/contract/mod.rs");
    let (_, source) = contract.split_once("\npub mod metric {\n").unwrap();
    let (source, _) = source.split_once("\n}\n").unwrap();
    let names: Vec<_> = declared.captures_iter(source).map(|found| found[1].to_owned()).collect();
    assert_eq!(names.len(), source.matches("pub const").count(), "a metric is declared in another way");
    names
}

/// The expected first table, for the default choices.
fn counted() -> Vec<Vec<String>> {
    let deployment = Deployment::new(Choices::default()).unwrap();
    let resources = || deployment.resources().iter().map(|node| &node.resource);
    let number_of = |kind| u32::try_from(resources().filter(|it| it.kind() == kind).count()).unwrap();
    let memory = |handler| {
        let mut sizes = resources().filter_map(|resource| match resource {
            Resource::Function(function) if function.handler == handler => Some(function.memory_size.get()),
            _ => None,
        });
        sizes.next().unwrap()
    };
    let runs = resources().filter_map(|resource| match resource {
        Resource::Schedule(schedule) => Some(MINUTES_IN_30_DAYS / schedule.rate_minutes),
        _ => None,
    });
    let mut retentions: Vec<_> = resources()
        .filter_map(|resource| match resource {
            Resource::LogGroup(group) => Some(group.retention.get()),
            _ => None,
        })
        .collect();
    retentions.dedup();
    let [retention] = retentions[..] else { panic!("log groups differ, and the page has one number") };
    let secrets =
        deployment.parameters().iter().filter(|it| it.id.cloudformation.ends_with("SecretArn")).count();
    let metrics = metrics().len();

    let names = Handler::ALL.map(|handler| format!("`{}`", handler.name())).join(", ");
    let memories = Handler::ALL.map(|handler| with_commas(memory(handler))).join(", ");
    let mut rows = vec![
        vec!["functions".to_owned(), with_commas(number_of(Kind::Function))],
        vec![format!("memory of {names}, MiB"), memories],
    ];
    rows.extend(
        [
            ("schedules", number_of(Kind::Schedule)),
            ("runs of schedules in 30 days", runs.sum()),
            ("queues that Lambda polls", number_of(Kind::EventSourceMapping)),
            ("secrets that functions read", u32::try_from(secrets).unwrap()),
            ("log groups", number_of(Kind::LogGroup)),
            ("days that logs are kept", retention),
            ("alarms", number_of(Kind::Alarm)),
            ("names of custom metrics", u32::try_from(metrics).unwrap()),
            ("metric filters among them", number_of(Kind::MetricFilter)),
            ("dashboards", number_of(Kind::Dashboard)),
            ("instances at the same time, at most", deployment.choices().runners.max),
        ]
        .map(|(what, number)| vec![what.to_owned(), with_commas(number)]),
    );
    rows
}

/// The calls in the transcript of one job: those of the job, of the rebalancer's run after it, and of scale-down's run.
fn called() -> [BTreeMap<String, u32>; 3] {
    let page = text("docs/end-to-end.md");
    let transcript = page.split("```text").nth(1).unwrap().split("```").next().unwrap();
    let call = Regex::new(r"^\s*\d+ ms +(\w*) *-> (\w+) ").unwrap();
    let mut called = [const { BTreeMap::new() }; 3];
    let mut part = 0;
    for line in transcript.lines() {
        let Some(found) = call.captures(line) else { continue };
        // A call to GitHub follows the function that makes it.
        part = match &found[1] {
            "" => part,
            "rebalancer" => 1,
            "scaledown" => 2,
            _ => 0,
        };
        *called[part].entry(found[2].to_owned()).or_default() += 1;
    }
    called
}

#[test]
fn what_is_counted_is_what_is_deployed() {
    assert_eq!(table(&text("docs/cost.md"), "of the default choices"), counted());
}

#[test]
fn the_calls_are_those_of_the_transcript() {
    let page = text("docs/cost.md");
    let head = page.lines().find(|line| line.starts_with("| calls, ")).unwrap();
    let services: Vec<_> = head.trim_matches('|').split('|').skip(1).map(str::trim).collect();
    let called = called();
    let others: Vec<_> =
        called.iter().flat_map(BTreeMap::keys).filter(|it| !services.contains(&&***it)).collect();
    assert!(others.is_empty(), "docs/cost.md does not count calls of {others:?}");
    let expected = called.map(|calls| {
        services.iter().map(|it| calls.get(*it).copied().unwrap_or_default().to_string()).collect::<Vec<_>>()
    });
    let found: Vec<_> = table(&page, "calls, ").iter().map(|row| row[1..].to_vec()).collect();
    assert_eq!(found, expected);
}

#[test]
fn every_custom_metric_is_told_when_it_is_billed() {
    let page = text("docs/cost.md");
    for name in metrics() {
        assert!(page.contains(&format!("`{name}`")), "docs/cost.md does not say when {name} is written");
    }
}
