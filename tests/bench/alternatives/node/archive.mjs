// Reports from Graph into S3, with Microsoft's Graph client and the AWS SDK, as in their examples.

import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { Client } from "@microsoft/microsoft-graph-client";

const { AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET, LOGIN_URL, GRAPH_URL, ARCHIVE_BUCKET } = process.env;

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
const s3 = new S3Client({ forcePathStyle: true });

async function report(path) {
  const whole = await graph.api(path).version("v1.0").expand("attendanceRecords").get();
  let link = whole["attendanceRecords@odata.nextLink"];
  delete whole["attendanceRecords@odata.nextLink"];
  while (link) {
    const page = await graph.api(link).get();
    whole.attendanceRecords.push(...page.value);
    link = page["@odata.nextLink"];
  }
  return whole;
}

async function handler({ jobs }) {
  for (const { path, key } of jobs) {
    const Body = JSON.stringify(await report(path));
    await s3.send(new PutObjectCommand({ Bucket: ARCHIVE_BUCKET, Key: key, Body, ContentType: "application/json" }));
  }
  return {};
}

// A minimal Lambda runtime: events in, responses out.
const api = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation`;
for (;;) {
  const event = await fetch(`${api}/next`);
  const answer = await handler(await event.json());
  const requestId = event.headers.get("lambda-runtime-aws-request-id");
  await (await fetch(`${api}/${requestId}/response`, { method: "POST", body: JSON.stringify(answer) })).text();
}
