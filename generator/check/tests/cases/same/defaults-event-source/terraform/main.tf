variable "role_arn" {
  type = string
}

variable "artifacts" {
  type = string
}

resource "aws_sqs_queue" "jobs" {
  name = "${var.project_name}-jobs"
}

resource "aws_sqs_queue" "slow" {
  name = "${var.project_name}-slow"
}

resource "aws_lambda_function" "worker" {
  function_name = "${var.project_name}-worker"
  role          = var.role_arn
  runtime       = "provided.al2023"
  handler       = "bootstrap"
  s3_bucket     = var.artifacts
  s3_key        = "worker.zip"
}

resource "aws_lambda_event_source_mapping" "jobs" {
  event_source_arn                   = aws_sqs_queue.jobs.arn
  function_name                      = aws_lambda_function.worker.arn
  enabled                            = true
  batch_size                         = 10
  maximum_batching_window_in_seconds = 0
}

resource "aws_lambda_event_source_mapping" "slow" {
  event_source_arn        = aws_sqs_queue.slow.arn
  function_name           = aws_lambda_function.worker.function_name
  function_response_types = ["ReportBatchItemFailures"]

  scaling_config {
    maximum_concurrency = 2
  }
}

resource "aws_lambda_function_event_invoke_config" "worker" {
  function_name          = aws_lambda_function.worker.function_name
  maximum_retry_attempts = 0
}
