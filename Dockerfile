# The image of every server and of the lead: one program, no shell, nobody's root.
# `cargo xtask image` runs the commands of the build stage without an engine, with PROFILE=dev OUTPUT=debug, and looks at what they leave.

FROM rust:1.95-bookworm AS build
ARG PROFILE=release
ARG OUTPUT=release
ARG ROOTFS=/rootfs
WORKDIR /src
COPY . .
RUN cargo build --locked --profile $PROFILE --package inquest --bin inquest
RUN mkdir -p $ROOTFS && cp ${CARGO_TARGET_DIR:-target}/$OUTPUT/inquest $ROOTFS/inquest

FROM gcr.io/distroless/cc-debian12:nonroot
LABEL io.modelcontextprotocol.server.name="io.github.inquest-dev/inquest"
COPY --from=build /rootfs/inquest /inquest
USER 65532:65532
EXPOSE 8080
ENTRYPOINT ["/inquest"]
