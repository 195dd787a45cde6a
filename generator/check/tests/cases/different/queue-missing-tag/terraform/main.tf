terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.0"
    }
  }
}

provider "aws" {
  region = var.aws_region

  default_tags {
    tags = {
      Project    = var.project_name
      CostCenter = "4711"
    }
  }
}

resource "aws_sqs_queue" "jobs" {
  name = "${var.project_name}-jobs"
}

resource "aws_sqs_queue" "mail" {
  name = "${var.project_name}-mail"
}
