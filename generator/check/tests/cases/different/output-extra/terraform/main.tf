resource "aws_sqs_queue" "dlq" {
  name = "${var.project_name}-dlq"
}

output "dlq_arn" {
  value = aws_sqs_queue.dlq.arn
}
