variable "role_arn" {
  type = string
}

data "aws_caller_identity" "this" {}

resource "aws_lambda_function" "listener" {
  function_name = "${var.project_name}-listener"
  description   = "Hears of spot interruptions"
  role          = var.role_arn
  package_type  = "Image"
  image_uri     = "${data.aws_caller_identity.this.account_id}.dkr.ecr.${var.aws_region}.amazonaws.com/listener:1"
  timeout       = 30
}

resource "aws_cloudwatch_event_rule" "spot" {
  name = "${var.project_name}-spot"

  event_pattern = jsonencode({
    source      = ["aws.ec2"]
    detail-type = ["EC2 Spot Instance Interruption Warning"]
  })
}

resource "aws_lambda_permission" "events" {
  statement_id  = "AllowEvents"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.listener.arn
  principal     = "events.amazonaws.com"
  source_arn    = aws_cloudwatch_event_rule.spot.arn
}

resource "aws_lambda_permission" "bucket" {
  action         = "lambda:InvokeFunction"
  function_name  = "${var.project_name}-listener"
  principal      = "s3.amazonaws.com"
  source_account = data.aws_caller_identity.this.account_id
  source_arn     = "arn:aws:s3:::drop-box"

  depends_on = [aws_lambda_function.listener]
}
