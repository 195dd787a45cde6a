use super::*;

#[track_caller]
fn document(body: &str) -> String {
    let text = format!(
        "data \"aws_iam_policy_document\" \"it\" {{\n{body}\n}}\noutput \"it\" {{\n  value = data.aws_iam_policy_document.it.json\n}}\n"
    );
    let module = files(&[("it.tf", text.as_str()), ("main.tf", SURROUNDINGS)]);
    module.unwrap_or_else(|problems| panic!("{problems}")).outputs[0].arguments["value"].value.to_string()
}

#[test]
fn a_policy_document_is_the_json_that_the_provider_writes() {
    assert_eq!(
        document(
            "statement {\n  sid = \"A\"\n  actions = [\"sqs:*\"]\n  resources = [aws_sqs_queue.a.arn, \"arn:&{aws:userid}\"]\n  principals {\n    type = \"Service\"\n    identifiers = [\"a\"]\n  }\n  principals {\n    type = \"Service\"\n    identifiers = [\"b\"]\n  }\n  condition {\n    test = \"StringEquals\"\n    variable = \"v\"\n    values = [\"1\"]\n  }\n  condition {\n    test = \"StringEquals\"\n    variable = \"v\"\n    values = [\"2\"]\n  }\n  condition {\n    test = \"StringEquals\"\n    variable = \"w\"\n    values = [\"3\"]\n  }\n}\nstatement {\n  effect = \"Deny\"\n  not_actions = [\"a\"]\n  not_resources = [\"*\"]\n  not_principals {\n    type = \"*\"\n    identifiers = [\"*\"]\n  }\n}"
        ),
        "{Statement: [{Action: [\"sqs:*\"], Condition: {StringEquals: {v: [\"1\", \"2\"], w: [\"3\"]}}, Effect: \"Allow\", \
         Principal: {Service: [\"a\", \"b\"]}, Resource: [\"<aws_sqs_queue.a.arn>\", \"arn:${aws:userid}\"], Sid: \"A\"}, \
         {Effect: \"Deny\", NotAction: [\"a\"], NotPrincipal: \"*\", NotResource: [\"*\"]}], Version: \"2012-10-17\"}"
    );
    assert_eq!(
        document(
            "version = \"2008-10-17\"\npolicy_id = \"i\"\nstatement {\n  actions = [\"a\"]\n  principals {\n    type = \"AWS\"\n    identifiers = [\"*\"]\n  }\n}"
        ),
        "{Id: \"i\", Statement: [{Action: [\"a\"], Effect: \"Allow\", Principal: {AWS: [\"*\"]}}], Version: \"2008-10-17\"}"
    );
}

#[test]
fn documents_are_put_together_by_the_names_of_their_statements() {
    assert_eq!(
        document(
            "source_policy_documents = [jsonencode({ Statement = [{ Sid = \"A\", Effect = \"Allow\", Action = \"x\" }, { Effect = \"Deny\" }] })]\noverride_policy_documents = [\"{\\\"Statement\\\": {\\\"Sid\\\": \\\"B\\\", \\\"Action\\\": \\\"z\\\"}}\"]\nstatement {\n  sid = \"A\"\n  actions = [\"y\"]\n}\nstatement {\n  sid = \"B\"\n  actions = [\"y\"]\n}"
        ),
        "{Statement: [{Action: [\"y\"], Effect: \"Allow\", Sid: \"A\"}, {Effect: \"Deny\"}, {Action: \"z\", Sid: \"B\"}], Version: \"2012-10-17\"}"
    );
}

#[test]
fn dynamic_statements_depend_on_conditions() {
    assert_eq!(
        document(
            "dynamic \"statement\" {\n  for_each = var.flag ? [1] : []\n  content { actions = [\"a\"] }\n}"
        ),
        "{Statement: [{Action: [\"a\"], Effect: \"Allow\"}] if \"true\" = \"<flag>\", else [], Version: \"2012-10-17\"}"
    );
}

#[test]
fn what_a_policy_document_does_not_have_is_refused() {
    refused(
        "data \"aws_iam_policy_document\" \"x\" {\n  source_json = \"\"\n}\ndata \"aws_iam_policy_document\" \"y\" {\n  statement {\n    action = [\"a\"]\n  }\n  statement {\n    sid = \"A\"\n    condition {\n      test = \"a\"\n      values = []\n    }\n  }\n}\ndata \"aws_iam_policy_document\" \"z\" {\n  statement { sid = \"A\" }\n  statement { sid = \"A\" }\n}\ndata \"aws_vpc\" \"v\" {\n  default = true\n}\ndata \"aws_region\" \"r\" {\n  region = \"eu-west-1\"\n}\n",
        &[
            "2:17: `source_json` is no block or argument",
            "6:14: `action` is no block or argument",
            "10:5: `condition` needs `variable`",
            "18:3: `A` stands twice",
            "20:1: the data source `aws_vpc` is outside",
            "24:12: `region` is no block or argument",
        ],
    );
}
