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

resource "aws_dynamodb_table" "jobs" {
  name         = "${var.project_name}-jobs"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"

  attribute {
    name = "id"
    type = "S"
  }
}

resource "aws_lambda_invocation" "schema" {
  function_name   = aws_lambda_function.schema.function_name
  lifecycle_scope = "CRUD"
  qualifier       = "$LATEST"
  terraform_key   = "terraform"
  triggers        = {}

  input = jsonencode({
    Table    = aws_dynamodb_table.jobs.name
    Versions = ["1", "2"]
    Retries  = "3"
    Dry      = tostring(false)
    Owner    = { Team = "platform" }
  })

  depends_on = [aws_dynamodb_table.jobs]
}

# The same function, for other work.
resource "aws_lambda_invocation" "seed" {
  function_name   = aws_lambda_function.schema.arn
  lifecycle_scope = "CRUD"

  input = <<-EOT
    {
      "Prefix": "${var.project_name}-seed",
      "Bucket": "${var.bucket}"
    }
  EOT

  depends_on = [aws_lambda_invocation.schema]
}

resource "aws_lambda_invocation" "hello" {
  function_name   = "${var.project_name}-schema"
  lifecycle_scope = "CRUD"
  input           = "{}"

  lifecycle {
    prevent_destroy = true
  }
}
