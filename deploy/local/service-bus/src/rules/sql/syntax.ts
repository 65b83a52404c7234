// The syntax tree of filters and actions. `at` is the offset of the node's first character.
// https://learn.microsoft.com/azure/service-bus-messaging/service-bus-messaging-sql-filter
// https://learn.microsoft.com/azure/service-bus-messaging/service-bus-messaging-sql-rule-action

export interface Property {
  readonly kind: "property";
  readonly scope: "user" | "system";
  readonly name: string;
  readonly at: number;
}

export type ArithmeticOperator = "+" | "-" | "*" | "/" | "%";
export type ComparisonOperator = "=" | "<>" | ">" | ">=" | "<" | "<=";

/** Gives a value. */
export type Expression =
  | Property
  | { readonly kind: "string"; readonly value: string; readonly at: number }
  /** Within 64 bits, with its sign. */
  | { readonly kind: "integer"; readonly value: bigint; readonly at: number }
  | { readonly kind: "real"; readonly value: number; readonly at: number }
  | { readonly kind: "boolean"; readonly value: boolean; readonly at: number }
  | { readonly kind: "null"; readonly at: number }
  /** The name is written with its `@`. */
  | { readonly kind: "parameter"; readonly name: string; readonly at: number }
  | { readonly kind: "newid"; readonly at: number }
  /** `property(name)`: the application property whose name is computed. */
  | { readonly kind: "lookup"; readonly name: Expression; readonly at: number }
  | {
      readonly kind: "sign";
      readonly sign: "+" | "-";
      readonly operand: Expression;
      readonly at: number;
    }
  | {
      readonly kind: "arithmetic";
      readonly operator: ArithmeticOperator;
      readonly left: Expression;
      readonly right: Expression;
      readonly at: number;
    };

/** Is true, false or unknown. */
export type Condition =
  | {
      readonly kind: "and" | "or";
      readonly left: Condition;
      readonly right: Condition;
      readonly at: number;
    }
  | { readonly kind: "not"; readonly operand: Condition; readonly at: number }
  | {
      readonly kind: "comparison";
      readonly operator: ComparisonOperator;
      readonly left: Expression;
      readonly right: Expression;
      readonly at: number;
    }
  | {
      readonly kind: "isNull";
      readonly property: Property;
      readonly isNegated: boolean;
      readonly at: number;
    }
  | {
      readonly kind: "in";
      readonly left: Expression;
      readonly choices: readonly Expression[];
      readonly isNegated: boolean;
      readonly at: number;
    }
  | {
      readonly kind: "like";
      readonly left: Expression;
      readonly pattern: Expression;
      readonly escape: Expression | undefined;
      readonly isNegated: boolean;
      readonly at: number;
    }
  | { readonly kind: "exists"; readonly property: Property; readonly at: number };

export type Statement =
  | { readonly kind: "set"; readonly property: Property; readonly value: Expression }
  | { readonly kind: "remove"; readonly property: Property };

const conditionKinds: ReadonlySet<string> = new Set<Condition["kind"]>([
  "and",
  "or",
  "not",
  "comparison",
  "isNull",
  "in",
  "like",
  "exists",
]);

export function isCondition(node: Condition | Expression): node is Condition {
  return conditionKinds.has(node.kind);
}
