resource "aws_sqs_queue" "lifecycle" {
  name = "${var.project_name}-lifecycle"
}

resource "aws_cloudwatch_event_rule" "instances" {
  name        = "${var.project_name}-instances"
  description = "What happens to instances"
  state       = "ENABLED"

  event_pattern = <<PATTERN
{
  "source": ["aws.ec2"],
  "detail-type": ["EC2 Instance State-change Notification"],
  "detail": {
    "state": ["terminated", "shutting-down"]
  }
}
PATTERN
}

resource "aws_cloudwatch_event_target" "instances" {
  rule      = aws_cloudwatch_event_rule.instances.name
  target_id = "lifecycle"
  arn       = aws_sqs_queue.lifecycle.arn

  input_transformer {
    input_paths    = { instance = "$.detail.instance-id" }
    input_template = "{\"instance\": <instance>}"
  }
}

resource "aws_cloudwatch_event_rule" "nightly" {
  name                = "${var.project_name}-nightly"
  event_bus_name      = "default"
  schedule_expression = "cron(0 3 * * ? *)"
}

resource "aws_cloudwatch_event_target" "nightly" {
  rule      = aws_cloudwatch_event_rule.nightly.name
  target_id = "sweep"
  arn       = aws_sqs_queue.lifecycle.arn
  input     = jsonencode({ task = "sweep", dry_run = false })
}
