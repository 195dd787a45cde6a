variable "log_group_arn" {
  type = string
}

resource "aws_apigatewayv2_api" "api" {
  name          = "${var.project_name}-api"
  protocol_type = "HTTP"
}

resource "aws_apigatewayv2_stage" "live" {
  api_id      = aws_apigatewayv2_api.api.id
  name        = "live"
  auto_deploy = true

  access_log_settings {
    destination_arn = var.log_group_arn
    format          = jsonencode({ requestId = "$context.requestId", status = "$context.status" })
  }
}
