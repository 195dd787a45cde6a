resource "aws_sqs_queue" "jobs" {
  name = "${var.project_name}-${var.environment}-jobs"

  tags = {
    Owner = var.owner
    App   = var.app_id
    Tries = tostring(var.max_attempts)
    Token = var.token
  }
}

resource "aws_cloudwatch_log_group" "jobs" {
  name              = "/${var.project_name}/${var.environment}"
  retention_in_days = var.retention_days
}
