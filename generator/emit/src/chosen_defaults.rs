//! Inputs whose defaults are chosen in `jit-runners.yaml`.

use jit_runners_model::{
    Deployment,
    parameter::{DefaultValue, Parameter},
    stack::inputs,
};

/// The inputs, each with the key of its default.
pub(super) fn chosen_defaults(deployment: &Deployment) -> Vec<(&Parameter, &'static str)> {
    deployment
        .parameters()
        .iter()
        .filter_map(|parameter| Some((parameter, inputs::chosen_default(parameter.id)?)))
        .collect()
}

/// A default as people write it.
pub(super) fn written(default: &DefaultValue) -> String {
    match default {
        DefaultValue::Text(text) => text.clone(),
        DefaultValue::Integer(number) => number.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use jit_runners_model::{
        Choices, Deployment, InstanceType, LabelMappings, choices::RunnerChoices,
        contract::runner_release::ReleaseChoice,
    };

    use super::chosen_defaults;

    #[test]
    fn they_are_those_that_change_with_the_choices() {
        let usual = Choices::default();
        let other = Choices {
            label_mappings: LabelMappings::new(vec![usual.label_mappings.iter().next().unwrap().clone()])
                .unwrap(),
            runners: RunnerChoices {
                default_instance_type: InstanceType::new("m7i.large").unwrap(),
                version: ReleaseChoice::new("2.337.0").unwrap(),
                max: usual.runners.max + 1,
                ..usual.runners.clone()
            },
            ..usual.clone()
        };
        let (usual, other) = (Deployment::new(usual).unwrap(), Deployment::new(other).unwrap());
        let changed: Vec<_> = usual
            .parameters()
            .iter()
            .zip(other.parameters())
            .filter(|(usual, other)| usual.default != other.default)
            .map(|(usual, _)| usual.id)
            .collect();
        let known: Vec<_> = chosen_defaults(&usual).iter().map(|(parameter, _)| parameter.id).collect();
        assert_eq!(known, changed);
    }
}
