variable "aws_region" {
  type        = string
  description = "Region to deploy to."
  default     = "us-east-1"
}

variable "project_name" {
  type        = string
  description = "Prefix of every name."
}
