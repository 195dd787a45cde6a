variable "production" {
  type    = bool
  default = false
}

resource "aws_cloudwatch_log_group" "app" {
  name              = "/${var.project_name}/app"
  retention_in_days = var.production ? 365 : 7
}
