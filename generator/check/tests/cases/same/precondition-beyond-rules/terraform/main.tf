variable "stage" {
  type = string
}

variable "key_arn" {
  type    = string
  default = ""
}

variable "owner" {
  type    = string
  default = ""
}

resource "aws_sqs_queue" "jobs" {
  name = "jobs-${var.stage}"

  lifecycle {
    precondition {
      condition     = length(var.stage) < 9 || var.key_arn != ""
      error_message = "prod needs key_arn."
    }
  }
}
