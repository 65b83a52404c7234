// All attacks on the small log.

import { contentAttacks } from "./attack-content.ts";
import type { Attack } from "./attack-log.ts";
import { orderAttacks } from "./attack-order.ts";

export const attacks: readonly Attack[] = [...contentAttacks, ...orderAttacks];
