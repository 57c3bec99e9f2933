# One image for every service; which one runs is the command: node apps/scheduling/dist/main.js. Not root, nothing to write but mounted volumes.
FROM node:26-slim AS build
WORKDIR /avtala
COPY . .
RUN npm ci --ignore-scripts && node tools/build.mjs \
  && find apps libs -name '*.spec.*' -delete && rm -rf apps/*/src libs/*/src bench e2e

# Without development tools, and without what npm brings for a newcomer's machine: a Node of its own and an embedded PostgreSQL.
FROM node:26-slim AS modules
WORKDIR /avtala
COPY . .
RUN npm ci --omit=dev --omit=optional --ignore-scripts

FROM node:26-slim
ENV NODE_ENV=production HOST=0.0.0.0 AVTALA_SECRETS_DIR=/var/lib/avtala/secrets AVTALA_UPLOADS_DIR=/var/lib/avtala/uploads
RUN mkdir -p /var/lib/avtala/secrets/keys /var/lib/avtala/uploads && chown -R node:node /var/lib/avtala && chmod 700 /var/lib/avtala/secrets
WORKDIR /avtala
COPY --from=modules /avtala/package.json ./
COPY --from=modules /avtala/node_modules ./node_modules
COPY --from=build /avtala/libs ./libs
COPY --from=build /avtala/apps ./apps
USER node
EXPOSE 7070
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:7070/health/ready').then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "apps/agency/dist/main.js"]
