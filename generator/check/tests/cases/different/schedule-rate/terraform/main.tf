variable "role_arn" {
  type = string
}

variable "function_arn" {
  type = string
}

resource "aws_scheduler_schedule" "sweep" {
  name                = "${var.project_name}-sweep"
  schedule_expression = "rate(5 minutes)"

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = var.function_arn
    role_arn = var.role_arn
  }
}
