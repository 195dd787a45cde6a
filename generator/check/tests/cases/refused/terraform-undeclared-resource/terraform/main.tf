resource "aws_sqs_queue" "jobs" {
  name = "${var.project_name}-jobs"

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dlq.arn
    maxReceiveCount     = 3
  })
}
