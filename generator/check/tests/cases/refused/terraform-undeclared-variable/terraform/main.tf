resource "aws_sqs_queue" "jobs" {
  name = "${var.project_name}-jobs"

  visibility_timeout_seconds = var.visibility
  message_retention_seconds  = local.retention
}
