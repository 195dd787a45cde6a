resource "aws_cloudwatch_event_rule" "tick" {
  name                = "${var.project_name}-tick"
  schedule_expression = "rate(1 minute)"
}

resource "aws_lambda_permission" "tick" {
  statement_id  = "tick"
  action        = "lambda:InvokeFunction"
  function_name = "${var.project_name}-listener"
  principal     = "events.amazonaws.com"
  source_arn    = aws_cloudwatch_event_rule.tick.arn
}
