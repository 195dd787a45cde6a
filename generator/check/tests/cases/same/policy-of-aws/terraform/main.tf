data "aws_partition" "current" {}

resource "aws_iam_role" "webhook" {
  name = "${var.project_name}-webhook"

  assume_role_policy = <<-EOF
    {
      "Version": "2012-10-17",
      "Statement": [
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.${data.aws_partition.current.dns_suffix}"}}
      ]
    }
  EOF
}

resource "aws_iam_role_policy_attachment" "managed" {
  for_each = toset(["AWSLambdaBasicExecutionRole", "AWSLambdaSQSQueueExecutionRole"])

  role       = aws_iam_role.webhook.name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/service-role/${each.value}"
}
