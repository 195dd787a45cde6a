resource "aws_cloudwatch_log_group" "forever" {
  name              = "/${var.project_name}/forever"
  retention_in_days = 0
  log_group_class   = "STANDARD"
  skip_destroy      = false
}

resource "aws_cloudwatch_log_group" "month" {
  name              = "/${var.project_name}/month"
  retention_in_days = 30
}

resource "aws_cloudwatch_log_metric_filter" "errors" {
  name           = "errors"
  log_group_name = aws_cloudwatch_log_group.month.name
  pattern        = "ERROR"

  metric_transformation {
    namespace = var.project_name
    name      = "Errors"
    value     = "1"
  }
}

resource "aws_cloudwatch_metric_alarm" "errors" {
  alarm_name                = "${var.project_name}-errors"
  namespace                 = var.project_name
  metric_name               = "Errors"
  statistic                 = "Sum"
  period                    = 300
  evaluation_periods        = 2
  threshold                 = 1
  comparison_operator       = "GreaterThanOrEqualToThreshold"
  actions_enabled           = true
  treat_missing_data        = "missing"
  insufficient_data_actions = []
}

resource "aws_cloudwatch_metric_alarm" "silence" {
  alarm_name          = "${var.project_name}-silence"
  namespace           = "AWS/Lambda"
  metric_name         = "Invocations"
  statistic           = "SampleCount"
  period              = 3600
  evaluation_periods  = 1
  threshold           = 0
  comparison_operator = "LessThanOrEqualToThreshold"

  dimensions = {
    FunctionName = "${var.project_name}-sweeper"
  }
}
