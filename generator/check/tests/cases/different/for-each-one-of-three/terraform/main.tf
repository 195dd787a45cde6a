locals {
  queues = {
    build  = 120
    deploy = 300
    notify = 30
  }
}

resource "aws_sqs_queue" "this" {
  for_each = local.queues

  name                       = "${var.project_name}-${each.key}"
  visibility_timeout_seconds = each.value
}
