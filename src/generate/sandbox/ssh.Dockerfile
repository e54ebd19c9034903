# The image of the ssh sandbox (sandbox.backend: ssh): the packages of the sandbox image, and an ssh server without root.
# Build it from this folder, push it to your registry and name it in pack.yaml as sandbox.image, with its digest:
#   docker build --tag REGISTRY/openclaw-sandbox-ssh:1.0.0 --file ssh.Dockerfile .
ARG BASE_IMAGE=debian:bookworm-slim
# hadolint ignore=DL3006
FROM ${BASE_IMAGE}

# hadolint ignore=DL3008
RUN apt-get update \
  && apt-get install --yes --no-install-recommends \
    bash ca-certificates curl git jq less openssh-server openssh-sftp-server procps python3 ripgrep unzip \
  && rm -rf /var/lib/apt/lists/* /etc/ssh/ssh_host_* \
  && useradd --uid 1000 --create-home --shell /bin/bash sandbox

USER 1000:1000
WORKDIR /home/sandbox
CMD ["/usr/sbin/sshd", "-D", "-e", "-f", "/etc/openclaw-sshd/sshd_config"]
