// SPDX-License-Identifier: Apache-2.0
// Set, get and delete a key through a coordinator: node example.js HOST:PORT PROTO_FOLDER
// Needs: npm install (here), and PROTO_FOLDER = the proto folder of QuorumCache.
"use strict";

const grpc = require("@grpc/grpc-js");
const loader = require("@grpc/proto-loader");
const path = require("path");

const [endpoint, protoFolder] = process.argv.slice(2);
const definition = loader.loadSync(path.join(protoFolder, "quorumcache/v1/cache.proto"), {
  includeDirs: [protoFolder],
  keepCase: true,
  longs: String,
  enums: String,
  defaults: true,
});
const { CacheService } = grpc.loadPackageDefinition(definition).quorumcache.v1;
const client = new CacheService(endpoint, grpc.credentials.createInsecure());

// One call as a promise, with a deadline of two seconds.
function call(method, request) {
  return new Promise((resolve, reject) => {
    client[method](request, { deadline: Date.now() + 2000 }, (error, reply) =>
      error ? reject(error) : resolve(reply)
    );
  });
}

async function main() {
  const key = Buffer.from("node");
  const set = await call("Set", { key, value: Buffer.from("hello"), ttl: { seconds: 60 } });
  console.log("set     etag", set.etag);

  const got = await call("Get", { key });
  console.log("get    ", got.found, got.value.toString(), "quorum", got.quorum.responded);

  await call("Delete", { key });
  console.log("deleted", (await call("Get", { key })).found);

  try {
    await call("Get", { key: Buffer.alloc(0) });
  } catch (error) {
    console.log("error  ", grpc.status[error.code], error.details);
  }
}

main()
  .catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  })
  .finally(() => client.close());
