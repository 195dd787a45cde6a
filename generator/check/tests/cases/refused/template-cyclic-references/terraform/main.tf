resource "aws_sqs_queue" "left" {
  name = "${var.project_name}-left"
}

resource "aws_sqs_queue" "right" {
  name = "${var.project_name}-right"
}
