variable "topic_arns" {
  type = list(string)
}

resource "aws_cloudwatch_log_group" "rebalancer" {
  name              = "/aws/lambda/${var.project_name}-rebalancer"
  retention_in_days = 14
}

resource "aws_cloudwatch_log_metric_filter" "stranded" {
  name           = "${var.project_name}-stranded"
  log_group_name = aws_cloudwatch_log_group.rebalancer.name
  pattern        = "{ $.event = \"stranded\" && $.age > 60 }"

  metric_transformation {
    namespace     = "Jobs/${var.project_name}"
    name          = "StrandedJobs"
    value         = "$.count"
    default_value = 0
    unit          = "Count"
  }
}

resource "aws_cloudwatch_metric_alarm" "stranded" {
  alarm_name          = "${var.project_name}-stranded"
  alarm_description   = "Jobs wait and no runner is coming."
  namespace           = aws_cloudwatch_log_metric_filter.stranded.metric_transformation[0].namespace
  metric_name         = aws_cloudwatch_log_metric_filter.stranded.metric_transformation[0].name
  statistic           = "Maximum"
  unit                = "Count"
  period              = 60
  evaluation_periods  = 10
  datapoints_to_alarm = 8
  threshold           = 0.5
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.topic_arns
  ok_actions          = var.topic_arns
}

resource "aws_cloudwatch_metric_alarm" "start" {
  alarm_name          = "${var.project_name}-time-to-start"
  evaluation_periods  = 3
  threshold           = 300
  comparison_operator = "GreaterThanThreshold"

  metric_query {
    id          = "seconds"
    expression  = "ms / 1000"
    label       = "Seconds to start"
    return_data = true
  }

  metric_query {
    id = "ms"

    metric {
      namespace   = "Jobs/${var.project_name}"
      metric_name = "TimeToStart"
      period      = 300
      stat        = "p90"
    }
  }
}
