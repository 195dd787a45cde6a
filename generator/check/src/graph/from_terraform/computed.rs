//! Attributes that a resource has once it exists, where nobody wrote them.

use super::{argument::Computed, service};
use crate::graph::{Address, Symbol, SymbolicText, Value};

/// What `attribute` of the `resource_type` at `address` is, if no argument says it; nothing, where the check could not
/// follow it.
pub(super) fn computed(resource_type: &str, attribute: &str, address: &Address) -> Option<Value> {
    let table = service::resource_type(resource_type)?.arguments;
    let row = table.iter().find(|argument| argument.name == attribute)?;
    let text = match row.computed {
        Computed::Unknown => return None,
        Computed::Attribute(attribute) => {
            SymbolicText::from(Symbol::attribute(Address::clone(address), attribute))
        }
        Computed::Text(of) => of(address),
    };
    Some(Value::Text(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(reference: &str, expected: &str) {
        let (address, attribute) = reference.rsplit_once('.').unwrap();
        let resource_type = address.split('.').next().unwrap();
        let found = computed(resource_type, attribute, &address.into());
        assert_eq!(found.map(|value| value.to_string()).as_deref(), Some(expected), "{reference}");
    }

    #[test]
    fn attributes_are_what_the_provider_says() {
        check("aws_sqs_queue.a.id", r#""<aws_sqs_queue.a.url>""#);
        check("aws_sqs_queue.a.url", r#""<aws_sqs_queue.a.url>""#);
        check("aws_lambda_function.a.id", r#""<aws_lambda_function.a.name>""#);
        check("aws_iam_role.a.unique_id", r#""<aws_iam_role.a.unique id>""#);
        check("aws_iam_service_linked_role.a.id", r#""<aws_iam_service_linked_role.a.arn>""#);
        check("aws_dynamodb_table.a.stream_arn", r#""<aws_dynamodb_table.a.stream arn>""#);
        check("aws_cloudwatch_log_group.a.name", r#""<aws_cloudwatch_log_group.a.name>""#);
        check(
            "aws_lambda_function.a.invoke_arn",
            "\"arn:<partition>:apigateway:<region>:lambda:path/2015-03-31/functions/\
             <aws_lambda_function.a.arn>/invocations\"",
        );
        check(
            "aws_apigatewayv2_api.a.execution_arn",
            "\"arn:<partition>:execute-api:<region>:<account>:<aws_apigatewayv2_api.a.id>\"",
        );
        check("aws_security_group.a.owner_id", r#""<account>""#);
        check("aws_lambda_function.a.qualified_arn", r#""<aws_lambda_function.a.arn>:$LATEST""#);
    }

    #[test]
    fn what_cannot_be_followed_is_nothing() {
        let at: Address = "a.b".into();
        assert_eq!(computed("aws_lambda_function", "code_sha256", &at), None);
        assert_eq!(computed("aws_lambda_function", "memory_size", &at), None);
        assert_eq!(computed("aws_lambda_function", "nonsense", &at), None);
        assert_eq!(computed("aws_instance", "id", &at), None);
    }
}
