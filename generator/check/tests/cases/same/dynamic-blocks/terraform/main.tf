variable "vpc_id" {
  type = string
}

locals {
  egress = [
    { port = 443, protocol = "tcp", text = "HTTPS" },
    { port = 80, protocol = "tcp", text = "HTTP" },
    { port = 53, protocol = "udp", text = "DNS" },
  ]

  keys = ["state", "owner"]
}

resource "aws_security_group" "runner" {
  name        = "${var.project_name}-runner"
  description = "Runners"
  vpc_id      = var.vpc_id

  dynamic "egress" {
    for_each = local.egress

    content {
      description = egress.value.text
      protocol    = egress.value.protocol
      from_port   = egress.value.port
      to_port     = egress.value.port
      cidr_blocks = ["0.0.0.0/0"]
    }
  }
}

resource "aws_dynamodb_table" "runners" {
  name         = "${var.project_name}-runners"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"

  dynamic "attribute" {
    for_each = toset(concat(["id"], local.keys))

    content {
      name = attribute.value
      type = "S"
    }
  }

  dynamic "global_secondary_index" {
    for_each = local.keys
    iterator = index

    content {
      name            = "by-${index.value}"
      hash_key        = index.value
      projection_type = "ALL"
    }
  }
}
