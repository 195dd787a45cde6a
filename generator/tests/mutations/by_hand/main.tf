variable "function_arn" {
  type = string
}

variable "key_arn" {
  type = string
}

resource "aws_sns_topic" "events" {
  name                                = "events.fifo"
  display_name                        = "Events"
  fifo_topic                          = true
  content_based_deduplication         = true
  fifo_throughput_scope               = "MessageGroup"
  kms_master_key_id                   = var.key_arn
  signature_version                   = 2
  tracing_config                      = "Active"
  archive_policy                      = jsonencode({ MessageRetentionPeriod = "30" })
  sqs_success_feedback_role_arn       = "arn:aws:iam::123456789012:role/good"
  sqs_success_feedback_sample_rate    = 50
  sqs_failure_feedback_role_arn       = "arn:aws:iam::123456789012:role/bad"
  lambda_failure_feedback_role_arn    = "arn:aws:iam::123456789012:role/bad"
  tags                                = { Team = "shop" }
}

resource "aws_sns_topic" "other" {
  name = "other"
}

resource "aws_sns_topic_policy" "events" {
  arn = aws_sns_topic.events.arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "events.amazonaws.com" }
      Action    = ["sns:Publish"]
      Resource  = aws_sns_topic.events.arn
    }]
  })
}

resource "aws_sns_topic_subscription" "function" {
  topic_arn             = aws_sns_topic.other.arn
  protocol              = "lambda"
  endpoint              = var.function_arn
  filter_policy_scope   = "MessageBody"
  filter_policy         = jsonencode({ kind = ["paid", "placed"], price = [{ numeric = [">", 0, "<=", 5] }] })
  redrive_policy        = jsonencode({ deadLetterTargetArn = "arn:aws:sqs:eu-west-1:123456789012:lost" })
}

resource "aws_sns_topic_subscription" "web" {
  topic_arn            = aws_sns_topic.other.arn
  protocol             = "https"
  endpoint             = "https://example.com"
  raw_message_delivery = true
  delivery_policy      = jsonencode({ healthyRetryPolicy = { numRetries = 5 } })
}

resource "aws_sns_topic_subscription" "stream" {
  topic_arn             = aws_sns_topic.events.arn
  protocol              = "firehose"
  endpoint              = "arn:aws:firehose:eu-west-1:123456789012:deliverystream/s"
  subscription_role_arn = "arn:aws:iam::123456789012:role/stream"
  replay_policy         = jsonencode({ PointType = "Timestamp" })
}

resource "aws_lambda_permission" "events" {
  function_name = var.function_arn
  action        = "lambda:InvokeFunction"
  principal     = "sns.amazonaws.com"
  source_arn    = aws_sns_topic.other.arn
}

resource "aws_s3_bucket" "site" {
  bucket              = "site"
  object_lock_enabled = true
  tags                = { Team = "shop" }
}

resource "aws_s3_bucket" "logs" {
  bucket = "logs"
}

resource "aws_s3_bucket_versioning" "site" {
  bucket = aws_s3_bucket.site.id
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_public_access_block" "site" {
  bucket              = aws_s3_bucket.site.id
  block_public_acls   = true
  ignore_public_acls  = true
}

resource "aws_s3_bucket_ownership_controls" "logs" {
  bucket = aws_s3_bucket.logs.id
  rule {
    object_ownership = "BucketOwnerPreferred"
  }
}

resource "aws_s3_bucket_acl" "logs" {
  bucket = aws_s3_bucket.logs.id
  acl    = "log-delivery-write"
}

resource "aws_s3_bucket_server_side_encryption_configuration" "site" {
  bucket = aws_s3_bucket.site.id
  rule {
    bucket_key_enabled = true
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = var.key_arn
    }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "site" {
  bucket                                 = aws_s3_bucket.site.id
  transition_default_minimum_object_size = "varies_by_storage_class"
  rule {
    status = "Enabled"
    filter {
      and {
        prefix                   = "logs/"
        object_size_greater_than = 1000
        object_size_less_than    = 5000
        tags                     = { Class = "cheap", Kind = "log" }
      }
    }
    expiration {
      days = 90
    }
    transition {
      days          = 30
      storage_class = "STANDARD_IA"
    }
    transition {
      date          = "2030-01-01T00:00:00Z"
      storage_class = "GLACIER"
    }
    noncurrent_version_expiration {
      noncurrent_days           = 5
      newer_noncurrent_versions = 2
    }
    noncurrent_version_transition {
      noncurrent_days           = 3
      newer_noncurrent_versions = 1
      storage_class             = "GLACIER"
    }
    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }
  rule {
    status = "Disabled"
    filter {
      tag {
        key   = "Class"
        value = "old"
      }
    }
    expiration {
      expired_object_delete_marker = true
    }
  }
}

resource "aws_s3_bucket_cors_configuration" "site" {
  bucket = aws_s3_bucket.site.id
  cors_rule {
    allowed_headers = ["Accept"]
    allowed_methods = ["PUT", "POST"]
    allowed_origins = ["https://example.com"]
    expose_headers  = ["ETag"]
    max_age_seconds = 3000
  }
  cors_rule {
    allowed_methods = ["GET"]
    allowed_origins = ["https://example.org"]
  }
}

resource "aws_s3_bucket_logging" "site" {
  bucket        = aws_s3_bucket.site.id
  target_bucket = aws_s3_bucket.logs.id
  target_prefix = "site/"
}

resource "aws_s3_bucket_website_configuration" "site" {
  bucket = aws_s3_bucket.site.id
  index_document {
    suffix = "index.html"
  }
  error_document {
    key = "error.html"
  }
}

resource "aws_s3_bucket_website_configuration" "logs" {
  bucket = aws_s3_bucket.logs.id
  redirect_all_requests_to {
    host_name = "example.com"
    protocol  = "https"
  }
}

resource "aws_s3_bucket_accelerate_configuration" "site" {
  bucket = aws_s3_bucket.site.id
  status = "Enabled"
}

resource "aws_s3_bucket_object_lock_configuration" "site" {
  bucket = aws_s3_bucket.site.id
  rule {
    default_retention {
      mode = "COMPLIANCE"
      days = 5
    }
  }
}

resource "aws_s3_bucket_notification" "site" {
  bucket      = aws_s3_bucket.site.id
  eventbridge = true
  lambda_function {
    lambda_function_arn = var.function_arn
    events              = ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"]
    filter_prefix       = "pictures/"
    filter_suffix       = ".png"
  }
  queue {
    queue_arn     = "arn:aws:sqs:eu-west-1:123456789012:uploads"
    events        = ["s3:ObjectCreated:Put"]
    filter_suffix = ".csv"
  }
  topic {
    topic_arn = aws_sns_topic.other.arn
    events    = ["s3:ObjectRestore:Completed"]
  }
}

resource "aws_s3_bucket_policy" "site" {
  bucket = aws_s3_bucket.site.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = [aws_s3_bucket.site.arn, "${aws_s3_bucket.site.arn}/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })
}

output "site" {
  value = aws_s3_bucket.site.arn
}

output "topic" {
  value = aws_sns_topic.events.arn
}

output "domain" {
  value = aws_s3_bucket.site.bucket_regional_domain_name
}
