resource "aws_dynamodb_table" "jobs" {
  name         = "${var.project_name}-jobs"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "repo"
  range_key    = "created"

  attribute {
    name = "repo"
    type = "S"
  }

  attribute {
    name = "created"
    type = "N"
  }
}
