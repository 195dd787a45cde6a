//! `ami.prune` against an emulator.

use serde_json::{Value, json};

use crate::account::Account;

fn image(name: &str, created: &str, more: &Value) -> Value {
    let mut tags = json!({
        "jit-runners:image": "jit-runners",
        "jit-runners:architecture": "x86_64",
        "test:created": format!("2026-{created}T00:00:00.000Z"),
    });
    for (key, value) in more.as_object().unwrap() {
        tags[key] = value.clone();
    }
    json!({ "name": name, "tags": tags })
}

/// The output line for the image.
fn line<'a>(said: &'a str, name: &str) -> &'a str {
    said.lines().find(|line| line.contains(&format!("({name},"))).unwrap_or_else(|| panic!("{name}: {said}"))
}

fn names(account: &Account, region: &str) -> Vec<String> {
    let mut names: Vec<_> =
        account.images(region).iter().map(|image| image["Name"].as_str().unwrap().to_owned()).collect();
    names.sort();
    names
}

#[test]
fn the_newest_and_what_is_in_use_stay() {
    let Some(account) = Account::new("us-west-2") else { return };
    let none = json!({});
    account.prepare(json!({
        "images": [
            image("new", "06-06", &none),
            image("newer", "06-07", &none),
            image("arm", "01-01", &json!({ "jit-runners:architecture": "arm64" })),
            image("of-stack", "06-01", &none),
            image("of-function", "06-02", &none),
            image("of-instance", "06-03", &none),
            image("of-template", "06-04", &none),
            image("old", "06-05", &none),
            image("other", "01-02", &json!({ "jit-runners:image": "jit-runners-test" })),
            { "name": "somebodys" },
        ],
        "stacks": { "mine": "of-stack" },
        "functions": { "mine-scaleup": "of-function" },
        "instances": ["of-instance"],
        "templates": { "mine": "of-template" },
        "snapshots": [{ "name": "leftover", "tags": { "jit-runners:image": "jit-runners" } }],
    }));
    let region = "us-west-2";
    let (images, snapshots) = (names(&account, region), account.snapshots(region));

    let said = account.ami(&["prune", "--keep", "2"]).well();
    for (name, why) in [
        ("newer", "one of the newest"),
        ("new", "one of the newest"),
        ("arm", "one of the newest"),
        ("of-stack", "used by the stack mine"),
        ("of-function", "used by the function mine-scaleup"),
        ("of-instance", "used by the instance i-"),
        ("of-template", "used by the launch template mine"),
    ] {
        let line = line(&said, name);
        assert!(line.contains("keeps") && line.contains(why), "{line}");
    }
    assert!(line(&said, "old").contains("removes"), "{said}");
    assert!(!said.contains("(other,") && !said.contains("(somebodys,"), "{said}");
    assert!(said.contains("Nothing was removed; add APPLY=true"), "{said}");
    assert_eq!((names(&account, region), account.snapshots(region)), (images.clone(), snapshots.clone()));

    account.ami(&["prune", "--keep", "2", "--apply"]).well();
    let stay: Vec<_> = images.into_iter().filter(|name| name != "old").collect();
    assert_eq!(names(&account, region), stay);
    // The image's own snapshot, and the leftover.
    assert_eq!(account.snapshots(region).len(), snapshots.len() - 2);
}

#[test]
fn what_cannot_be_seen_is_not_removed() {
    let Some(account) = Account::new("eu-central-1") else { return };
    let none = json!({});
    account.prepare(json!({ "images": [image("old", "01-01", &none), image("new", "01-02", &none)] }));
    for call in ["describe-stacks", "list-functions"] {
        account.set(&format!("refuse-{call}"), "(AccessDenied) when calling X: not you");
        account.ami(&["prune", "--keep", "1", "--apply"]).refused("nothing was removed there");
        account.unset(&format!("refuse-{call}"));
    }
    let hidden =
        json!({ "FunctionName": "mine-scaleup", "Environment": { "Error": { "Message": "no key" } } });
    account.set("answer-list-functions", &json!({ "Functions": [hidden] }).to_string());
    account
        .ami(&["prune", "--keep", "1", "--apply"])
        .refused("the environment of mine-scaleup is hidden (no key)");
    account.unset("answer-list-functions");
    account.ami(&["prune", "--keep", "0"]).refused("give 1 or more");
    assert_eq!(names(&account, "eu-central-1"), ["new", "old"]);
}

#[test]
fn what_is_being_made_stays_and_so_do_snapshots_meanwhile() {
    let Some(account) = Account::new("eu-south-1") else { return };
    let none = json!({});
    let ids = account.prepare(json!({
        "images": [image("old", "01-01", &none), image("new", "01-02", &none)],
        "snapshots": [{ "name": "its", "tags": { "jit-runners:image": "jit-runners" } }],
    }));
    account.set(&format!("state-{}", ids["old"].as_str().unwrap()), "pending");
    let said = account.ami(&["prune", "--keep", "1", "--apply"]).well();
    assert!(line(&said, "old").contains("being made"), "{said}");
    assert_eq!(account.snapshots("eu-south-1").len(), 3);
}

#[test]
fn what_stays_behind_is_told_and_found_again() {
    let Some(account) = Account::new("eu-west-2") else { return };
    let none = json!({});
    let ids =
        account.prepare(json!({ "images": [image("old", "01-01", &none), image("new", "01-02", &none)] }));
    let prune = || account.ami(&["prune", "--keep", "1", "--apply"]);
    account.set("refuse-delete-snapshot", "(InvalidSnapshot.InUse) when calling X: in use");
    let said = prune().refused("stays, and is paid for: in use");
    let snapshot = ids["old-snapshot"].as_str().unwrap();
    assert!(
        said.contains(&format!("aws ec2 delete-snapshot --snapshot-id {snapshot} --region eu-west-2")),
        "{said}"
    );
    assert_eq!(names(&account, "eu-west-2"), ["new"]);
    account.unset("refuse-delete-snapshot");
    assert!(prune().well().contains(&format!("removes {snapshot}")));
    assert_eq!(account.snapshots("eu-west-2").len(), 1);
}
