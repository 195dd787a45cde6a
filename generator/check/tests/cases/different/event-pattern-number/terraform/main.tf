resource "aws_cloudwatch_event_rule" "failed" {
  name = "${var.project_name}-failed"

  event_pattern = jsonencode({
    source      = ["custom.builds"]
    detail-type = ["Build Finished"]
    detail      = { "exit-code" = [137] }
  })
}
