//! EventBridge's events of instances.

use jit_runners_runtime::{record::InstanceId, time::Time};

/// The warning two minutes before an interruption
/// (<https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html>).
pub fn interruption_warning(number: u64, at: Time, instance: &InstanceId) -> String {
    event(number, at, instance, "EC2 Spot Instance Interruption Warning", "instance-action\":\"terminate")
}

/// A change of an instance's state
/// (<https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/monitoring-instance-state-changes.html>).
pub(super) fn state_change(number: u64, at: Time, instance: &InstanceId, state: &str) -> String {
    event(number, at, instance, "EC2 Instance State-change Notification", &format!("state\":\"{state}"))
}

/// The envelope (<https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html>).
fn event(number: u64, at: Time, instance: &InstanceId, detail_type: &str, detail: &str) -> String {
    let at = Timestamp(at);
    format!(
        r#"{{"version":"0","id":"00000000-0000-4000-8000-{number:012x}","detail-type":"{detail_type}","source":"aws.ec2","account":"123456789012","time":"{at}","region":"eu-central-1","resources":["arn:aws:ec2:eu-central-1:123456789012:instance/{instance}"],"detail":{{"instance-id":"{instance}","{detail}"}}}}"#
    )
}

/// A time as `2021-11-11T21:29:54Z`.
struct Timestamp(Time);

impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let seconds = self.0.as_millis() / 1_000;
        let (days, second) = (seconds / 86_400, seconds % 86_400);
        let (mut year, mut day) = (1970, days);
        while day >= days_of_year(year) {
            day -= days_of_year(year);
            year += 1;
        }
        let mut month = 1;
        while day >= days_of_month(year, month) {
            day -= days_of_month(year, month);
            month += 1;
        }
        let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
        write!(f, "{year:04}-{month:02}-{:02}T{hour:02}:{minute:02}:{second:02}Z", day + 1)
    }
}

const fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

const fn days_of_year(year: u64) -> u64 {
    if is_leap(year) { 366 } else { 365 }
}

const fn days_of_month(year: u64, month: u64) -> u64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_what_eventbridge_writes() {
        let id = InstanceId::new("i-0123456789abcdef0");
        let at = Time::from_millis(1_709_209_799_123);
        for (body, detail_type, key, value) in [
            (
                state_change(7, at, &id, "terminated"),
                "EC2 Instance State-change Notification",
                "state",
                "terminated",
            ),
            (
                interruption_warning(8, at, &id),
                "EC2 Spot Instance Interruption Warning",
                "instance-action",
                "terminate",
            ),
        ] {
            let event: serde_json::Value = serde_json::from_str(&body).unwrap();
            assert_eq!(event["detail-type"], detail_type);
            assert_eq!(event["source"], "aws.ec2");
            assert_eq!(event["time"], "2024-02-29T12:29:59Z");
            assert_eq!(event["detail"]["instance-id"], id.as_str());
            assert_eq!(event["detail"][key], value);
        }
    }
}
