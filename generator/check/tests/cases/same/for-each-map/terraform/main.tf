locals {
  queues = {
    build  = { timeout = 120, retention = 3600 }
    deploy = { timeout = 300, retention = 86400 }
    notify = { timeout = 30, retention = 600 }
  }
}

resource "aws_sqs_queue" "this" {
  for_each = local.queues

  name                       = "${var.project_name}-${each.key}"
  visibility_timeout_seconds = each.value.timeout
  message_retention_seconds  = each.value.retention
}

output "build_queue_url" {
  value = aws_sqs_queue.this["build"].url
}
