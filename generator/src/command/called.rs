//! How the person called the command, so that messages can say what to type next.

use std::path::Path;

use super::told::quoted;

/// What to type to run the program again: what stands in front of `generate`. `program` is how it was started, and
/// `by_cargo` says whether Cargo started it.
pub fn called(program: &Path, by_cargo: bool) -> String {
    let is_below = |folder: &str| program.components().any(|part| part.as_os_str() == folder);
    if by_cargo && is_below("target") {
        // Built another way, it would be built again.
        return if is_below("release") { "cargo run --release" } else { "cargo run" }.to_owned();
    }
    if program.as_os_str().is_empty() { "jit-runners".to_owned() } else { quoted(program) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_it_was_called() {
        for (program, by_cargo, expected) in [
            ("target/debug/jit-runners", true, "cargo run"),
            ("/srv/jit runners/target/debug/jit-runners", true, "cargo run"),
            ("target/release/jit-runners", true, "cargo run --release"),
            ("target/debug/jit-runners", false, "target/debug/jit-runners"),
            ("/opt/my tools/jit-runners", false, "'/opt/my tools/jit-runners'"),
            ("jit-runners", false, "jit-runners"),
            // One that is installed, in a build of something else.
            ("jit-runners", true, "jit-runners"),
            ("", false, "jit-runners"),
        ] {
            assert_eq!(called(Path::new(program), by_cargo), expected);
        }
    }
}
