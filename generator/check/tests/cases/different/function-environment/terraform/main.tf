variable "role_arn" {
  type = string
}

variable "bucket" {
  type = string
}

variable "subnet_ids" {
  type = list(string)
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

resource "aws_lambda_function" "worker" {
  function_name = "${var.project_name}-worker"
  role          = var.role_arn
  runtime       = "python3.12"
  handler       = "index.handler"
  s3_bucket     = var.bucket
  s3_key        = "worker.zip"

  environment {
    variables = {
      TABLE_NAME = aws_dynamodb_table.jobs.name
      SUBNETS    = join(",", var.subnet_ids)
      BUCKET     = var.bucket
    }
  }
}
