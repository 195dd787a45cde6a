resource "aws_dynamodb_table" "jobs" {
  name         = "${var.project_name}-jobs"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "job_id"

  dynamic "attribute" {
    for_each = toset(["job_id", "instance_id"])

    content {
      name = attribute.key
      type = "S"
    }
  }

  global_secondary_index {
    name            = "by-instance"
    hash_key        = "instance_id"
    projection_type = "ALL"
  }

  ttl {
    attribute_name = "expires_at"
    enabled        = true
  }

  point_in_time_recovery {
    enabled = true
  }

  tags = local.tags
}
