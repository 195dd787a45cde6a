//! An ARN in text where a link is expected.

use jit_runners_model::{
    Text,
    resource::InstanceProfile,
};

fn profile() -> InstanceProfile {
    InstanceProfile {
        instance_profile_name: Text::literal("runner"),
        role: Text::literal("arn:aws:iam::123456789012:role/runner"),
    }
}

fn main() {}
