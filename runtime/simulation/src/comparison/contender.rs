//! Who is compared.

use crate::rival::Rival;

/// A file of the project that most of the other policies come from.
macro_rules! concat_main {
    ($path:literal) => {
        concat!("https://github.com/github-aws-runners/terraform-aws-github-runner/blob/main/", $path)
    };
}

/// Who is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Contender {
    /// Our handlers.
    Ours,
    /// A policy that others use.
    Rival(Rival),
    /// The same without the delay of webhooks.
    Prompt(Rival),
}

impl Contender {
    /// Those that are also run without the delay.
    pub const PROMPT: [Self; 2] = [Self::Prompt(Rival::PerWebhook), Self::Prompt(Rival::PerWebhookIfQueued)];

    /// All others; ours is the first.
    pub const ALL: [Self; 5] = [
        Self::Ours,
        Self::Rival(Rival::PerWebhook),
        Self::Rival(Rival::PerWebhookIfQueued),
        Self::Rival(Rival::PerWebhookWithRetry),
        Self::Rival(Rival::ListsOnWebhook),
    ];

    /// A short name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ours => "jit-runners",
            Self::Rival(Rival::PerWebhook) | Self::Prompt(Rival::PerWebhook) => "per webhook",
            Self::Rival(Rival::PerWebhookIfQueued) | Self::Prompt(Rival::PerWebhookIfQueued) => {
                "if still queued"
            }
            Self::Rival(Rival::PerWebhookWithRetry) | Self::Prompt(Rival::PerWebhookWithRetry) => {
                "if queued, retry"
            }
            Self::Rival(Rival::ListsOnWebhook) | Self::Prompt(Rival::ListsOnWebhook) => "GitHub's lists",
        }
    }

    /// A name that says more.
    pub(super) const fn legend(self) -> &'static str {
        match self {
            Self::Ours => "jit-runners",
            Self::Rival(Rival::PerWebhook) | Self::Prompt(Rival::PerWebhook) => {
                "one launch per webhook, after 30 s"
            }
            Self::Rival(Rival::PerWebhookIfQueued) | Self::Prompt(Rival::PerWebhookIfQueued) => {
                "the same, if the job is still queued"
            }
            Self::Rival(Rival::PerWebhookWithRetry) | Self::Prompt(Rival::PerWebhookWithRetry) => {
                "the same, and one retry"
            }
            Self::Rival(Rival::ListsOnWebhook) | Self::Prompt(Rival::ListsOnWebhook) => {
                "counted from GitHub's lists on each webhook"
            }
        }
    }

    /// How it decides.
    pub(super) const fn decides(self) -> &'static str {
        match self {
            Self::Ours => {
                "Jobs and runners are counted in a ledger, by repository and labels; what is missing is launched, what is too much \
                 retired. A schedule compares the ledger with GitHub's lists each minute."
            }
            Self::Rival(Rival::PerWebhook) | Self::Prompt(Rival::PerWebhook) => {
                "One launch for each `queued` webhook, 30 seconds after it came; a batch of ten messages is one `CreateFleet`."
            }
            Self::Rival(Rival::PerWebhookIfQueued) | Self::Prompt(Rival::PerWebhookIfQueued) => {
                "The same, but GitHub is asked first whether the job is still queued; if not, its message is dropped."
            }
            Self::Rival(Rival::PerWebhookWithRetry) | Self::Prompt(Rival::PerWebhookWithRetry) => {
                "The same, and five minutes after each launch GitHub is asked once more; a job that still waits is launched for \
                 again, once."
            }
            Self::Rival(Rival::ListsOnWebhook) | Self::Prompt(Rival::ListsOnWebhook) => {
                "On each webhook, queued jobs are counted from GitHub's lists of runs and jobs, and runners from its list of \
                 runners; the difference is launched."
            }
        }
    }

    /// Where that was read.
    pub(super) const fn sources(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Ours => &[("runtime/", "../runtime/src/lib.rs")],
            Self::Rival(Rival::PerWebhook) | Self::Prompt(Rival::PerWebhook) => &[
                (
                    "`scale-up.ts`",
                    concat_main!("lambdas/functions/control-plane/src/scale-runners/scale-up.ts"),
                ),
                ("`delay_webhook_event`", concat_main!("variables.tf")),
            ],
            Self::Rival(Rival::PerWebhookIfQueued) | Self::Prompt(Rival::PerWebhookIfQueued) => &[
                (
                    "`isJobQueued`",
                    concat_main!("lambdas/functions/control-plane/src/scale-runners/github-runner.ts"),
                ),
                (
                    "`enable_job_queued_check`",
                    "https://github-aws-runners.github.io/terraform-aws-github-runner/configuration/",
                ),
            ],
            Self::Rival(Rival::PerWebhookWithRetry) | Self::Prompt(Rival::PerWebhookWithRetry) => &[(
                "`job-retry.ts`",
                concat_main!("lambdas/functions/control-plane/src/scale-runners/job-retry.ts"),
            )],
            Self::Rival(Rival::ListsOnWebhook) | Self::Prompt(Rival::ListsOnWebhook) => &[
                (
                    "`TotalNumberOfQueuedAndInProgressWorkflowRuns`",
                    "https://github.com/actions/actions-runner-controller/blob/master/controllers/actions.summerwind.net/autoscaling.go",
                ),
                (
                    "`rebalancer.go`",
                    "https://github.com/devopsfactory-io/jit-runners/blob/main/lambda/internal/rebalancer/rebalancer.go",
                ),
            ],
        }
    }

    /// Public systems that decide so.
    pub(super) const fn systems(self) -> &'static [(&'static str, &'static str)] {
        const MODULE: &str = "https://github.com/github-aws-runners/terraform-aws-github-runner";
        match self {
            Self::Ours => &[("jit-runners", "../README.md")],
            Self::Rival(Rival::PerWebhook) | Self::Prompt(Rival::PerWebhook) => &[
                ("terraform-aws-github-runner (once of philips-labs) with ephemeral runners", MODULE),
                ("RunsOn", "https://runs-on.com/architecture/"),
                ("cdk-github-runners", "https://github.com/CloudSnorkel/cdk-github-runners"),
            ],
            Self::Rival(Rival::PerWebhookIfQueued) | Self::Prompt(Rival::PerWebhookIfQueued) => {
                &[("terraform-aws-github-runner with `enable_job_queued_check`", MODULE)]
            }
            Self::Rival(Rival::PerWebhookWithRetry) | Self::Prompt(Rival::PerWebhookWithRetry) => {
                &[("terraform-aws-github-runner with `job_retry`", MODULE)]
            }
            Self::Rival(Rival::ListsOnWebhook) | Self::Prompt(Rival::ListsOnWebhook) => &[
                (
                    "Actions Runner Controller (ARC) with `HorizontalRunnerAutoscaler`",
                    "https://github.com/actions/actions-runner-controller/blob/master/docs/automatically-scaling-runners.md",
                ),
                ("devopsfactory-io/jit-runners", "https://github.com/devopsfactory-io/jit-runners"),
            ],
        }
    }

    /// Its colour, on a light and on a dark background.
    pub(super) const fn colors(self) -> [&'static str; 2] {
        match self {
            Self::Ours => ["#0969da", "#4493f8"],
            Self::Rival(Rival::PerWebhook) | Self::Prompt(Rival::PerWebhook) => ["#bc4c00", "#f0883e"],
            Self::Rival(Rival::PerWebhookIfQueued) | Self::Prompt(Rival::PerWebhookIfQueued) => {
                ["#bf3989", "#db61a2"]
            }
            Self::Rival(Rival::PerWebhookWithRetry) | Self::Prompt(Rival::PerWebhookWithRetry) => {
                ["#9a6700", "#d29922"]
            }
            Self::Rival(Rival::ListsOnWebhook) | Self::Prompt(Rival::ListsOnWebhook) => {
                ["#1a7f37", "#3fb950"]
            }
        }
    }
}
