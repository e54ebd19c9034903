/**
 * The HCL that the generated directory for Cloudflare replaces: addresses, arguments and values. A live state was created from
 * it.
 *
 * @module
 */

import type { Files } from "./directories.ts";

const MAIN = `
terraform {
  required_version = ">= 1.0"
  required_providers {
    cloudflare = {
      source  = "cloudflare/cloudflare"
      version = "~> 4.52"
    }
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.0"
    }
    random = {
      source  = "hashicorp/random"
      version = "3.8.1"
    }
  }
}

provider "cloudflare" {}

provider "aws" {
  region = "ap-northeast-1"
}

provider "random" {}

variable "account_id" {
  default = "1984a4314b3e75f3bedce97c7a8e0c81"
}

variable "zone_id" {
  default = "ec593206d0ef695c3aae3a4cb3173264"
}

resource "cloudflare_record" "openclaw" {
  zone_id = var.zone_id
  name    = "openclaw"
  content = cloudflare_tunnel.openclaw_tunnel.cname
  type    = "CNAME"
  proxied = true
}

resource "random_password" "tunnel_secret" {
  length = 64
}

resource "cloudflare_tunnel" "openclaw_tunnel" {
  account_id = var.account_id
  name       = "cloudflare openclaw tunnel"
  secret     = sensitive(base64sha256(random_password.tunnel_secret.result))
}

resource "cloudflare_tunnel_config" "openclaw_tunnel" {
  tunnel_id  = cloudflare_tunnel.openclaw_tunnel.id
  account_id = var.account_id
  config {
    ingress_rule {
      hostname = cloudflare_record.openclaw.hostname
      service  = "http://openclaw.openclaw.svc.cluster.local:18789"
    }
    ingress_rule {
      service = "http_status:404"
    }
  }
}

resource "aws_ssm_parameter" "openclaw_tunnel_token" {
  name        = "/lolice/openclaw/tunnel-token"
  description = "for openclaw tunnel token"
  type        = "SecureString"
  value       = sensitive(cloudflare_tunnel.openclaw_tunnel.tunnel_token)
}

data "cloudflare_access_identity_provider" "github" {
  zone_id = var.zone_id
  name    = "GitHub"
}

resource "cloudflare_access_application" "openclaw" {
  zone_id          = var.zone_id
  name             = "Access application for openclaw.b0xp.io"
  domain           = "openclaw.b0xp.io"
  session_duration = "24h"
}

resource "cloudflare_access_policy" "openclaw_policy" {
  application_id = cloudflare_access_application.openclaw.id
  zone_id        = var.zone_id
  name           = "policy for openclaw.b0xp.io"
  precedence     = "1"
  decision       = "allow"
  include {
    login_method = [data.cloudflare_access_identity_provider.github.id]
  }
}
`;

/** The files of this HCL. */
export const REPLACED_HCL: Files = new Map([["main.tf", MAIN]]);
