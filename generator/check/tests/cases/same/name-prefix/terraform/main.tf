resource "aws_sqs_queue" "scratch" {
  name_prefix                = "${var.project_name}-scratch-"
  visibility_timeout_seconds = 45
}

resource "aws_security_group" "runner" {
  name_prefix = "${var.project_name}-runner-"
  description = "Runners"
  vpc_id      = var.vpc_id

  egress {
    description = "HTTPS"
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }

  lifecycle {
    create_before_destroy = true
  }
}
