resource "aws_cloudwatch_log_group" "worker" {
  name = "/aws/lambda/${var.project_name}-worker"
}
