//! What the function is invoked with: a request of CloudFormation, one of Terraform, or a tick of its schedule.
//!
//! Everything that does not look like a request is a tick. What looks like a request is never taken for a tick; if it
//! is not complete, it is refused.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, SeqAccess, Visitor},
};

use super::{Action, Request, StackRequest};
use crate::port::{AnswerAddress, NotAws};

/// An event as it came. It holds a secret, so it cannot be printed.
#[derive(Default)]
pub struct Event {
    request_type: Option<LenientText>,
    response_url: Option<LenientText>,
    stack: Option<LenientText>,
    request: Option<LenientText>,
    logical_id: Option<LenientText>,
    physical_id: Option<LenientText>,
    terraform: Option<Terraform>,
}

/// Why something that looks like a request is not a valid one. Its values are not repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotARequest {
    /// The address is not one of AWS.
    #[error(transparent)]
    Address(#[from] NotAws),
    /// A field is missing or not a string.
    #[error("a request of CloudFormation without {0}")]
    Missing(&'static str),
    /// Something else than Terraform's three actions.
    #[error("a request of Terraform whose tf.action is none of create, update and delete")]
    Action,
    /// It cannot come from both.
    #[error("a request of CloudFormation and of Terraform at once")]
    Both,
}

impl Event {
    /// The request that it is; `None` for a tick. `emulator` is where AWS's services are, if not at AWS.
    pub fn request(self, emulator: Option<&str>) -> Result<Option<Request>, NotARequest> {
        let of_stack = self.request_type.is_some() || self.response_url.is_some();
        match (of_stack, &self.terraform) {
            (false, None) => Ok(None),
            (true, Some(_)) => Err(NotARequest::Both),
            (false, Some(Terraform { action })) => {
                let action = match action.as_deref() {
                    Some("create") => Action::Create,
                    Some("update") => Action::Update,
                    Some("delete") => Action::Delete,
                    _ => return Err(NotARequest::Action),
                };
                Ok(Some(Request::Terraform(action)))
            }
            (true, None) => self.of_stack(emulator).map(|request| Some(Request::Stack(request))),
        }
    }

    fn of_stack(self, emulator: Option<&str>) -> Result<StackRequest, NotARequest> {
        let text = |text: Option<LenientText>, name| {
            text.and_then(|LenientText(text)| text)
                .filter(|text| !text.is_empty())
                .ok_or(NotARequest::Missing(name))
        };
        let address = AnswerAddress::parse(&text(self.response_url, "ResponseURL")?, emulator)?;
        let action = match self.request_type.and_then(|LenientText(text)| text).as_deref() {
            Some("Create") => Some(Action::Create),
            Some("Update") => Some(Action::Update),
            Some("Delete") => Some(Action::Delete),
            // The answer will be that it is unknown.
            _ => None,
        };
        Ok(StackRequest {
            action,
            address,
            stack: text(self.stack, "StackId")?,
            request: text(self.request, "RequestId")?,
            logical_id: text(self.logical_id, "LogicalResourceId")?,
            physical_id: text(self.physical_id, "PhysicalResourceId").ok(),
        })
    }
}

/// A value of any type. Only a string is kept.
struct LenientText(Option<String>);

/// What Terraform adds to its input.
struct Terraform {
    action: Option<String>,
}

/// Reads any value, however deep, and keeps what is asked for.
macro_rules! lenient {
    ($type:ty, $otherwise:expr, { $($visit:tt)* }) => {
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Lenient;

                impl<'de> Visitor<'de> for Lenient {
                    type Value = $type;

                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str("anything")
                    }

                    fn visit_bool<E>(self, _: bool) -> Result<$type, E> {
                        Ok($otherwise)
                    }

                    fn visit_i64<E>(self, _: i64) -> Result<$type, E> {
                        Ok($otherwise)
                    }

                    fn visit_u64<E>(self, _: u64) -> Result<$type, E> {
                        Ok($otherwise)
                    }

                    fn visit_f64<E>(self, _: f64) -> Result<$type, E> {
                        Ok($otherwise)
                    }

                    fn visit_unit<E>(self) -> Result<$type, E> {
                        Ok($otherwise)
                    }

                    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<$type, A::Error> {
                        while items.next_element::<IgnoredAny>()?.is_some() {}
                        Ok($otherwise)
                    }

                    $($visit)*
                }

                deserializer.deserialize_any(Lenient)
            }
        }
    };
}

