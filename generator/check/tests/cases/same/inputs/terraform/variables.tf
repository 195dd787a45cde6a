variable "aws_region" {
  type        = string
  description = "Region to deploy to."
  default     = "us-east-1"
}

variable "project_name" {
  type        = string
  description = "Prefix of every name."
}

variable "environment" {
  type        = string
  description = "Where this runs."
  default     = "staging"

  validation {
    condition     = contains(["dev", "staging", "prod"], var.environment)
    error_message = "One of dev, staging, prod."
  }
}

variable "app_id" {
  type        = string
  description = "Number of the app."

  validation {
    condition     = can(regex("^[0-9]+$", var.app_id))
    error_message = "Digits only."
  }
}

variable "max_attempts" {
  type        = number
  description = "How often a job is tried."
  default     = 3

  validation {
    condition     = var.max_attempts >= 1 && var.max_attempts <= 10
    error_message = "Between 1 and 10."
  }
}

variable "retention_days" {
  type    = number
  default = 14

  validation {
    condition     = contains([1, 7, 14, 30], var.retention_days)
    error_message = "One of 1, 7, 14, 30."
  }
}

variable "owner" {
  type    = string
  default = "platform"

  validation {
    condition     = length(var.owner) >= 2 && length(var.owner) <= 32
    error_message = "Two to 32 characters."
  }
}

variable "token" {
  type      = string
  sensitive = true
}
