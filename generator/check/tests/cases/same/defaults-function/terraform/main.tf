variable "role_arn" {
  type = string
}

variable "bucket" {
  type = string
}

resource "aws_lambda_function" "explicit" {
  function_name                  = "${var.project_name}-explicit"
  role                           = var.role_arn
  runtime                        = "python3.12"
  handler                        = "index.handler"
  s3_bucket                      = var.bucket
  s3_key                         = "explicit.zip"
  package_type                   = "Zip"
  architectures                  = ["x86_64"]
  memory_size                    = 128
  timeout                        = 3
  publish                        = false
  reserved_concurrent_executions = -1

  ephemeral_storage {
    size = 512
  }

  tracing_config {
    mode = "PassThrough"
  }
}

resource "aws_lambda_function" "implicit" {
  function_name = "${var.project_name}-implicit"
  role          = var.role_arn
  runtime       = "python3.12"
  handler       = "index.handler"
  s3_bucket     = var.bucket
  s3_key        = "implicit.zip"
}
