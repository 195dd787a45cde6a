variable "project_name" {
  description = "Prefix of all names"
  type        = string
  default     = "build-relay"
}

variable "aws_region" {
  type    = string
  default = "eu-central-1"
}

variable "app_id" {
  description = "Id of the GitHub App"
  type        = string

  validation {
    condition     = can(regex("^[0-9]+$", var.app_id))
    error_message = "The app id is a number."
  }
}

variable "webhook_secret_arn" {
  description = "Secret that signs the webhooks"
  type        = string
}

variable "artifact_bucket" {
  description = "Bucket with the function packages"
  type        = string
}

variable "release" {
  description = "Folder of the packages in the bucket"
  type        = string
  default     = "v1.4.0"
}

variable "vpc_id" {
  type = string
}

variable "subnet_ids" {
  description = "Private subnets"
  type        = list(string)
}

variable "log_level" {
  type    = string
  default = "info"

  validation {
    condition     = contains(["debug", "info", "warn"], var.log_level)
    error_message = "debug, info or warn."
  }
}

variable "max_attempts" {
  description = "Tries before a job is given up"
  type        = number
  default     = 3

  validation {
    condition     = var.max_attempts >= 1 && var.max_attempts <= 10
    error_message = "Between 1 and 10."
  }
}

variable "alarm_topic_arn" {
  description = "Topic for alarms; empty: nobody is told"
  type        = string
  default     = ""
}

variable "create_dashboard" {
  type    = bool
  default = true
}
