variable "role_arn" {
  type = string
}

variable "bucket" {
  type = string
}

resource "aws_lambda_function" "schema" {
  function_name = "${var.project_name}-schema"
  role          = var.role_arn
  runtime       = "python3.12"
  handler       = "index.handler"
  s3_bucket     = var.bucket
  s3_key        = "schema.zip"
}

resource "aws_lambda_invocation" "schema" {
  function_name   = aws_lambda_function.schema.function_name
  lifecycle_scope = "CRUD"
  input           = jsonencode({ Table = "jobs" })

  triggers = {
    package = var.bucket
  }
}
