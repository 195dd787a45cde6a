variable "role_arn" {
  type = string
}

variable "bucket" {
  type = string
}

resource "aws_lambda_function" "webhook" {
  function_name = "${var.project_name}-webhook"
  role          = var.role_arn
  runtime       = "provided.al2023"
  handler       = "bootstrap"
  architectures = ["arm64"]
  s3_bucket     = var.bucket
  s3_key        = "webhook.zip"
}

resource "aws_cloudwatch_log_group" "access" {
  name              = "/${var.project_name}/access"
  retention_in_days = 14
}

output "webhook_url" {
  value = "${aws_apigatewayv2_api.webhook.api_endpoint}/webhook"
}
