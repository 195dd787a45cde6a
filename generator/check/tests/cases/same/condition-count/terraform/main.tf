variable "enable_alarms" {
  type    = bool
  default = true
}

variable "environment" {
  type    = string
  default = "dev"
}

resource "aws_sqs_queue" "jobs" {
  name = "${var.project_name}-jobs"
}

resource "aws_cloudwatch_metric_alarm" "backlog" {
  count = var.enable_alarms ? 1 : 0

  alarm_name          = "${var.project_name}-backlog"
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = aws_sqs_queue.jobs.name }
  statistic           = "Maximum"
  period              = 60
  evaluation_periods  = 5
  threshold           = 100
  comparison_operator = "GreaterThanThreshold"
}

# Only in production, and only if somebody wants alarms at all.
resource "aws_cloudwatch_metric_alarm" "age" {
  count = var.enable_alarms && var.environment == "prod" ? 1 : 0

  alarm_name          = "${var.project_name}-age"
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateAgeOfOldestMessage"
  dimensions          = { QueueName = aws_sqs_queue.jobs.name }
  statistic           = "Maximum"
  period              = 60
  evaluation_periods  = 5
  threshold           = 900
  comparison_operator = "GreaterThanThreshold"
}

resource "aws_cloudwatch_log_group" "debug" {
  count = var.environment != "prod" ? 1 : 0

  name              = "/${var.project_name}/debug"
  retention_in_days = 1
}
