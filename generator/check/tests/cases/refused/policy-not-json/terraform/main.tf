resource "aws_iam_role" "worker" {
  name = "${var.project_name}-worker"

  assume_role_policy = <<-EOF
    {
      "Version": "2012-10-17",
      "Statement": [
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}},
      ]
    }
  EOF
}
