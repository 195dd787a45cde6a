variable "role_arn" {
  type = string
}

variable "bucket" {
  type = string
}

resource "aws_cloudwatch_log_group" "worker" {
  name              = "/aws/lambda/${aws_lambda_function.worker.function_name}"
  retention_in_days = 14
}

resource "aws_lambda_function" "worker" {
  function_name = "${var.project_name}-worker"
  role          = var.role_arn
  runtime       = "nodejs20.x"
  handler       = "index.handler"
  s3_bucket     = var.bucket
  s3_key        = "worker.zip"
}

resource "aws_lambda_function" "reporter" {
  function_name = "${var.project_name}-reporter"
  role          = var.role_arn
  runtime       = "nodejs20.x"
  handler       = "index.handler"
  s3_bucket     = var.bucket
  s3_key        = "reporter.zip"
  depends_on    = [aws_cloudwatch_log_group.reporter]
}

resource "aws_cloudwatch_log_group" "reporter" {
  name              = "/aws/lambda/${var.project_name}-reporter"
  retention_in_days = 14
}
