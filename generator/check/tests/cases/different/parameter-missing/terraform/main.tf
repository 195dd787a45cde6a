variable "visibility" {
  type    = number
  default = 60
}

resource "aws_sqs_queue" "jobs" {
  name                       = "${var.project_name}-jobs"
  visibility_timeout_seconds = var.visibility
}
