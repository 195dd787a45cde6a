# The provider's default is 256 KiB, the service's is 1 MiB.
resource "aws_sqs_queue" "jobs" {
  name                       = "${var.project_name}-jobs"
  visibility_timeout_seconds = 60
}
