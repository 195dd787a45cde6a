variable "max_attempts" {
  type    = number
  default = 3
}

variable "owner" {
  type = string
}

resource "aws_sqs_queue" "jobs" {
  name = "${var.project_name}-jobs"
  tags = { Attempts = var.max_attempts, Owner = var.owner }
}
