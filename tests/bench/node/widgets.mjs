// The widget API in Node: one write with the AWS SDK, bundled as is the custom.

import { randomUUID } from "node:crypto";
import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { serve } from "./runtime.mjs";

const dynamodb = new DynamoDBClient({});

await serve(async (event) => {
  const { name, color } = JSON.parse(event.body);
  const id = randomUUID().replaceAll("-", "");
  const widget = { id, name, color, createdAt: new Date().toISOString() };
  await dynamodb.send(
    new PutItemCommand({
      TableName: process.env.WIDGETS_TABLE,
      Item: Object.fromEntries(Object.entries(widget).map(([key, S]) => [key, { S }])),
      ConditionExpression: "attribute_not_exists(id)",
    }),
  );
  const headers = { "content-type": "application/json", location: `/widgets/${id}` };
  return { statusCode: 201, headers, body: JSON.stringify(widget) };
});
