# One file for all images: docker build --build-arg SERVICE=validation --tag lucid-validation .
#
# The first stage installs the service's lock, every file of it checked by hash, and the workspace
# members that the service needs; the second has the interpreter, that environment and no tools.

FROM python:3.12-slim AS build
ARG SERVICE
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 UV_NO_CACHE=1 UV_PYTHON_DOWNLOADS=never
WORKDIR /src
COPY locks ./locks
RUN test -n "$SERVICE" && test -f "locks/$SERVICE.txt"
RUN pip install --require-hashes --requirement locks/tools.txt
RUN python -m venv --without-pip /opt/lucid \
    && uv pip install --python /opt/lucid/bin/python --compile-bytecode --require-hashes \
        --requirement "locks/$SERVICE.txt"
COPY protos ./protos
COPY libs ./libs
COPY services ./services
COPY gateway ./gateway
COPY checker ./checker
COPY cli ./cli
# The backend that builds our members is the uv that is installed above: nothing else is fetched.
RUN python locks/members.py "$SERVICE" > members.txt \
    && xargs uv pip install --python /opt/lucid/bin/python --compile-bytecode --no-deps < members.txt
# Kernels become machine code here, not in the first answer.
RUN case "$SERVICE" in validation|coherence) /opt/lucid/bin/python -m "lucid_$SERVICE.warm";; esac
# The command of an image cannot name its service, and there is no shell at run time to do it.
RUN printf '#!/opt/lucid/bin/python\nimport os, sys\nos.execv(sys.executable, [sys.executable, "-m", "lucid_%s", *sys.argv[1:]])\n' "$SERVICE" \
        > /opt/lucid/bin/serve \
    && chmod 0755 /opt/lucid/bin/serve

FROM python:3.12-slim
COPY --from=build /opt/lucid /opt/lucid
RUN install --directory --owner=65532 --group=65532 /data
ENV PATH=/opt/lucid/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOME=/tmp \
    OPENBLAS_NUM_THREADS=1 \
    OMP_NUM_THREADS=1 \
    MALLOC_ARENA_MAX=2 \
    MALLOC_MMAP_THRESHOLD_=33554432 \
    MALLOC_TRIM_THRESHOLD_=33554432
WORKDIR /data
USER 65532:65532
# Health is asked over gRPC (HTTP at the gateway) by whoever runs the image.
HEALTHCHECK NONE
STOPSIGNAL SIGTERM
ENTRYPOINT ["/opt/lucid/bin/serve"]
