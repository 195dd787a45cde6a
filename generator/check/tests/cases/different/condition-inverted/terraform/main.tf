variable "create_spot_role" {
  type    = bool
  default = true
}

resource "aws_cloudwatch_log_group" "audit" {
  name              = "/${var.project_name}/audit"
  retention_in_days = 30
}

resource "aws_iam_service_linked_role" "spot" {
  count = var.create_spot_role ? 1 : 0

  aws_service_name = "spot.amazonaws.com"
}
