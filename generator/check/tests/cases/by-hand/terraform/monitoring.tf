resource "aws_cloudwatch_metric_alarm" "dlq" {
  alarm_name          = "${var.project_name}-dlq-not-empty"
  alarm_description   = "Jobs were given up"
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  statistic           = "Maximum"
  period              = 60
  evaluation_periods  = 1
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.alarm_actions

  dimensions = {
    QueueName = aws_sqs_queue.dlq.name
  }
}

resource "aws_cloudwatch_metric_alarm" "errors" {
  alarm_name          = format("%s-worker-errors", var.project_name)
  alarm_description   = "The worker fails"
  namespace           = "AWS/Lambda"
  metric_name         = "Errors"
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 2
  threshold           = 5
  comparison_operator = "GreaterThanOrEqualToThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.alarm_actions

  dimensions = {
    FunctionName = aws_lambda_function.worker.function_name
  }
}

resource "aws_cloudwatch_log_metric_filter" "given_up" {
  name           = "given-up"
  log_group_name = aws_cloudwatch_log_group.function["worker"].name
  pattern        = "{ $.message = \"job given up\" }"

  metric_transformation {
    namespace = "BuildRelay"
    name      = "${var.project_name}-given-up"
    value     = "1"
    unit      = "Count"
  }
}

resource "aws_cloudwatch_dashboard" "this" {
  count = var.create_dashboard ? 1 : 0

  dashboard_name = var.project_name

  dashboard_body = jsonencode({
    widgets = [
      {
        type   = "metric"
        x      = 0
        y      = 0
        width  = 12
        height = 6
        properties = {
          title   = "Jobs waiting"
          region  = var.aws_region
          stat    = "Maximum"
          period  = 60
          metrics = [["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", aws_sqs_queue.jobs.name]]
        }
      },
      {
        type   = "metric"
        x      = 12
        y      = 0
        width  = 12
        height = 6
        properties = {
          title  = "Functions"
          region = var.aws_region
          stat   = "Sum"
          period = 300
          metrics = [
            for name in ["webhook", "worker"] : ["AWS/Lambda", "Errors", "FunctionName", local.functions[name]]
          ]
        }
      },
    ]
  })
}
