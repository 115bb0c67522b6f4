# A member of etcd for compose.yaml, as Debian has it: what the tests run with.
FROM debian:bookworm-slim
RUN apt-get update -qq \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        etcd-client etcd-server \
    && rm -rf /var/lib/apt/lists/* \
    && usermod --uid 10002 etcd \
    && install --directory --owner etcd --mode 0700 /var/lib/etcd
USER 10002
VOLUME /var/lib/etcd
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
    CMD ["etcdctl", "--endpoints", "http://127.0.0.1:2379", "endpoint", "health"]
ENTRYPOINT ["etcd"]
