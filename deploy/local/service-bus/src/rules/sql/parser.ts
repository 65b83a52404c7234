// The grammar of filters and actions. Parentheses may hold an expression or a condition, so that
// both are parsed by one set of rules; `nodes.ts` checks what stands where.

import { EmbeddedActionsParser, type IToken } from "chevrotain";
import {
  arithmetic,
  asCondition,
  asExpression,
  both,
  callOf,
  checkRange,
  comparisonOf,
  constantOf,
  type Node,
  propertyOf,
  withSign,
} from "./nodes.ts";
import { SqlError } from "./sql-error.ts";
import type { Condition, Expression, Property, Statement } from "./syntax.ts";
import * as t from "./tokens.ts";

/** Chevrotain asks for a class: one instance parses one text after the other. */
export class SqlParser extends EmbeddedActionsParser {
  constructor() {
    super([...t.tokens], { maxLookahead: 3, recoveryEnabled: false });
    this.performSelfAnalysis();
  }

  readonly filter = this.RULE("filter", (): Condition => {
    const node = this.SUBRULE(this.anyOf);
    return this.ACTION(() => asCondition(node));
  });

  readonly action = this.RULE("action", (): Statement[] => {
    const statements: Statement[] = [];
    this.AT_LEAST_ONE(() => {
      const statement = this.SUBRULE(this.statement);
      this.ACTION(() => statements.push(statement));
      this.OPTION1(() => this.CONSUME(t.Semicolon));
      this.OPTION2(() => this.CONSUME(t.Comma));
    });
    return statements;
  });

  private readonly statement = this.RULE(
    "statement",
    (): Statement =>
      this.OR([
        {
          ALT: (): Statement => {
            this.CONSUME(t.SetWord);
            const property = this.SUBRULE(this.property);
            this.CONSUME(t.Equal);
            const value = this.SUBRULE(this.sum);
            return this.ACTION(() => ({ kind: "set", property, value: asExpression(value) }));
          },
        },
        {
          ALT: (): Statement => {
            this.CONSUME(t.Remove);
            const property = this.SUBRULE1(this.property);
            return { kind: "remove", property };
          },
        },
      ]),
  );

  private readonly anyOf = this.RULE("anyOf", (): Node => {
    let left = this.SUBRULE1(this.allOf);
    this.MANY(() => {
      this.CONSUME(t.Or);
      const right = this.SUBRULE2(this.allOf);
      left = this.ACTION(() => both("or", left, right));
    });
    return left;
  });

  private readonly allOf = this.RULE("allOf", (): Node => {
    let left = this.SUBRULE1(this.negation);
    this.MANY(() => {
      this.CONSUME(t.And);
      const right = this.SUBRULE2(this.negation);
      left = this.ACTION(() => both("and", left, right));
    });
    return left;
  });

  private readonly negation = this.RULE("negation", (): Node => {
    const words: IToken[] = [];
    this.MANY(() => {
      const token = this.CONSUME(t.Not);
      this.ACTION(() => words.push(token));
    });
    const node = this.SUBRULE(this.predicate);
    return this.ACTION(() =>
      words.reduceRight<Node>(
        (operand, { startOffset }) => ({
          kind: "not",
          operand: asCondition(operand),
          at: startOffset,
        }),
        node,
      ),
    );
  });

  private readonly predicate = this.RULE("predicate", (): Node => {
    const left = this.SUBRULE(this.sum);
    let node: Node = left;
    this.OPTION1(() => {
      node = this.OR1([
        { ALT: () => this.SUBRULE(this.comparison, { ARGS: [left] }) },
        { ALT: () => this.SUBRULE(this.nullTest, { ARGS: [left] }) },
        {
          ALT: () => {
            const not = this.OPTION2(() => this.CONSUME(t.Not));
            return this.OR2([
              { ALT: () => this.SUBRULE(this.membership, { ARGS: [left, not !== undefined] }) },
              { ALT: () => this.SUBRULE(this.likeness, { ARGS: [left, not !== undefined] }) },
            ]);
          },
        },
      ]);
    });
    return node;
  });

  private readonly comparison = this.RULE("comparison", (left: Node): Node => {
    const operator = this.CONSUME(t.Comparison);
    const right = this.SUBRULE(this.sum);
    return this.ACTION(() => ({
      kind: "comparison",
      operator: comparisonOf(operator),
      left: asExpression(left),
      right: asExpression(right),
      at: left.at,
    }));
  });

  private readonly nullTest = this.RULE("nullTest", (left: Node): Node => {
    this.CONSUME(t.Is);
    const not = this.OPTION(() => this.CONSUME(t.Not));
    this.CONSUME(t.Null);
    return this.ACTION(() => {
      if (left.kind !== "property") {
        throw new SqlError("IS NULL asks about a property", left.at);
      }
      return { kind: "isNull", property: left, isNegated: not !== undefined, at: left.at };
    });
  });

