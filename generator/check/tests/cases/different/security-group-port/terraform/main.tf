variable "vpc_id" {
  type = string
}

resource "aws_security_group" "runner" {
  name        = "${var.project_name}-runner"
  description = "Runners"
  vpc_id      = var.vpc_id

  egress {
    protocol    = "tcp"
    from_port   = 443
    to_port     = 443
    cidr_blocks = ["0.0.0.0/0"]
  }

  egress {
    protocol    = "udp"
    from_port   = 53
    to_port     = 53
    cidr_blocks = ["0.0.0.0/0"]
  }
}
