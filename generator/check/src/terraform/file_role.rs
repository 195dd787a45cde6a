//! What a file in a module's folder is to Terraform: its name alone says it.

/// What the name of a file in a module's folder says
/// (<https://developer.hashicorp.com/terraform/language/files>).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileRole {
    /// A part of the module.
    Part,
    /// A file that changes what the others say.
    Override,
    /// Values of the module's variables, which Terraform takes without being asked.
    Values,
    /// A part of the module that the check does not understand.
    Outside,
    /// Nothing to Terraform.
    Other,
}

impl FileRole {
    /// What a file called `name` is.
    pub fn of(name: &str) -> Self {
        // Editors keep their own copies beside a file, and Terraform passes over them, too
        // (`IsIgnoredFile` in <https://github.com/hashicorp/terraform/blob/main/internal/configs/parser_config_dir.go>).
        if name.starts_with('.') || name.ends_with('~') || (name.starts_with('#') && name.ends_with('#')) {
            return Self::Other;
        }
        // OpenTofu reads `x.tofu` instead of `x.tf` (<https://opentofu.org/docs/language/files/>).
        if [".tf.json", ".tofu", ".tofu.json"].iter().any(|ending| name.ends_with(ending)) {
            return Self::Outside;
        }
        let is_values = |ending: &str| {
            let stem = name.strip_suffix(ending);
            stem.is_some_and(|stem| stem == "terraform" || stem.strip_suffix(".auto").is_some())
        };
        if is_values(".tfvars") || is_values(".tfvars.json") {
            return Self::Values;
        }
        match name.strip_suffix(".tf") {
            Some(stem) if stem == "override" || stem.ends_with("_override") => Self::Override,
            Some(_) => Self::Part,
            None => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_what_files_are() {
        for (name, role) in [
            ("main.tf", FileRole::Part),
            ("overrides.tf", FileRole::Part),
            ("override.tf", FileRole::Override),
            ("a_override.tf", FileRole::Override),
            ("main.tf.json", FileRole::Outside),
            ("override.tf.json", FileRole::Outside),
            ("main.tofu", FileRole::Outside),
            ("main.tofu.json", FileRole::Outside),
            (".main.tf", FileRole::Other),
            (".main_override.tf", FileRole::Other),
            ("main.tf~", FileRole::Other),
            ("#main.tf#", FileRole::Other),
            ("main.tftest.hcl", FileRole::Other),
            ("terraform.tfvars", FileRole::Values),
            ("terraform.tfvars.json", FileRole::Values),
            ("x.auto.tfvars", FileRole::Values),
            ("production.tfvars", FileRole::Other),
        ] {
            assert_eq!(FileRole::of(name), role, "{name}");
        }
    }
}
