resource "aws_sqs_queue" "jobs" {
  name = "${var.project_name}-jobs"

  tags = {
    Started = timestamp()
    Hash    = filesha256("${path.module}/worker.zip")
  }
}
