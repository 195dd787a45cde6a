resource "aws_sqs_queue" "jobs" {
  name = "${var.project_name}-jobs"
}

module "worker" {
  source = "./worker"
  name   = var.project_name
}
