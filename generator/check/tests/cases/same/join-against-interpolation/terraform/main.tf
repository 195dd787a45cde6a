data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  account = data.aws_caller_identity.current.account_id
  logs    = "arn:${data.aws_partition.current.partition}:logs:${data.aws_region.current.name}:${local.account}"
}

resource "aws_iam_role" "writer" {
  name = "${var.project_name}-writer"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = "arn:${data.aws_partition.current.partition}:iam::${local.account}:root" }
    }]
  })
}

resource "aws_iam_role_policy" "writer" {
  name = "write-logs"
  role = aws_iam_role.writer.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect = "Allow"
      Action = ["logs:CreateLogStream", "logs:PutLogEvents"]
      Resource = [
        "${local.logs}:log-group:/aws/lambda/${var.project_name}-*:log-stream:*",
        "${aws_cloudwatch_log_group.shared.arn}:*",
      ]
    }]
  })
}

resource "aws_cloudwatch_log_group" "shared" {
  name              = "/${var.project_name}/shared"
  retention_in_days = 7
}
