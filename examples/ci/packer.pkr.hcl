# A Packer template's last step: uploads what the builder has made. Packer has no upload of its own for this
# service, so `shell-local` runs `img` on the machine where Packer runs. SFC_SERVER_URL and SFC_BEARER_AUTH
# come from the environment of `packer build`.
packer {
  required_plugins {
    qemu = {
      source  = "github.com/hashicorp/qemu"
      version = ">= 1.1.0"
    }
  }
}

source "qemu" "disk" {
  iso_url      = var.iso_url
  iso_checksum = var.iso_checksum
  format       = "raw"
  efi_boot     = true
  vm_name      = "disk.img"
  ssh_username = "packer"
}

variable "iso_url" { type = string }
variable "iso_checksum" { type = string }

build {
  sources = ["source.qemu.disk"]

  post-processor "shell-local" {
    inline = [
      "img upload output-disk/disk.img --name \"disk-$PACKER_BUILD_NAME.img\" --if-name-taken accept-same",
    ]
  }
}
