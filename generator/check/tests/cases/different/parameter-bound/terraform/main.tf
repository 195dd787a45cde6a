variable "max_attempts" {
  type    = number
  default = 3

  validation {
    condition     = var.max_attempts >= 1 && var.max_attempts <= 10
    error_message = "Between 1 and 10."
  }
}

variable "stage" {
  type    = string
  default = "dev"

  validation {
    condition     = contains(["dev", "prod"], var.stage)
    error_message = "dev or prod."
  }
}

resource "aws_sqs_queue" "jobs" {
  name = "${var.project_name}-jobs"

  tags = {
    Attempts = tostring(var.max_attempts)
    Stage    = var.stage
  }
}
