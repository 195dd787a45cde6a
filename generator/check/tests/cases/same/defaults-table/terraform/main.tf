resource "aws_dynamodb_table" "explicit" {
  name                        = "${var.project_name}-explicit"
  billing_mode                = "PROVISIONED"
  read_capacity               = 5
  write_capacity              = 2
  table_class                 = "STANDARD"
  deletion_protection_enabled = false
  stream_enabled              = false
  hash_key                    = "pk"
  range_key                   = "sk"

  attribute {
    name = "pk"
    type = "S"
  }

  attribute {
    name = "sk"
    type = "N"
  }

  point_in_time_recovery {
    enabled = false
  }

  server_side_encryption {
    enabled = false
  }
}

resource "aws_dynamodb_table" "implicit" {
  name           = "${var.project_name}-implicit"
  read_capacity  = 1
  write_capacity = 1
  hash_key       = "id"

  attribute {
    name = "id"
    type = "B"
  }

  ttl {
    enabled        = true
    attribute_name = "expires"
  }
}
