resource "aws_sqs_queue" "jobs" {
  name                       = "${var.project_name}-jobs"
  visibility_timeout_seconds = "half a minute"
  tags                       = ["Owner", "platform"]
}
