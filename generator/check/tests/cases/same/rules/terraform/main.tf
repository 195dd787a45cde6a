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

locals {
  is_production = var.stage == "prod"
}

resource "aws_sqs_queue" "jobs" {
  name = "jobs-${var.stage}"

  lifecycle {
    precondition {
      condition     = !local.is_production || (var.key_arn != "" && length(var.owner) > 0)
      error_message = "prod needs key_arn and owner."
    }
    postcondition {
      condition     = self.arn != ""
      error_message = "The queue has no ARN."
    }
  }
}

output "queue" {
  value = aws_sqs_queue.jobs.url

  precondition {
    condition     = contains(["dev", "prod"], var.stage) || anytrue([var.owner == "platform"])
    error_message = "Only the platform has other stages."
  }
}
