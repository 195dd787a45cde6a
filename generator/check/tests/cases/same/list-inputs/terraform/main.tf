variable "subnet_ids" {
  type        = list(string)
  description = "Subnets of the workers."
}

variable "vpc_id" {
  type = string
}

variable "labels" {
  type    = list(string)
  default = ["self-hosted", "linux"]
}

variable "role_arn" {
  type = string
}

variable "bucket" {
  type = string
}

resource "aws_security_group" "worker" {
  name        = "${var.project_name}-worker"
  description = "Worker function"
  vpc_id      = var.vpc_id

  egress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_lambda_function" "worker" {
  function_name = "${var.project_name}-worker"
  role          = var.role_arn
  runtime       = "python3.12"
  handler       = "index.handler"
  s3_bucket     = var.bucket
  s3_key        = "worker.zip"

  vpc_config {
    subnet_ids         = var.subnet_ids
    security_group_ids = [aws_security_group.worker.id]
  }

  environment {
    variables = {
      SUBNETS      = join(",", var.subnet_ids)
      LABELS       = join(" ", var.labels)
      FIRST_SUBNET = var.subnet_ids[0]
    }
  }
}
