terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.60"
    }
  }
}

provider "aws" {
  region = var.aws_region

  default_tags {
    tags = {
      Project   = var.project_name
      ManagedBy = "platform-team"
      Component = "core"
    }
  }
}

variable "aws_region" {
  default = "eu-west-1"
}

variable "project_name" {}

resource "aws_sqs_queue" "inbox" {
  name = "${var.project_name}-inbox"
}

resource "aws_dynamodb_table" "ledger" {
  name         = "${var.project_name}-ledger"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "entry"

  attribute {
    name = "entry"
    type = "S"
  }

  tags = {
    Component = "storage"
    Backup    = "daily"
  }
}

resource "aws_cloudwatch_log_group" "audit" {
  name              = "/${var.project_name}/audit"
  retention_in_days = 90
  tags              = merge({ Component = "audit" }, { "data-class" = "internal" })
}
