resource "aws_sqs_queue" "jobs_dlq" {
  name = "${var.project_name}-jobs-dlq"
}

resource "aws_sqs_queue" "mail_dlq" {
  name = "${var.project_name}-mail-dlq"
}

resource "aws_sqs_queue" "jobs" {
  name = "${var.project_name}-jobs"
  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.jobs_dlq.arn
    maxReceiveCount     = 3
  })
}
