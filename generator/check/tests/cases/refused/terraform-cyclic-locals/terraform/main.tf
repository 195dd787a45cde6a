locals {
  prefix = local.queue_name
  suffix = "jobs"

  queue_name = "${local.prefix}-${local.suffix}"
}

resource "aws_sqs_queue" "jobs" {
  name = local.queue_name
}
