# A small start: one image for every service, chosen by AVTALA_SERVICES. Not root at run time.
FROM node:26-slim AS build
WORKDIR /avtala
COPY . .
RUN npm ci --omit=dev && node tools/build.mjs

FROM node:26-slim
WORKDIR /avtala
ENV NODE_ENV=production AVTALA_SANDBOX=off HOST=0.0.0.0
COPY --from=build --chown=node:node /avtala /avtala
USER node
EXPOSE 7070
CMD ["node", "apps/all-in-one/dist/start.js"]
