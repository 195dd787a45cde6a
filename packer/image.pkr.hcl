# The runner image: Amazon Linux 2023 with the Actions runner and the usual tools of jobs. docs/image.md says how to build it.

packer {
  required_version = ">= 1.10.0, < 2.0.0"

  required_plugins {
    amazon = {
      source  = "github.com/hashicorp/amazon"
      version = "= 1.3.9"
    }
  }
}

locals {
  # Names of images are unique in a region. These names sort by age.
  name = "${var.name_prefix}-${var.architecture}-${var.runner_version}-${formatdate("YYYYMMDD-hhmmss", timestamp())}"

  builders = {
    x86_64 = "m6i.large"
    arm64  = "m6g.large"
  }

  tags = {
    "Name"                       = local.name
    "jit-runners:image"          = var.name_prefix
    "jit-runners:architecture"   = var.architecture
    "jit-runners:runner-version" = var.runner_version
    "jit-runners:base"           = "{{ .SourceAMIName }}"
  }

  # The values of the stack that the scripts need.
  environment = [
    "ARCHITECTURE=${var.architecture}",
    "PACKAGES=${join(" ", var.packages)}",
    "RUNNER_VERSION=${var.runner_version}",
    "RUNNER_SHA256=${var.runner_checksums[var.architecture]}",
    "RUNNER_USER=${var.runner_user}",
    "RUNNER_DIRECTORY=${var.runner_directory}",
    "RUNNER_VERSION_FILE=${var.runner_version_file}",
  ]

  as_root = "sudo env {{ .Vars }} bash {{ .Path }}"
}

source "amazon-ebs" "runner" {
  region        = var.region
  instance_type = var.instance_type != null ? var.instance_type : local.builders[var.architecture]

  source_ami_filter {
    most_recent = true
    owners      = ["amazon"]

    filters = {
      name                = var.base_image
      architecture        = var.architecture
      root-device-type    = "ebs"
      virtualization-type = "hvm"
      state               = "available"
    }
  }

  # A public address only if no subnet is given. Then only the address of this machine can connect to it.
  subnet_id                                 = var.subnet_id
  associate_public_ip_address               = var.subnet_id == null
  temporary_security_group_source_public_ip = var.subnet_id == null

  ssh_username              = "ec2-user"
  temporary_key_pair_type   = "ed25519"
  ssh_clear_authorized_keys = true

  # IMDSv2 only: for the builder, and for every instance of the image.
  imds_support = "v2.0"

  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }

  # An image with encrypted volumes cannot be public: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/sharingamis-intro.html
  launch_block_device_mappings {
    device_name           = "/dev/xvda"
    volume_type           = "gp3"
    volume_size           = var.volume_size
    delete_on_termination = true
    encrypted             = !var.public
    kms_key_id            = var.public ? null : var.kms_key_id
  }

  ami_name        = local.name
  ami_description = "GitHub Actions runner ${var.runner_version} on Amazon Linux 2023 (${var.architecture})"
  ami_regions     = var.copy_regions
  ami_groups      = var.public ? ["all"] : []

  tags            = local.tags
  snapshot_tags   = local.tags
  run_tags        = local.tags
  run_volume_tags = local.tags

  # For 30 GiB EC2 needs up to an hour, and for copies to other regions up to another hour.
  aws_polling {
    delay_seconds = 30
    max_attempts  = 240
  }
}

build {
  sources = ["source.amazon-ebs.runner"]

  # When SSH answers, cloud-init still installs updates, and holds the package manager's lock.
  provisioner "shell" {
    inline = ["sudo cloud-init status --wait", "mkdir -p /tmp/jit-runners"]
  }

  provisioner "file" {
    source      = "${path.root}/provision/"
    destination = "/tmp/jit-runners/"
  }

  provisioner "shell" {
    environment_vars = local.environment
    execute_command  = local.as_root

    scripts = [
      "${path.root}/provision/10-system.sh",
      "${path.root}/provision/20-docker.sh",
      "${path.root}/provision/30-languages.sh",
      "${path.root}/provision/40-tools.sh",
      "${path.root}/provision/50-runner.sh",
    ]
  }

  provisioner "shell" {
    environment_vars = local.environment
    execute_command  = local.as_root
    script           = var.extra_script != null ? var.extra_script : "${path.root}/provision/60-extra.sh"
  }

  # The marker comes last: without it user data does not trust the image.
  provisioner "shell" {
    environment_vars = local.environment
    execute_command  = local.as_root

    scripts = [
      "${path.root}/provision/70-clean.sh",
      "${path.root}/provision/80-verify.sh",
    ]
  }
}
