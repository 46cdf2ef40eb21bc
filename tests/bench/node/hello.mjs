// The least function.

import { serve } from "./runtime.mjs";

await serve(async () => ({ statusCode: 200, body: "hello" }));
