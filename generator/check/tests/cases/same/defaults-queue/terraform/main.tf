# Everything spelled out here, nothing in the template.
resource "aws_sqs_queue" "explicit" {
  name                       = "${var.project_name}-explicit"
  delay_seconds              = 0
  fifo_queue                 = false
  max_message_size           = 262144
  message_retention_seconds  = 345600
  receive_wait_time_seconds  = 0
  sqs_managed_sse_enabled    = true
  visibility_timeout_seconds = 30
}

# And the other way round.
resource "aws_sqs_queue" "implicit" {
  name = "${var.project_name}-implicit"
}