  private readonly membership = this.RULE("membership", (left: Node, isNegated: boolean): Node => {
    this.CONSUME(t.In);
    this.CONSUME(t.Open);
    const choices: Node[] = [];
    this.AT_LEAST_ONE_SEP({
      SEP: t.Comma,
      DEF: () => {
        const choice = this.SUBRULE(this.sum);
        this.ACTION(() => choices.push(choice));
      },
    });
    this.CONSUME(t.Close);
    return this.ACTION(() => ({
      kind: "in",
      left: asExpression(left),
      choices: choices.map(asExpression),
      isNegated,
      at: left.at,
    }));
  });

  private readonly likeness = this.RULE("likeness", (left: Node, isNegated: boolean): Node => {
    this.CONSUME(t.Like);
    const pattern = this.SUBRULE1(this.sum);
    const escaping = this.OPTION(() => {
      this.CONSUME(t.Escape);
      return this.SUBRULE2(this.sum);
    });
    return this.ACTION(() => ({
      kind: "like",
      left: asExpression(left),
      pattern: asExpression(pattern),
      escape: escaping === undefined ? undefined : asExpression(escaping),
      isNegated,
      at: left.at,
    }));
  });

  private readonly sum = this.RULE("sum", (): Node => {
    let left = this.SUBRULE1(this.product);
    this.MANY(() => {
      const operator = this.OR([
        { ALT: () => this.CONSUME(t.Plus) },
        { ALT: () => this.CONSUME(t.Minus) },
      ]);
      const right = this.SUBRULE2(this.product);
      left = this.ACTION(() => arithmetic(operator, left, right));
    });
    return left;
  });

  private readonly product = this.RULE("product", (): Node => {
    let left = this.SUBRULE1(this.signed);
    this.MANY(() => {
      const operator = this.OR([
        { ALT: () => this.CONSUME(t.Times) },
        { ALT: () => this.CONSUME(t.Divide) },
        { ALT: () => this.CONSUME(t.Modulo) },
      ]);
      const right = this.SUBRULE2(this.signed);
      left = this.ACTION(() => arithmetic(operator, left, right));
    });
    return left;
  });

  private readonly signed = this.RULE("signed", (): Node => {
    const signs: IToken[] = [];
    this.MANY(() => {
      const token = this.OR([
        { ALT: () => this.CONSUME(t.Plus) },
        { ALT: () => this.CONSUME(t.Minus) },
      ]);
      this.ACTION(() => signs.push(token));
    });
    const node = this.SUBRULE(this.primary);
    return this.ACTION(() => checkRange(signs.reduceRight<Node>(withSign, node)));
  });

  private readonly primary = this.RULE(
    "primary",
    (): Node =>
      this.OR([
        { ALT: () => this.SUBRULE(this.constant) },
        { ALT: () => this.SUBRULE(this.existence) },
        { ALT: () => this.SUBRULE(this.call) },
        { ALT: () => this.SUBRULE(this.property) },
        {
          ALT: () => {
            this.CONSUME(t.Open);
            const node = this.SUBRULE(this.anyOf);
            this.CONSUME(t.Close);
            return node;
          },
        },
      ]),
  );

  private readonly constant = this.RULE("constant", (): Expression => {
    const token = this.OR([
      { ALT: () => this.CONSUME(t.Text) },
      { ALT: () => this.CONSUME(t.Integer) },
      { ALT: () => this.CONSUME(t.Real) },
      { ALT: () => this.CONSUME(t.True) },
      { ALT: () => this.CONSUME(t.False) },
      { ALT: () => this.CONSUME(t.Null) },
      { ALT: () => this.CONSUME(t.Parameter) },
    ]);
    return this.ACTION(() => constantOf(token));
  });

  private readonly existence = this.RULE("existence", (): Condition => {
    const { startOffset: at } = this.CONSUME(t.Exists);
    this.CONSUME(t.Open);
    const property = this.SUBRULE(this.property);
    this.CONSUME(t.Close);
    return { kind: "exists", property, at };
  });

  private readonly call = this.RULE("call", (): Expression => {
    const name = this.CONSUME(t.Identifier);
    this.CONSUME(t.Open);
    const argument = this.OPTION(() => this.SUBRULE(this.sum));
    this.CONSUME(t.Close);
    return this.ACTION(() => callOf(name, argument));
  });

  private readonly property = this.RULE("property", (): Property => {
    const first = this.SUBRULE1(this.name);
    const second = this.OPTION(() => {
      this.CONSUME(t.Dot);
      return this.SUBRULE2(this.name);
    });
    return this.ACTION(() => propertyOf(first, second));
  });

  private readonly name = this.RULE(
    "name",
    (): IToken =>
      this.OR([
        { ALT: () => this.CONSUME(t.Identifier) },
        { ALT: () => this.CONSUME(t.Delimited) },
        { ALT: () => this.CONSUME(t.Quoted) },
      ]),
  );
}
