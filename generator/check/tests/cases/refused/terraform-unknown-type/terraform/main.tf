resource "aws_sqs_queue" "jobs" {
  name = "${var.project_name}-jobs"
}

resource "aws_s3_bucket" "artifacts" {
  bucket = "${var.project_name}-artifacts"
}