lenient!(LenientText, LenientText(None), {
    fn visit_str<E>(self, text: &str) -> Result<LenientText, E> {
        Ok(LenientText(Some(text.to_owned())))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<LenientText, A::Error> {
        while fields.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(LenientText(None))
    }
});

lenient!(Terraform, Terraform { action: None }, {
    fn visit_str<E>(self, _: &str) -> Result<Terraform, E> {
        Ok(Terraform { action: None })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Terraform, A::Error> {
        let mut action = None;
        while let Some(name) = fields.next_key::<String>()? {
            if name == "action" {
                LenientText(action) = fields.next_value()?;
            } else {
                fields.next_value::<IgnoredAny>()?;
            }
        }
        Ok(Terraform { action })
    }
});

lenient!(Event, Event::default(), {
    fn visit_str<E>(self, _: &str) -> Result<Event, E> {
        Ok(Event::default())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Event, A::Error> {
        let mut event = Event::default();
        while let Some(name) = fields.next_key::<String>()? {
            let field = match name.as_str() {
                "RequestType" => &mut event.request_type,
                "ResponseURL" => &mut event.response_url,
                "StackId" => &mut event.stack,
                "RequestId" => &mut event.request,
                "LogicalResourceId" => &mut event.logical_id,
                "PhysicalResourceId" => &mut event.physical_id,
                "tf" => {
                    event.terraform = Some(fields.next_value()?);
                    continue;
                }
                _ => {
                    fields.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            *field = Some(fields.next_value()?);
        }
        Ok(event)
    }
});

#[cfg(test)]
mod tests {
    use jit_runners_witnesses::json::{ODD, any_change, any_json, changed, nested};
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    const URL: &str =
        "https://cloudformation-custom-resource-response-euwest1.s3-eu-west-1.amazonaws.com/x?Signature=s";

    fn read(event: &Value) -> Result<Option<Request>, NotARequest> {
        serde_json::from_str::<Event>(&event.to_string()).unwrap().request(None)
    }

    /// As CloudFormation sends it.
    fn delete() -> Value {
        json!({
            "RequestType": "Delete", "ServiceToken": "arn:aws:lambda:eu-west-1:1:function:ours-scaledown",
            "ResponseURL": URL, "StackId": "arn:aws:cloudformation:eu-west-1:1:stack/ours/1", "RequestId": "r-1",
            "LogicalResourceId": "Runners", "PhysicalResourceId": "ours", "ResourceType": "Custom::JitRunners",
            "ResourceProperties": { "ServiceToken": "arn", "ServiceTimeout": "600" },
            "OldResourceProperties": { "RequestType": "Create", "tf": ODD },
        })
    }

    #[test]
    fn a_request_of_cloudformation_is_read() {
        let Ok(Some(Request::Stack(request))) = read(&delete()) else { panic!("no request") };
        assert_eq!(request.address.expose(), URL);
        let told = (request.stack.as_str(), request.request.as_str(), request.logical_id.as_str());
        assert_eq!(told, ("arn:aws:cloudformation:eu-west-1:1:stack/ours/1", "r-1", "Runners"));
        assert_eq!((request.action, request.physical_id.as_deref()), (Some(Action::Delete), Some("ours")));
        for (name, action) in
            [("Create", Some(Action::Create)), ("Update", Some(Action::Update)), ("delete", None), ("", None)]
        {
            let mut event = delete();
            event["RequestType"] = json!(name);
            event.as_object_mut().unwrap().remove("PhysicalResourceId");
            let Ok(Some(Request::Stack(request))) = read(&event) else { panic!("no request: {name}") };
            assert_eq!((request.action, request.physical_id), (action, None), "{name}");
        }
    }

    #[test]
    fn a_request_of_terraform_is_read() {
        for (name, action) in
            [("create", Action::Create), ("update", Action::Update), ("delete", Action::Delete)]
        {
            let event = json!({ "deployment": "ours", "tf": { "action": name, "prev_input": { "tf": 7 } } });
            assert_eq!(read(&event), Ok(Some(Request::Terraform(action))));
        }
        for odd in [
            json!({}),
            json!({ "action": "Delete" }),
            json!({ "action": ["delete"] }),
            json!("delete"),
            Value::Null,
        ] {
            assert_eq!(read(&json!({ "tf": odd })), Err(NotARequest::Action), "{odd}");
        }
    }

    #[test]
    fn what_is_not_wholly_a_request_is_refused_and_not_repeated() {
        for name in ["ResponseURL", "StackId", "RequestId", "LogicalResourceId"] {
            for odd in [None, Some(json!("")), Some(json!({ "a": [ODD] })), Some(json!(7))] {
                let mut event = delete();
                match odd {
                    Some(odd) => event[name] = odd,
                    None => drop(event.as_object_mut().unwrap().remove(name)),
                }
                assert_eq!(read(&event), Err(NotARequest::Missing(name)), "{event}");
            }
        }
        let mut event = delete();
        event["ResponseURL"] = json!("https://example.com/secret");
        assert_eq!(read(&event), Err(NotARequest::Address(NotAws)));
        assert!(!NotARequest::Address(NotAws).to_string().contains("secret"));
        event = delete();
        event["tf"] = json!({ "action": "create" });
        assert_eq!(read(&event), Err(NotARequest::Both));
        // Whoever waits for an answer is told that nobody knows what is asked for.
        event = delete();
        event.as_object_mut().unwrap().remove("RequestType");
        assert!(matches!(read(&event), Ok(Some(Request::Stack(StackRequest { action: None, .. })))));
    }

    #[test]
    fn a_tick_is_one_whatever_it_holds() {
        let deep = nested(100_000, "[", "]");
        let inside = format!(r#"{{"detail":{deep}}}"#);
        for event in [
            "{}",
            "null",
            "7",
            "-1.5",
            "true",
            "[[]]",
            "\"RequestType\"",
            r#"[{"RequestType":"Delete","tf":{"action":"delete"}}]"#,
            r#"{"detail-type":"Scheduled Event","resources":[{"RequestType":"Delete"}]}"#,
            r#"{"requesttype":"Delete","Tf":{"action":"delete"},"action":"delete"}"#,
            &deep,
            &inside,
        ] {
            let read = serde_json::from_str::<Event>(event).unwrap().request(None);
            assert_eq!(read, Ok(None), "{}", event.get(..80).unwrap_or(event));
        }
    }

    proptest! {
        #[test]
        fn no_event_makes_the_decoder_panic(bytes in any::<Vec<u8>>(), json in any_json()) {
            for event in [bytes, json.to_string().into_bytes()] {
                if let Ok(event) = serde_json::from_slice::<Event>(&event) {
                    let _ = event.request(Some("http://localhost"));
                }
            }
        }

        /// One that names an action somewhere is never a tick, and a delete is only what says so.
        #[test]
        fn requests_that_are_almost_right(changes in prop::collection::vec(any_change(), 1..4)) {
            let event = changes.iter().fold(delete(), |event, (place, change)| changed(&event, place, change));
            let looks_like_one = event.get("RequestType").is_some() || event.get("ResponseURL").is_some();
            let Ok(decoded) = serde_json::from_str::<Event>(&event.to_string()) else { return Ok(()) };
            match decoded.request(None) {
                Ok(None) => prop_assert!(!looks_like_one, "{event}"),
                Ok(Some(Request::Stack(request))) if request.action == Some(Action::Delete) => {
                    prop_assert_eq!(&event["RequestType"], "Delete");
                    prop_assert_eq!(&event["ResponseURL"], URL);
                }
                _ => {}
            }
        }
    }
}
