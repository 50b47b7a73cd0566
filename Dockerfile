# The image of every server and of the lead: one program, no shell, nobody's root.
# `cargo xtask image` runs the commands of the build stage without an engine, with PROFILE=dev OUTPUT=debug, and looks at what they leave.
#
# It is linked with glibc, and so stands on distroless-cc. For x86_64-unknown-linux-musl (musl-tools, no other change) it builds too,
# starts without any library and reads a real cluster; but how musl's allocator does where lists of 10,000 pods are decoded was not
# measured in a release build, and until it is, the image is the program that the figures in docs/benchmarks.md are of.

FROM rust:1.95-bookworm AS build
ARG PROFILE=image
ARG OUTPUT=image
ARG ROOTFS=/rootfs
# Of lld, which rustc brings for x86_64; with another linker, set it to nothing. Functions that are alike are kept once. Packed
# relocations are 1.4 MB less to map at every start; they need glibc 2.36 (2022), which the base has and a laptop may not.
# What runs at a start lies side by side: 8 MB less at rest. `cargo xtask order` writes the list; a name that is no more is skipped.
ARG LINK="-C link-arg=-Wl,--icf=all,-z,pack-relative-relocs,--symbol-ordering-file=deploy/link-order.txt,--no-warn-symbol-ordering"
WORKDIR /src
COPY . .
RUN cargo rustc --locked --profile $PROFILE --package inquest --bin inquest -- $LINK
RUN mkdir -p $ROOTFS && cp ${CARGO_TARGET_DIR:-target}/$OUTPUT/inquest $ROOTFS/inquest

FROM gcr.io/distroless/cc-debian12:nonroot
LABEL io.modelcontextprotocol.server.name="io.github.inquest-dev/inquest"
COPY --from=build /rootfs/inquest /inquest
USER 65532:65532
EXPOSE 8080
ENTRYPOINT ["/inquest"]
