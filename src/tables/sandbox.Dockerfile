# The image that the agent's commands run in. build-image.sh builds it inside the gateway's pod, with BASE_IMAGE from pack.yaml.
ARG BASE_IMAGE=debian:bookworm-slim
# hadolint ignore=DL3006
FROM ${BASE_IMAGE}

# OpenClaw's write and edit tools run on python3 inside the sandbox. The versions are those of the pinned base's release.
# hadolint ignore=DL3008
RUN apt-get update \
  && apt-get install --yes --no-install-recommends \
    bash ca-certificates curl git jq less procps python3 ripgrep unzip \
  && rm -rf /var/lib/apt/lists/* \
  && useradd --uid 1001 --create-home --shell /bin/bash sandbox

USER 1001:1001
WORKDIR /home/sandbox
CMD ["sleep", "infinity"]
