resource "aws_sqs_queue" "jobs" {
  name = "${var.project_name}-jobs"
}

locals {
  kinds = ["jobs", "mail"]
}

resource "aws_sqs_queue" "more" {
  for_each = toset(local.kinds)
  name     = "${var.project_name}-${each.value}"
}
