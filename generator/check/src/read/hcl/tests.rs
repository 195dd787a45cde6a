use super::*;

fn read(text: impl AsRef<[u8]>) -> Result<HclFile, String> {
    let file = SourceFile { name: "main.tf".into(), bytes: text.as_ref().to_vec() };
    parse(&file).map_err(|problem| format!("{}: {}", problem.place, problem.kind))
}

#[track_caller]
fn refused(text: impl AsRef<[u8]>, expected: &str) {
    let message = read(text).expect_err("it should be refused");
    assert!(message.starts_with(expected), "{message}");
}

#[track_caller]
fn ends(text: &str) {
    let _ = read(text);
}

#[test]
fn nodes_know_their_line_and_their_column_in_characters() {
    let file = read("a = 1\nb = [\"ä€\", c]\n").unwrap();
    let value = &file.body.get_attribute("b").unwrap().value;
    assert_eq!(file.place(value).to_string(), "main.tf:2:5");
    let items = value.as_array().unwrap();
    assert_eq!(file.place(items.get(1).unwrap()).to_string(), "main.tf:2:12");
    assert_eq!(file.source(items.get(0).unwrap()), "\"ä€\"");
    let long = format!("a = [\"{}\", b]\n", "ä".repeat(5_000));
    let file = read(&long).unwrap();
    let value = &file.body.get_attribute("a").unwrap().value;
    assert_eq!(file.place(value.as_array().unwrap().get(1).unwrap()).to_string(), "main.tf:1:5010");
}

#[test]
fn a_byte_order_mark_is_no_character() {
    let file = read("\u{feff}a = 1\n").unwrap();
    assert_eq!(file.place(&file.body.get_attribute("a").unwrap().value).to_string(), "main.tf:1:5");
}

#[test]
fn what_is_not_a_file_of_a_module_is_refused() {
    refused(b"a = \"\xff\"", "main.tf:1:6: not UTF-8");
    refused(vec![b' '; MAX_BYTES + 1], "main.tf: the file has more than");
    refused("a = [1\n", "main.tf:1:5: this bracket is never closed");
    refused("a {\n  b = (1]\n}\n", "main.tf:2:9: this `]` closes nothing");
    refused("a = \"b\nc\"\n", "main.tf:1:5: this text goes over");
    refused("a = <<EOT\nx\n", "main.tf:1:5: this text (`<<`) is never closed");
    refused("a = <<EOT", "main.tf:1:5: this text (`<<`) is never closed");
    refused("/* a", "main.tf:1:1: this comment is never closed");
    refused("a = 1\na = 2\n", "main.tf:2:1: this name stands twice");
    refused("a = {\n  b = 1\n  b = 2\n}\n", "main.tf:3:3: this name stands twice");
    refused("\u{0}\u{1}PK\u{3}", "main.tf:1:1: not valid HCL");
}

#[test]
fn what_is_written_in_ordinary_style_passes_the_scan() {
    for text in [
        "",
        "a = \"$${b} %%{ \\\" ${c[\"d\"]} \\\\\"\n",
        "a = <<-EOT\n  ${b[\"EOT\"]}\n  EOT_\n  EOT\nb = <<X\nX\n",
        "a = <<EOT\r\nx\r\nEOT\r\nb = 1\r\n",
        "# it's (\n// [\n/* { \" */\na = 1 # }\n",
        "a = b-c * (d + e) / 2 - [for x in y : x if x != \"\"][0]\n",
        "a = \"%{ if b }c%{ else }d%{ endif ~}\"\n",
    ] {
        read(text).unwrap_or_else(|message| panic!("{text}: {message}"));
    }
}

#[test]
fn hostile_text_comes_to_an_end() {
    const LENGTH: usize = MAX_BYTES / 4;
    let of = |part: &str| format!("a = {}", part.repeat(LENGTH / part.len()));
    refused(of("["), "main.tf:1:133: too many brackets");
    for part in [
        "[",
        "(",
        "{",
        "{a=",
        "\"${",
        "\"%{if ",
        "%{",
        "f(",
        "-",
        "!",
        "1+",
        "1+1+(",
        "a.",
        "a[*].",
        "1 ? ",
        "[for a in ",
        "<<",
        "\"a",
        "/*",
        "a ? b : ",
        "1.",
        "&",
        "a{\n",
        "\n",
        "=",
        "9",
        "\"$${",
        "a::",
    ] {
        ends(&of(part));
    }
    // Each failure behind two operators is read twice.
    for (open, broken, close) in
        [("1+1+(", "1 & 2", ")"), ("1+1+(", "\"%{foo}\"", ")"), ("1+1+\"${", "a.99999999999999999999", "}\"")]
    {
        for depth in [6, 7, 20, 40, 60] {
            ends(&format!("a = {}{broken}{}\n", open.repeat(depth), close.repeat(depth)));
        }
    }
    let wide = format!("1+1+({}", "1,".repeat(100));
    ends(&format!("a = {}{}\n", wide.repeat(30), ")".repeat(30)));
    let entries = |count: usize| (0..count).map(|n| format!("k{n}=1,")).collect::<Vec<_>>().concat();
    refused(format!("a = {{{}}}\n", entries(100_000)), "main.tf:1:");
    ends(&format!("a = [{}]\n", format!("{{{}}},", entries(450)).repeat(100)));
    ends(&format!("a = \"{}\"\n", "x".repeat(LENGTH)));
    ends(&format!("a = <<E\n{}\nE\n", "x\n".repeat(LENGTH / 2)));
    ends(&format!("a = <<E\n{}\nE\n", "%{if a}x%{endif}".repeat(LENGTH / 16)));
    ends(&format!("a = [{}]\n", "1,".repeat(LENGTH / 2)));
    ends(&"a = 1\n".repeat(LENGTH / 6));
    ends(&entries(50_000).replace(',', "\n"));
    ends(&format!("a = x{}\n", "[0]".repeat(LENGTH / 3)));
}
