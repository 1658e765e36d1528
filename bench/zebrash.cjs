// ZPL in, a PNG out, one JSON object a line: zebrash, which knows nothing of ours, through its build for Node.
"use strict";

const { createInterface } = require("node:readline");
const { ready } = require(`${process.argv[2]}/node_modules/zpl-renderer-js`);

(async () => {
  const { api } = await ready;
  for await (const line of createInterface({ input: process.stdin })) {
    const { zpl, width, height, dpmm } = JSON.parse(line);
    console.log(JSON.stringify({ png: await api.zplToBase64Async(zpl, width / dpmm, height / dpmm, dpmm) }));
  }
  process.exit(0);
})();
