output "mail_queue_url" {
  value = aws_sqs_queue.mail.url
}
