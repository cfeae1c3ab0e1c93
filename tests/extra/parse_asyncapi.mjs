// Has the AsyncAPI project's own parser judge the exported document; prints what it says.
import { readFileSync } from "node:fs";
import { Parser } from "@asyncapi/parser";

const { document, diagnostics } = await new Parser().parse(readFileSync(process.argv[2], "utf8"));
const errors = diagnostics.filter((one) => one.severity === 0);
for (const one of errors.slice(0, 20)) console.log(one.code, one.path.join("."), one.message);
if (!document || errors.length) process.exit(1);
console.log(JSON.stringify({
  channels: document.channels().all().length,
  operations: document.operations().all().length,
  messages: document.allMessages().all().length,
  servers: document.servers().all().length,
  warnings: diagnostics.filter((one) => one.severity === 1).length,
}));
