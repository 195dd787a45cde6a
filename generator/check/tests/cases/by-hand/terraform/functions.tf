resource "aws_cloudwatch_log_group" "function" {
  for_each = local.functions

  name              = "/aws/lambda/${each.value}"
  retention_in_days = 14
}

resource "aws_lambda_function" "webhook" {
  function_name = local.functions.webhook
  description   = "Takes webhooks and queues jobs"
  role          = aws_iam_role.webhook.arn
  runtime       = "provided.al2023"
  handler       = "bootstrap"
  architectures = ["arm64"]
  s3_bucket     = var.artifact_bucket
  s3_key        = "${var.release}/webhook.zip"
  timeout       = 10

  environment {
    variables = {
      APP_ID     = var.app_id
      LOG_LEVEL  = var.log_level
      QUEUE_URL  = aws_sqs_queue.jobs.url
      SECRET_ARN = var.webhook_secret_arn
    }
  }

  tags       = local.tags
  depends_on = [aws_cloudwatch_log_group.function]
}

resource "aws_lambda_function" "worker" {
  function_name = local.functions.worker
  description   = "Works on jobs"
  role          = aws_iam_role.worker.arn
  runtime       = "provided.al2023"
  handler       = "bootstrap"
  architectures = ["arm64"]
  s3_bucket     = var.artifact_bucket
  s3_key        = join("/", [var.release, "worker.zip"])
  memory_size   = 512
  timeout       = 60

  vpc_config {
    subnet_ids         = var.subnet_ids
    security_group_ids = [aws_security_group.worker.id]
  }

  environment {
    variables = {
      APP_ID       = var.app_id
      LOG_LEVEL    = var.log_level
      MAX_ATTEMPTS = tostring(var.max_attempts)
      SUBNET_IDS   = join(",", var.subnet_ids)
      TABLE_NAME   = aws_dynamodb_table.jobs.name
    }
  }

  tags       = local.tags
  depends_on = [aws_cloudwatch_log_group.function]
}

resource "aws_lambda_event_source_mapping" "jobs" {
  event_source_arn        = aws_sqs_queue.jobs.arn
  function_name           = aws_lambda_function.worker.arn
  batch_size              = 5
  function_response_types = ["ReportBatchItemFailures"]
}
