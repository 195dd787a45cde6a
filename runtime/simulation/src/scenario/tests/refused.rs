//! Each bad file with its full report.

use super::super::Scenario;

/// Every problem of the file, line by line.
#[track_caller]
fn refused(text: &str, expected: &[&str]) {
    let Err(refused) = Scenario::read("f.yaml", text.as_bytes()) else { panic!("it was accepted:\n{text}") };
    let found: Vec<_> = refused.problems.iter().map(ToString::to_string).collect();
    assert_eq!(found, expected, "{text}");
}

#[test]
fn keys_that_nobody_knows() {
    refused(
        "abuot: x
world:
  inputs: {MaxRuners: 10}
  gihub: {}
  github: {webhooks_lost: 0.1, color: blue}
story:
- {at: 0 s, push: o/r, job: 1}
- {at: 0 s, psuh: o/r}
- {at: 0 s, color: blue}
hold:
  metric: {StrandedJob: {above: 0}}
",
        &[
            "f.yaml:1:1: `about` is missing; add it, for example `about: An organization forbids repository-level runners`",
            "f.yaml:1:1: abuot: unknown key; did you mean `about`?",
            "f.yaml:3:12: world.inputs.MaxRuners: unknown key; did you mean `MaxRunners`?",
            "f.yaml:4:3: world.gihub: unknown key; did you mean `github`?",
            "f.yaml:5:12: world.github.webhooks_lost: unknown key; did you mean `webhook_lost`?",
            "f.yaml:5:32: world.github.color: unknown key; expected one of `from`, `until`, `registration`, `job`, `removal`, `run_jobs`, `runs`, `everything`, `assign_delay`, `pickup_delay`, `oldest_first`, `webhook_delay`, `webhook_lost`, `webhook_doubled`, `webhook_late`, `webhook_lateness`, `idle_drop`, `ghost`, `lost_machine`, `offline_after`, `requeued_though_started`, `left_behind`, `server_error`, `done_despite_error`, `refuse_limited`, `refuse_with_wait`, `refused_for`, `outages`, `outage_loses_webhooks`, `stale_reads`, `stale_for`, `primary_limit`, `registration_limit`, `registration_burst`, `secondary_limit`, `secondary_without_wait`, `deprecated`, `removal_blind`, `young_token`, `young_token_refused`, `self_update`",
            "f.yaml:7:24: story.0.job: unknown key; did you mean `jobs`?",
            "f.yaml:8:13: story.1.psuh: unknown key; did you mean `push`?",
            "f.yaml:9:3: story.2: says nothing that happens; add one of `push`, `cancel`, `rerun`, `rename`, `hanging`, `foreign`, `stranger`, `lose`, `forge`, `pause`, `deploy`",
            "f.yaml:11:12: hold.metric.StrandedJob: unknown key; did you mean `StrandedJobs`?",
        ],
    );
}

#[test]
fn values_of_the_wrong_kind() {
    refused(
        "about: yes
source: runs-on/runs-on#417
seeds: many
world:
  inputs: {MaxRunners: 0, DefaultInstanceType: huge, RunnerVersion: 2.999.0}
  choices: {scope: org}
  github: {webhook_lost: 5 %, ghost: 1.5, stale_for: 5, webhook_delay: 2 s}
  ec2: {boot: [45 s, 20 s], spot_quota: some, run_instances: {capacity: 0}}
  faults_stop: 1 hour
story:
- {at: [1 min, 2 min, 3 min], push: r, labels: large, length: 2m}
- {at: soon, deploy: delete}
",
        &[
            "f.yaml:1:8: about: found `yes`, which YAML takes for a yes or no; put it in quotes: `\"yes\"`",
            "f.yaml:2:9: source: found `runs-on/runs-on#417`; expected an address, https://...",
            "f.yaml:3:8: seeds: found `many`; expected a whole number from 1 to 1000000; write `1`",
            "f.yaml:5:3: world.inputs: DefaultInstanceType is not an EC2 instance type, a family and a size such as `c7i.xlarge`: found 4 characters",
            "f.yaml:5:3: world.inputs: RunnerVersion needs RunnerChecksums, unless it is one of auto, 2.338.0, 2.337.0.",
            "f.yaml:5:24: world.inputs.MaxRunners: found `0`; expected a whole number from 1 to 10000; write `1`",
            "f.yaml:6:20: world.choices.scope: found `org`; did you mean `organization`?",
            "f.yaml:7:26: world.github.webhook_lost: found `5 %`; expected a probability from 0 to 1; write `0.05`",
            "f.yaml:7:38: world.github.ghost: found `1.5`; expected a probability from 0 to 1; write `1`",
            "f.yaml:7:54: world.github.stale_for: found `5`, which has no unit; expected a time in ms, s, min, h or days, up to 40 days; write `5 s`",
            "f.yaml:7:72: world.github.webhook_delay: found a single value; expected a list, such as `[a, b]`",
            "f.yaml:8:15: world.ec2.boot: the first must not be larger than the second",
            "f.yaml:8:41: world.ec2.spot_quota: found `some`; expected a whole number from 0 to 4294967295; write `1`",
            "f.yaml:8:73: world.ec2.run_instances.capacity: found `0`; expected a whole number from 1 to 4294967295; write `1`",
            "f.yaml:9:16: world.faults_stop: found `1 hour`, which is not how the unit is written; expected a time in ms, s, min, h or days, up to 40 days; write `1 h`",
            "f.yaml:11:8: story.0.at: found 3 values; expected two, the smaller one first: `[a, b]`",
            "f.yaml:11:37: story.0.push: found `r`; expected a repository, owner/name",
            "f.yaml:11:48: story.0.labels: found a single value; expected a list, such as `[a, b]`",
            "f.yaml:11:63: story.0.length: found `2m`, which is not how the unit is written; expected a time in ms, s, min, h or days, up to 40 days; write `2 min`",
            "f.yaml:12:8: story.1.at: found `soon`, which is not a number with a unit; expected a time in ms, s, min, h or days, up to 40 days; write `2 min`",
            "f.yaml:12:22: story.1.deploy: found `delete`; expected one of `create`, `update`, `roll_back`, `remove`",
        ],
    );
}

