locals {
  queue_name  = format("%s-%s", var.project_name, "jobs")
  dlq_name    = join("-", [var.project_name, "jobs", "dlq"])
  log_group   = "/aws/lambda/${local.worker_name}"
  worker_name = format("%s-worker", var.project_name)
  two_weeks   = 14 * 24 * 60 * 60
}

resource "aws_sqs_queue" "dlq" {
  name                      = local.dlq_name
  message_retention_seconds = local.two_weeks
}

resource "aws_sqs_queue" "jobs" {
  name = local.queue_name

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dlq.arn
    maxReceiveCount     = 5
  })
}

resource "aws_cloudwatch_log_group" "worker" {
  name              = local.log_group
  retention_in_days = tonumber("14")

  tags = {
    Queue   = local.queue_name
    Expires = tostring(true)
    Weeks   = tostring(2)
  }
}
