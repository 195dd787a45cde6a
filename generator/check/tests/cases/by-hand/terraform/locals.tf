data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}

locals {
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition

  functions = {
    webhook = "${var.project_name}-webhook"
    worker  = "${var.project_name}-worker"
  }

  alarm_actions = var.alarm_topic_arn != "" ? [var.alarm_topic_arn] : []

  tags = {
    Project   = var.project_name
    ManagedBy = "platform"
  }
}