#[test]
fn what_does_not_fit_together() {
    refused(
        "about: x
world:
  github:
  - {from: 10 min, until: 5 min, run_jobs: {answer: 502, push: frist}}
  - {until: 40 min, webhook_lost: 1}
  faults_stop: 20 min
story:
- {at: 10 min, push: o/r, name: first, every: 1 min}
- {at: 5 min, cancel: first}
- {at: 20 min, rerun: frist}
- {at: 20 min, push: o/r, name: first, approved_after: 1 min, held: 1 min}
- {at: 3 h, push: o/other, jobs_in_all: 10, times: 2, held_jobs: 1}
hold:
  until: 2 h
  over_within: 2 h
  started: {repository: o/ohter, labels: [large], name: second, within: 3 min}
  requests: [{more per hour: 10}, {without: nothing}]
  metric: {Gap: {within: 1 min}}
  promises: [1, 99]
",
        &[
            "f.yaml:2:1: world: `faults_stop` comes before the end of a period of `github`, or of a drought",
            "f.yaml:4:20: world.github.0.until: is not after `from`",
            "f.yaml:4:44: world.github.0.run_jobs: no push is called `frist`; did you mean `first`?",
            "f.yaml:8:40: story.0.every: needs `times`",
            "f.yaml:9:3: story.1: it happens before `first` is pushed",
            "f.yaml:10:3: story.2: no push is called `frist`; did you mean `first`?",
            "f.yaml:11:3: story.3: two pushes are called `first`",
            "f.yaml:11:63: story.3.held: a job is held in one way; remove `held` or `approved_after`",
            "f.yaml:12:3: story.4: it happens at 3 h, and the run ends at 2 h; let it last longer",
            "f.yaml:12:28: story.4.jobs_in_all: says how many pushes there are; remove `times` and `every`",
            "f.yaml:12:55: story.4.held_jobs: no job is held; add `approved_after`",
            "f.yaml:14:3: hold.until: a run ends at `until`, or when everything is over; remove one of the two",
            "f.yaml:16:13: hold.started.repository: no repository of the story is called `o/ohter`; did you mean `o/other`?",
            "f.yaml:16:34: hold.started.labels: no job has the label `large`",
            "f.yaml:16:51: hold.started.name: no push is called `second`; expected one of `first`, `first`",
            "f.yaml:17:14: hold.requests.0: `more per hour` and `without` belong together",
            "f.yaml:17:35: hold.requests.1: `more per hour` and `without` belong together",
            "f.yaml:17:36: hold.requests.1.without: no entry of the story is called `nothing`; expected one of `first`, `first`",
            "f.yaml:18:17: hold.metric.Gap: says nothing; add `above` or `at most`",
            "f.yaml:18:18: hold.metric.Gap.within: needs `above`",
            "f.yaml:19:17: hold.promises.1: found `99`; expected a whole number from 1 to 14; write `14`",
        ],
    );
}

#[test]
fn a_file_without_a_story() {
    refused("", &["f.yaml: is empty; write what happens"]);
    refused("about: x\n", &["f.yaml:1:1: nothing happens; add a `story`"]);
    refused("- about: x\n", &["f.yaml:1:1: found a list; expected keys with values"]);
}
