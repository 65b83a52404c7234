// What stands before every emulated service: a limit on the body, a check that the request was
// meant for this machine, and the faults that a test asked for.

import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { Faults } from "./faults.ts";

const bodyBytesMax = 2 * 1024 * 1024;

/**
 * An empty application with the common checks. `area` stands before the path in what faults
 * match; it tells the vaults apart, which all answer at the root of a host.
 */
export function front(faults: Faults, area = ""): Hono {
  const app = new Hono();
  app.use(async (c, next) => {
    await next();
    c.header("Server", "niivo-tenant-emulator");
  });
  app.onError((error, c) => {
    console.error(`tenant: ${c.req.method} ${area}${c.req.path}: ${error.stack ?? error.message}`);
    return c.json({ error: { code: "EmulatorBug", message: "the emulator failed" } }, 500);
  });
  app.use(async (c, next) => {
    // A web page whose name was made to point to this machine carries its own name as host.
    if (!/^(localhost|127\.0\.0\.1)(:\d+)?$/.test(c.req.header("host") ?? "")) {
      return c.text("this emulator answers to localhost only", 421);
    }
    return await next();
  });
  app.use(async (c, next) => {
    // A page of another origin, open in somebody's browser on this machine, may read and do nothing here.
    const site = c.req.header("sec-fetch-site") ?? "none";
    const isRead = c.req.method === "GET" || c.req.method === "HEAD";
    if (!isRead && site !== "same-origin" && site !== "none") {
      return c.text("this emulator takes nothing from another page", 403);
    }
    return await next();
  });
  app.use(bodyLimit({ maxSize: bodyBytesMax }));
  app.use(async (c, next) => {
    const isControl = area === "" && c.req.path.startsWith("/emulator/");
    const fault = isControl ? undefined : await faults.take(`${c.req.method} ${area}${c.req.path}`);
    if (fault === undefined) return await next();
    if (fault.status === undefined) {
      await next();
      for (const [name, value] of Object.entries(fault.headers)) c.header(name, value);
      return;
    }
    if (fault.after) await next();
    const headers: Record<string, string> = { ...fault.headers, "x-emulator-fault": "1" };
    if (fault.retryAfter !== undefined) headers["Retry-After"] = String(fault.retryAfter);
    const error = { code: "EmulatedFault", message: "A test asked for this failure." };
    const body = fault.body ?? JSON.stringify({ error });
    c.res = undefined;
    c.res = new Response(body, {
      status: fault.status,
      headers: { "content-type": "application/json", ...headers },
    });
    return;
  });
  return app;
}
