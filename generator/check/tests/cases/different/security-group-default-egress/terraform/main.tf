variable "vpc_id" {
  type = string
}

# Terraform takes the rule away that lets everything out.
resource "aws_security_group" "runner" {
  name        = "${var.project_name}-runner"
  description = "Runners"
  vpc_id      = var.vpc_id
}
