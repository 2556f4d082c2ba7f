# A worker that trains eagerly with TensorFlow on NVIDIA GPUs (CUDA 11.8, cuDNN 8). Build from the project folder:
#   docker build --file docker/tensorflow.Dockerfile --tag symface-worker-tensorflow .
# Not built by the project's own checks, which have no Docker engine: docs/workers.md.
# Node 20: @tensorflow/tfjs-node-gpu 4.22 calls functions that later versions of Node have removed.
FROM node:20-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
RUN npm run build
RUN npm prune --omit=dev
# It fetches libtensorflow from outside npm, and compiles its binding where no prebuilt one is offered.
RUN apt-get update \
  && apt-get install --yes --no-install-recommends ca-certificates g++ make python3 \
  && rm -rf /var/lib/apt/lists/*
RUN ONNXRUNTIME_NODE_INSTALL=skip npm install --no-save --omit=dev --ignore-scripts=false @tensorflow/tfjs-node-gpu@4.22.0

FROM nvidia/cuda:11.8.0-cudnn8-runtime-ubuntu22.04
ENV NODE_ENV=production
COPY --from=build /usr/local/bin/node /usr/local/bin/node
WORKDIR /app
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY --from=build /app/proto ./proto
COPY --from=build /app/package.json ./package.json
RUN useradd --uid 1000 --create-home node && mkdir -p /var/lib/symface && chown node:node /var/lib/symface
ENV SYMFACE_DATA_DIR=/var/lib/symface SYMFACE_TRAINING_PROVIDER=tensorflow
USER node
VOLUME /var/lib/symface
HEALTHCHECK --interval=10s --timeout=5s --start-period=120s CMD ["node", "--eval", "fetch('http://127.0.0.1:50052/readyz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "dist/cli/main.js"]
CMD ["worker", "--queues", "training", "--http-port", "50052"]
