variable "vpc_id" {
  type = string
}

resource "aws_security_group" "cache" {
  name        = "${var.project_name}-cache"
  description = "Build cache"
  vpc_id      = var.vpc_id
}

resource "aws_security_group_rule" "out" {
  type              = "egress"
  security_group_id = aws_security_group.cache.id
  protocol          = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_blocks       = ["0.0.0.0/0"]
}

resource "aws_security_group_rule" "in" {
  type              = "ingress"
  security_group_id = aws_security_group.cache.id
  description       = "Cache clients"
  protocol          = "tcp"
  from_port         = 8080
  to_port           = 8081
  cidr_blocks       = ["10.0.0.0/8"]
}
