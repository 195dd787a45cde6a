//! Keys that people write into the configuration although they are inputs of the deployment.

use jit_runners_model::{Choices, Deployment, stack::inputs::chosen_default};

/// What Terraform has inputs for and a stack does not: the names people use, and what it is in a stack.
const OF_A_STACK: [(&[&str], &str, &str, Option<&str>); 2] = [
    (&["awsregion", "region"], "the stack's region", "aws_region", None),
    (&["projectname", "stackname"], "the stack's name", "project_name", Some("name")),
];

/// What to say of `key`, if it is called like an input in one of the dialects.
pub(super) fn given_when_deploying(key: &str) -> Option<String> {
    let wanted = squashed(key);
    if let Some((_, stack, terraform, default)) =
        OF_A_STACK.into_iter().find(|(names, ..)| names.contains(&wanted.as_str()))
    {
        let given = format!("{stack} in CloudFormation and `{terraform}` in Terraform");
        return Some(told(&given, default));
    }
    // The defaults have every input that there can be.
    let deployment = Deployment::new(Choices::default()).ok()?;
    let id = deployment
        .parameters()
        .iter()
        .map(|parameter| parameter.id)
        .find(|id| [id.cloudformation, id.terraform].into_iter().any(|name| squashed(name) == wanted))?;
    let given = format!("`{}` in CloudFormation and `{}` in Terraform", id.cloudformation, id.terraform);
    Some(told(&given, chosen_default(id)))
}

/// `default` is the key that its default has here.
fn told(given: &str, default: Option<&str>) -> String {
    let default = default.map_or_else(String::new, |key| format!("; its default is `{key}` here"));
    format!("this is given when deploying, as {given}{default}")
}

/// A name without what people vary: case, underscores, hyphens.
fn squashed(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}
