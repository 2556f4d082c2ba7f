# A worker that trains with ONNX Runtime on NVIDIA GPUs (CUDA 12, cuDNN 9). Build from the project folder:
#   docker build --file docker/cuda12.Dockerfile --tag symface-worker-cuda12 .
# Not built by the project's own checks, which have no Docker engine: docs/workers.md.
FROM node:22-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
# An install leaves CUDA's part of ONNX Runtime out, which comes from NuGet and has some hundred megabytes (.npmrc).
RUN ONNXRUNTIME_NODE_INSTALL=cuda12 node node_modules/onnxruntime-node/script/install \
  && test -f node_modules/onnxruntime-node/bin/napi-v6/linux/x64/libonnxruntime_providers_cuda.so
COPY . .
RUN npm run build
RUN npm prune --omit=dev

FROM nvidia/cuda:12.8.1-cudnn-runtime-ubuntu22.04
ENV NODE_ENV=production
COPY --from=build /usr/local/bin/node /usr/local/bin/node
WORKDIR /app
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY --from=build /app/proto ./proto
COPY --from=build /app/package.json ./package.json
RUN useradd --uid 1000 --create-home node && mkdir -p /var/lib/symface && chown node:node /var/lib/symface
ENV SYMFACE_DATA_DIR=/var/lib/symface SYMFACE_TRAINING_PROVIDER=cuda
USER node
VOLUME /var/lib/symface
HEALTHCHECK --interval=10s --timeout=5s --start-period=120s CMD ["node", "--eval", "fetch('http://127.0.0.1:50052/readyz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "dist/cli/main.js"]
CMD ["worker", "--queues", "training", "--http-port", "50052"]
