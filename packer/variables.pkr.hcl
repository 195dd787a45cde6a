# The variables of the image. The first part has no defaults: its values are generated (generated/packer/stack.pkrvars.hcl),
# so that image and stack agree.

variable "runner_version" {
  description = "The release of the Actions runner, as the stack deploys it."
  type        = string

  validation {
    condition     = can(regex("^[0-9]+\\.[0-9]+\\.[0-9]+$", var.runner_version))
    error_message = "The runner's version has three numbers, such as 2.338.0."
  }
}

variable "runner_checksums" {
  description = "The SHA-256 of the release's archives for Linux, from its notes, under x86_64 and arm64."
  type        = map(string)

  validation {
    condition     = can(regex("^[0-9a-f]{64}$", var.runner_checksums["x86_64"])) && can(regex("^[0-9a-f]{64}$", var.runner_checksums["arm64"]))
    error_message = "The runner's checksums are 64 hexadecimal digits for x86_64 and for arm64; the release's notes have them."
  }
}

variable "runner_user" {
  description = "The user that runs the runner and its job."
  type        = string
}

variable "runner_directory" {
  description = "Where the runner is unpacked."
  type        = string
}

variable "runner_version_file" {
  description = "The marker that user data looks for. It contains the runner's version, and means that the packages are installed."
  type        = string
}

variable "architecture" {
  description = "The instruction set of the instances, x86_64 or arm64."
  type        = string

  validation {
    condition     = contains(["x86_64", "arm64"], var.architecture)
    error_message = "The architecture is x86_64 or arm64."
  }
}

variable "packages" {
  description = "Packages of Amazon Linux that user data would otherwise install."
  type        = list(string)
}

# Whoever builds the image chooses the values of the second part.

variable "region" {
  description = "The region to build in."
  type        = string
}

variable "name_prefix" {
  description = "The prefix of the image's name. It is also the value of the tag jit-runners:image, by which ami.prune finds the image."
  type        = string
  default     = "jit-runners"

  validation {
    condition     = can(regex("^[A-Za-z0-9][A-Za-z0-9._-]{2,60}$", var.name_prefix))
    error_message = "The prefix has 3 to 61 letters, digits, dots, hyphens or underscores."
  }
}

variable "base_image" {
  description = "The name of the Amazon Linux image, with wildcards; the newest match is used. A full name pins the image, and so all packages."
  type        = string
  default     = "al2023-ami-2023.*-kernel-6.1-*"
}

variable "instance_type" {
  description = "The instance that builds; by default one with 2 processors and 8 GiB of the right architecture."
  type        = string
  default     = null
}

variable "subnet_id" {
  description = "The subnet to build in, which must reach the internet. Without it the default VPC is used, with a public address during the build."
  type        = string
  default     = null
}

variable "volume_size" {
  description = "The size of the root volume in GiB. You pay for it while an instance runs."
  type        = number
  default     = 30

  validation {
    condition     = var.volume_size >= 20
    error_message = "The tools need 20 GiB or more."
  }
}

variable "kms_key_id" {
  description = "The key that encrypts the image; by default the account's key for EBS. A key belongs to one region, so an image with such a key is not copied."
  type        = string
  default     = null
}

variable "public" {
  description = "Whether everybody may use the image. A public image cannot be encrypted."
  type        = bool
  default     = false
}

variable "copy_regions" {
  description = "Further regions to copy the image to."
  type        = list(string)
  default     = []
}

variable "extra_script" {
  description = "A script of your own, run as root before the clean-up; if it fails, no image is created."
  type        = string
  default     = null
}
