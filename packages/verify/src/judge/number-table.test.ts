import { expect, test } from "vitest";
import { numberTable } from "./number-table.ts";

test("a table gives what was put last under each of many names, and nothing for others", () => {
  const table = numberTable();
  const names = Array.from({ length: 50_000 }, (_, index) => `name ${index}`);
  for (const [index, name] of names.entries()) table.put(name, index, 2 ** 53 - 1 - index);
  for (const name of names.filter((_, index) => index % 3 === 0)) table.put(name, 7, 8);
  for (const [index, name] of names.entries())
    expect(table.get(name)).toEqual(index % 3 === 0 ? [7, 8] : [index, 2 ** 53 - 1 - index]);
  for (const name of ["", "name", "name 50000", "name -1"]) expect(table.get(name)).toBeUndefined();
});
