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

data "aws_iam_policy_document" "guard" {
  statement {
    effect      = "Deny"
    not_actions = ["logs:*"]
    resources   = ["*"]
  }
}

resource "aws_iam_role_policy" "guard" {
  name   = "guard"
  role   = aws_iam_role.worker.id
  policy = data.aws_iam_policy_document.guard.json
}
