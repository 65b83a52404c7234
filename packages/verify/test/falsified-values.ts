// Every way to falsify a JSON value in one place: the walk that the falsified bundle and the lying service share.

export interface Lie<Value> {
  /** Where, as names and places joined by dots. */
  readonly field: string;
  readonly how: string;
  readonly value: Value;
}

/**
 * @param other another value of the same shape: its fields take the place of this one's.
 * @returns the value with one lie each, at every field of it.
 */
export function falsifiedValues(value: unknown, other?: unknown): readonly Lie<unknown>[] {
  if (Array.isArray(value)) return falsifiedList(value);
  if (typeof value !== "object" || value === null) return falsifiedLeaf(value, other);
  const fields = Object.entries(value);
  const others: Readonly<Record<string, unknown>> =
    typeof other === "object" && other !== null ? { ...other } : {};
  return [
    ...fields.flatMap(([name, one], index) => {
      const rest = Object.fromEntries(fields.toSpliced(index, 1));
      const inner = falsifiedValues(one, others[name]).map((lie) => ({
        field: lie.field === "" ? name : `${name}.${lie.field}`,
        how: lie.how,
        value: { ...value, [name]: lie.value },
      }));
      return [{ field: name, how: "left out", value: rest }, ...inner];
    }),
    { field: "", how: "with a field more", value: { ...value, more: 1 } },
  ];
}

function falsifiedList(list: readonly unknown[]): readonly Lie<unknown>[] {
  return [
    ...list.flatMap((one, index) => [
      { field: String(index), how: "left out", value: list.toSpliced(index, 1) },
      { field: String(index), how: "twice", value: list.toSpliced(index, 0, one) },
      ...falsifiedValues(one, list[index - 1] ?? list[index + 1]).map((lie) => ({
        field: lie.field === "" ? String(index) : `${index}.${lie.field}`,
        how: lie.how,
        value: list.with(index, lie.value),
      })),
    ]),
    { field: "", how: "with one more", value: [...list, "more"] },
  ];
}

function falsifiedLeaf(value: unknown, other: unknown): readonly Lie<unknown>[] {
  const values: readonly (readonly [string, unknown])[] = [
    ["null", null],
    ["another kind", typeof value === "string" ? 7 : "seven"],
    ["another value", anotherOf(value)],
    ["empty", typeof value === "string" ? "" : 0],
    ["another's", other],
  ];
  return values
    .filter(([, lie]) => lie !== undefined && lie !== value)
    .map(([how, lie]) => ({ field: "", how, value: lie }));
}

/** Of the same length and kind, so that only its meaning is wrong. */
function anotherOf(value: unknown): unknown {
  if (typeof value === "number") return value + 1;
  if (typeof value === "boolean") return !value;
  if (typeof value !== "string") return "other";
  return value.replace(/[0-9a-z](?=[^0-9a-z]*$)/i, (last) => (last === "1" ? "2" : "1"));
}
