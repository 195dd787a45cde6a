resource "aws_iam_role" "worker" {
  name = "${var.project_name}-worker"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "lambda.amazonaws.com" }
    }]
  })
}

# Without a version it is 2008-10-17, and policy variables are plain text.
resource "aws_iam_role_policy" "own" {
  name = "own"
  role = aws_iam_role.worker.id

  policy = jsonencode({
    Statement = [{
      Effect   = "Allow"
      Action   = "s3:GetObject"
      Resource = "arn:aws:s3:::shared/$${aws:userid}/*"
    }]
  })
}
