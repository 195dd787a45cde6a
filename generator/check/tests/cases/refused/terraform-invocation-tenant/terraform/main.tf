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

resource "aws_lambda_invocation" "tenant" {
  function_name   = aws_lambda_function.schema.function_name
  lifecycle_scope = "CRUD"
  tenant_id       = "blue"
  input           = jsonencode({ Table = "jobs" })
}
