resource "aws_iam_role" "people" {
  name = "${var.project_name}-people"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = ["sts:AssumeRole", "sts:TagSession"]
      Principal = { AWS = "*" }
      Condition = { StringEquals = { "aws:PrincipalOrgID" = ["o-12345678"] } }
    }]
  })
}

data "aws_iam_policy_document" "home" {
  statement {
    actions   = ["s3:GetObject", "s3:PutObject"]
    resources = ["arn:aws:s3:::homes/&{aws:userid}/*"]
  }

  statement {
    actions   = ["sqs:SendMessage"]
    resources = ["arn:aws:sqs:*:*:${var.project_name}-$${aws:PrincipalTag/team}"]
  }
}

resource "aws_iam_role_policy" "home" {
  name   = "home"
  role   = aws_iam_role.people.id
  policy = data.aws_iam_policy_document.home.json
}
