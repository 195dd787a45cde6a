resource "aws_scheduler_schedule" "sweep" {
  name                = "${var.project_name}-sweep"
  schedule_expression = "rate(5 minutes)"

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = aws_lambda_function.worker.arn
    role_arn = aws_iam_role.scheduler.arn
    input    = jsonencode({ task = "sweep" })
  }
}
