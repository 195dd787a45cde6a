//! Links that must not compile: see the files beside this one and what the compiler says to each.

#[test]
fn wrong_links_do_not_compile() {
    trybuild::TestCases::new().compile_fail("tests/compile_fail/*.rs");
}
