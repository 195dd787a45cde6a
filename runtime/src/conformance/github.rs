//! Cases for GitHub: a registration from beginning to end, and lists
//! (<https://docs.github.com/en/rest/actions/self-hosted-runners>).

use jit_runners_model::{
    Label, RunnerVersion,
    contract::message::{JobRef, Repository},
};

use super::Differences;
use crate::{
    port::{
        Clock, Etagged, Github, GithubError, Page, Registered, Registration, RegistrationTarget, RunStatus,
    },
    retry::{GithubClass, github_class},
};

/// Runs every case in a repository of the installation that has no runners and no jobs.
pub async fn github(ports: &(impl Github + Clock), repository: &Repository) -> Differences {
    let mut differences = Differences::default();
    registrations(ports, repository, &mut differences).await;
    releases(ports, repository, &mut differences).await;
    lists(ports, repository, &mut differences).await;
    differences
}

async fn registrations(
    ports: &(impl Github + Clock),
    repository: &Repository,
    differences: &mut Differences,
) {
    let class = |error: &GithubError| github_class(error, ports.now());
    let target = RegistrationTarget::Repository(repository.clone());
    let labels = ["linux", "self-hosted"].map(Label::new).into_iter().filter_map(Result::ok).collect();
    let name = "conformance-i-0a-1".to_owned();
    let registration = Registration { target: target.clone(), name: name.clone(), labels };
    let new = match ports.register(&registration).await {
        Ok(new) => new,
        Err(error) => {
            return differences.expect("a registration", &error.to_string(), &"a runner".to_owned());
        }
    };
    differences.expect("a registration has a configuration", &new.encoded.is_empty(), &false);
    let expected = Registered { id: new.runner_id, name: name.clone(), online: false, busy: false };
    let found = ports.find(&target, &name).await;
    differences.expect("a runner is found by its name", &found, &Ok(Some(expected.clone())));
    let longer = ports.find(&target, "conformance-i-0a").await;
    differences.expect("a part of its name finds nothing", &longer, &Ok(None));
    let listed = ports.runners(&target, 1).await;
    differences.expect("it is listed", &listed, &Ok(vec![expected]));
    differences.expect("there is no second page", &ports.runners(&target, 2).await, &Ok(Vec::new()));
    let again = ports.register(&registration).await;
    let again = again.as_ref().err().map(class);
    differences.expect("a second of that name", &again, &Some(GithubClass::NameTaken));
    differences.expect("it is removed", &ports.remove(&target, new.runner_id).await, &Ok(()));
    let again = ports.remove(&target, new.runner_id).await;
    differences.expect("removed again", &again.as_ref().err().map(class), &Some(GithubClass::Gone));
    differences.expect("it is not found any more", &ports.find(&target, &name).await, &Ok(None));
}

/// The runner's releases
/// (<https://docs.github.com/en/rest/actions/self-hosted-runners#list-runner-applications-for-a-repository>).
async fn releases(ports: &(impl Github + Clock), repository: &Repository, differences: &mut Differences) {
    let target = RegistrationTarget::Repository(repository.clone());
    match ports.downloads(&target).await {
        Ok(downloads) => {
            for architecture in ["x64", "arm64"] {
                let named = |file_name: &str| {
                    file_name.starts_with(&format!("actions-runner-linux-{architecture}-"))
                        && file_name.ends_with(".tar.gz")
                };
                let fits = downloads.iter().any(|it| {
                    it.os == "linux"
                        && it.architecture == architecture
                        && named(&it.file_name)
                        && it.url.starts_with("https://")
                });
                differences.expect("an archive for Linux", &fits, &true);
            }
        }
        Err(error) => differences.expect("archives", &error.to_string(), &"a list".to_owned()),
    }
    let Ok(long_gone) = RunnerVersion::new("2.0.1") else { return };
    let unknown = ports.end_of_life(&target, &long_gone).await;
    let unknown = unknown.as_ref().err().map(|error| github_class(error, ports.now()));
    differences.expect("the end of a release that nobody knows", &unknown, &Some(GithubClass::Gone));
}

async fn lists(ports: &(impl Github + Clock), repository: &Repository, differences: &mut Differences) {
    let nobody = JobRef { repository: repository.clone(), job_id: 1, run_attempt: 1 };
    differences.expect("a job that is not there", &ports.job(&nobody).await, &Ok(None));
    for status in RunStatus::ALL {
        match ports.runs(repository, status, 1, None).await {
            Ok(Etagged::Changed { value, etag }) => {
                differences.expect("runs", &value, &Vec::new());
                let again = ports.runs(repository, status, 1, Some(&etag)).await;
                differences.expect("the same runs again", &again, &Ok(Etagged::Unchanged));
                let next =
                    ports.runs(repository, status, 2, None).await.map(|runs| runs != Etagged::Unchanged);
                differences.expect("without an etag, a page is told", &next, &Ok(true));
            }
            other => {
                differences.expect("a list without an etag", &format!("{other:?}"), &"changed".to_owned());
            }
        }
    }
    let nobody = ports.jobs(repository, 1, Page { number: 1, size: 10 }).await;
    let nobody = nobody.as_ref().err().map(|error| github_class(error, ports.now()));
    differences.expect("the jobs of a run that is not there", &nobody, &Some(GithubClass::Gone));
    let repositories = ports.repositories(1).await;
    let is_it = |it: &Repository| it.as_str() == repository.as_str() && it.id().is_some();
    let has = repositories.as_ref().is_ok_and(|all| all.iter().any(is_it));
    differences.expect("the repository is one of the installation's, with its id", &has, &true);
    differences.expect("it has its name", &ports.renamed(repository).is_none(), &true);
    differences.expect("there is no second page", &ports.repositories(2).await, &Ok(Vec::new()));
    let told =
        ports.rate_limit().is_some_and(|limit| limit.remaining < limit.limit && limit.reset > ports.now());
    differences.expect("answers told the rate limit", &told, &true);
}
