locals {
  settings = {
    queue = { visibility = 120, retention = 345600 }
    logs  = { days = 14 }
  }
}

resource "aws_sqs_queue" "jobs" {
  name                       = "${var.project_name}-jobs"
  visibility_timeout_seconds = local.settings.queue.visibility
  message_retention_seconds  = lookup(local.settings["queue"], "retention")
}

resource "aws_cloudwatch_log_group" "jobs" {
  name              = "/${var.project_name}/jobs"
  retention_in_days = local.settings["logs"]["days"]
}
