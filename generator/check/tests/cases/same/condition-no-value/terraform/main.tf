variable "kms_key_id" {
  type    = string
  default = ""
}

variable "alarm_topic_arn" {
  type    = string
  default = ""
}

variable "verbose" {
  type    = bool
  default = false
}

variable "role_arn" {
  type = string
}

variable "bucket" {
  type = string
}

resource "aws_sqs_queue" "secrets" {
  name              = "${var.project_name}-secrets"
  kms_master_key_id = var.kms_key_id != "" ? var.kms_key_id : null
}

resource "aws_lambda_function" "worker" {
  function_name = "${var.project_name}-worker"
  role          = var.role_arn
  runtime       = "python3.12"
  handler       = "index.handler"
  s3_bucket     = var.bucket
  s3_key        = "worker.zip"
  timeout       = var.verbose ? 60 : 30

  environment {
    variables = {
      LOG_LEVEL = var.verbose ? "DEBUG" : "INFO"
      QUEUE_URL = aws_sqs_queue.secrets.url
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "errors" {
  alarm_name          = "${var.project_name}-errors"
  namespace           = "AWS/Lambda"
  metric_name         = "Errors"
  statistic           = "Sum"
  period              = 60
  evaluation_periods  = 1
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  alarm_actions       = var.alarm_topic_arn == "" ? [] : [var.alarm_topic_arn]

  dimensions = {
    FunctionName = aws_lambda_function.worker.function_name
  }
}
