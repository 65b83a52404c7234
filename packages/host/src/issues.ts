// Where a value does not match its schema, in one line that may be published or logged.

import type { z } from "zod";

const issuesMax = 5;
const pathMax = 100;

/** Paths and zod's issue codes, without a value and without the names of unknown members. */
export const whereOf = (error: z.ZodError): string =>
  error.issues
    .slice(0, issuesMax)
    .map(({ path, code }) => `${`/${path.map(String).join("/")}`.slice(0, pathMax)}: ${code}`)
    .join("; ");
