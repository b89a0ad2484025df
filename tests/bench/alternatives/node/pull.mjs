// The reports of a meeting from Graph into a folder or a bucket, eight at a time, with Microsoft's Graph client and the AWS SDK.
// pull.mjs users/…/onlineMeetings/…/attendanceReports FOLDER|s3://BUCKET

import { mkdir, rename, writeFile } from "node:fs/promises";
import { Client } from "@microsoft/microsoft-graph-client";

const AT_A_TIME = 8;
const { AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET, LOGIN_URL, GRAPH_URL } = process.env;
const [, , path, to] = process.argv;

async function signIn() {
  const answer = await fetch(`${LOGIN_URL}/${AZURE_TENANT_ID}/oauth2/v2.0/token`, {
    method: "POST",
    body: new URLSearchParams({
      client_id: AZURE_CLIENT_ID,
      client_secret: AZURE_CLIENT_SECRET,
      scope: "https://graph.microsoft.com/.default",
      grant_type: "client_credentials",
    }),
  });
  return (await answer.json()).access_token;
}

let token;
const graph = Client.initWithMiddleware({
  baseUrl: GRAPH_URL,
  customHosts: new Set([new URL(GRAPH_URL).hostname]),
  authProvider: { getAccessToken: async () => (token ??= await signIn()) },
});

async function list() {
  const found = [];
  for (let link = path; link; ) {
    const page = await graph.api(link).version("v1.0").get();
    found.push(...page.value);
    link = page["@odata.nextLink"];
  }
  return found;
}

async function report(id) {
  const whole = await graph.api(`${path}/${id}`).version("v1.0").expand("attendanceRecords").get();
  let link = whole["attendanceRecords@odata.nextLink"];
  delete whole["attendanceRecords@odata.nextLink"];
  while (link) {
    const page = await graph.api(link).get();
    whole.attendanceRecords.push(...page.value);
    link = page["@odata.nextLink"];
  }
  return whole;
}

async function intoFolder() {
  await mkdir(to, { recursive: true });
  return async (name, body) => {
    await writeFile(`${to}/.${name}.tmp`, body);
    await rename(`${to}/.${name}.tmp`, `${to}/${name}`);
  };
}

async function intoBucket() {
  const { PutObjectCommand, S3Client } = await import("@aws-sdk/client-s3");
  const s3 = new S3Client({ forcePathStyle: true });
  const Bucket = to.slice("s3://".length);
  return (name, Body) => s3.send(new PutObjectCommand({ Bucket, Key: `reports/${name}`, Body }));
}

const write = await (to.startsWith("s3://") ? intoBucket() : intoFolder());
const waiting = await list();
async function work() {
  for (let entry; (entry = waiting.pop()); ) {
    await write(`${entry.id}.json`, JSON.stringify(await report(entry.id)));
  }
}
await Promise.all(Array.from({ length: AT_A_TIME }, work));
