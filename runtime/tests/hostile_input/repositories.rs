//! Names of repositories that try to be something else, because they become part of GitHub's URLs.

use crate::{payload::with, ports::delivered};

#[test]
fn a_repository_that_tries_to_be_an_address_or_a_path_is_refused() {
    let names = [
        "",
        "/",
        "octo",
        "octo/",
        "/cat",
        "octo/cat/dog",
        "https://odd-text.example/",
        "https://odd-text.example/octo/cat",
        "//odd-text.example/cat",
        "http:/odd-text.example",
        "octo/cat?admin=true",
        "octo/cat#",
        "octo/cat%2f..",
        "octo%2fcat",
        "octo\\cat",
        "octo/..",
        "../cat",
        "./cat",
        "octo/.",
        "octo/cat/../../../orgs/octo/actions/runners",
        "octo@odd-text.example/cat",
        "octo:odd-text/cat",
        "octo/ca t",
        "octo/cat\n",
        "octo/cat\r\nx-odd-text: 1",
        "octo/cat\0",
        "octo/ｃａｔ",
        "octo/cat\u{202e}",
        "оcto/cat",
        "octo\u{2215}cat",
    ];
    let long = ["o".repeat(101) + "/cat", "octo/".to_owned() + &"c".repeat(101)];
    for action in ["queued", "in_progress", "completed"] {
        for name in names.into_iter().chain(long.iter().map(String::as_str)) {
            let outcome = delivered("workflow_job", with(action, "/repository/full_name", name).to_string());
            assert_eq!((outcome.response.status, outcome.sent()), (400, 0), "{name}");
            outcome.says_nothing(name);
        }
    }
}

#[test]
fn a_repository_of_any_name_that_github_gives_is_taken() {
    for name in ["o/r", "octo-org/.github", "octo_corp/a.b-c_d", "0/0", "o/...", "o/-", "enterprise_user/_"] {
        let outcome = delivered("workflow_job", with("queued", "/repository/full_name", name).to_string());
        assert_eq!(outcome.jobs.first().map(|job| job.job.repository.as_str()), Some(name));
    }
}
