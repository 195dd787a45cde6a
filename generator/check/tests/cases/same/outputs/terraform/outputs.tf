output "table_name" {
  description = "Where runs are kept."
  value       = aws_dynamodb_table.runs.name
}

output "table_arn" {
  value = aws_dynamodb_table.runs.arn
}

output "stream_arn" {
  value = aws_dynamodb_table.runs.stream_arn
}

output "queue_url" {
  value = aws_sqs_queue.runs.id
}

output "queue_arn" {
  value = "arn:${data.aws_partition.current.partition}:sqs:${var.aws_region}:${data.aws_caller_identity.current.account_id}:${aws_sqs_queue.runs.name}"
}

output "console_url" {
  value = "https://${var.aws_region}.console.aws.amazon.com/dynamodbv2/home?region=${var.aws_region}#table?name=${aws_dynamodb_table.runs.id}"
}
