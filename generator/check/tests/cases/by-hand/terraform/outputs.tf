output "webhook_url" {
  description = "To be entered in the GitHub App"
  value       = "${aws_apigatewayv2_api.this.api_endpoint}/webhook"
}

output "job_queue_url" {
  value = aws_sqs_queue.jobs.url
}

output "table_name" {
  value = aws_dynamodb_table.jobs.name
}

output "worker_function_arn" {
  value = aws_lambda_function.worker.arn
}
