variable "vpc_id" {
  type = string
}

resource "aws_security_group" "worker" {
  name   = "${var.project_name}-worker"
  vpc_id = var.vpc_id

  egress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/8", "192.168.0.0/16"]
    description = "HTTPS inside"
  }

  egress {
    from_port   = 53
    to_port     = 53
    protocol    = "udp"
    cidr_blocks = ["10.0.0.2/32"]
  }

  tags = {
    Name = "${var.project_name}-worker"
  }
}

resource "aws_security_group" "open" {
  name        = "${var.project_name}-open"
  description = "Everything out"
  vpc_id      = var.vpc_id

  egress {
    from_port        = 0
    to_port          = 0
    protocol         = "-1"
    cidr_blocks      = ["0.0.0.0/0"]
    ipv6_cidr_blocks = ["::/0"]
  }
}
