variable "role_arn" {
  type = string
}

variable "bucket" {
  type = string
}

resource "aws_lambda_function" "worker" {
  function_name = "${var.project_name}-worker"
  role          = var.role_arn
  runtime       = "python3.12"
  handler       = "index.handler"
  s3_bucket     = var.bucket
  s3_key        = "worker.zip"
}
