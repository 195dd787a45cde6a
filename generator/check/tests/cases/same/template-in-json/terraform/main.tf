resource "aws_sqs_queue" "dlq" {
  name                      = "${var.project_name}-mail-dlq"
  message_retention_seconds = 1209600
}

resource "aws_sqs_queue" "mail" {
  name                       = "${var.project_name}-mail"
  visibility_timeout_seconds = var.visibility_timeout
  redrive_policy             = "{\"deadLetterTargetArn\":\"${aws_sqs_queue.dlq.arn}\",\"maxReceiveCount\":3}"
}
